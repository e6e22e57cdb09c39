"""Whether a server has an inbox: that is probed, whatever its version."""

from http import HTTPStatus
from typing import Final

from homeassistant.core import callback

from ..account.context import Account
from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..const import CONF_ENCRYPTION_PASSPHRASE, CONF_MODE, Mode
from ..gateway.encryption import DecryptionError
from ..gateway.errors import GatewayError, GatewayRejectedError, GatewayServerError

# What may say that there is none
NO_INBOX: Final = (GatewayRejectedError, GatewayServerError)
_NO_INBOX_STATUS: Final = (
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.NOT_IMPLEMENTED,
)


@callback
def async_probe(account: Account) -> None:
    """Probe in the background, once in each run of Home Assistant and passphrase.

    An inbox that cannot be decrypted is of no use. The account loads again when another
    answer than the last one was found.
    """
    probe = (account.entry.options.get(CONF_ENCRYPTION_PASSPHRASE),)
    is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
    if not is_local and account.last_known.inbox_probe != probe:
        account.entry.async_create_background_task(
            account.hass, _async_probe(account, probe), "sms_gate probe inbox"
        )


async def _async_probe(account: Account, probe: tuple[str | None]) -> None:
    try:
        messages, _total = await account.client.inbox(limit=1)
        for message in messages:
            await account.cipher.async_decrypt_inbox(message)
    except DecryptionError:
        async_create_issue(account.hass, account.entry, IssueKind.INBOX_ENCRYPTED)
        _note(account, has_inbox=False)
    except NO_INBOX as err:
        if not async_note_missing(account, err):
            return
    except GatewayError:
        return
    else:
        async_delete_issue(account.hass, account.entry, IssueKind.INBOX_ENCRYPTED)
        _note(account, has_inbox=True)
    account.last_known.inbox_probe = probe


@callback
def async_note_missing(
    account: Account, err: GatewayRejectedError | GatewayServerError
) -> bool:
    """Return True if the error means that the server has no inbox, and note that."""
    is_missing = err.status in _NO_INBOX_STATUS
    if is_missing:
        _note(account, has_inbox=False)
    return is_missing


def _note(account: Account, *, has_inbox: bool) -> None:
    if account.last_known.has_inbox is not has_inbox:
        account.last_known.has_inbox = has_inbox
        account.last_known.async_save()
        account.hass.config_entries.async_schedule_reload(account.entry.entry_id)
