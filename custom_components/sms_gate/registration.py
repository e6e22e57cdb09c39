"""One webhook per event at the gateway, with ids of this entry."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval

from .address import find_base_url, webhook_url
from .client import GatewayClient
from .const import DOMAIN
from .data import Account
from .errors import GatewayError, GatewayRejectedError
from .events import EventKind
from .models import Webhook

_LOGGER = logging.getLogger(__name__)

CHECK_INTERVAL: Final = timedelta(minutes=50)


def id_prefix(entry_id: str) -> str:
    """Return what all webhook ids of one entry start with.

    Ids may have 36 characters, and two Home Assistants at one account must not
    overwrite each other.
    """
    return f"ha{sha256(entry_id.encode()).hexdigest()[:10]}-"


def issue_id(entry: ConfigEntry) -> str:
    """Return the id of the repair issue about receiving."""
    return f"no_way_in_{entry.entry_id}"


class Registration:
    """Keeps the gateway's list of our webhooks right; others' are never touched."""

    def __init__(self, account: Account) -> None:
        """Prepare; nothing is asked yet."""
        self._hass = account.hass
        self._entry = account.entry
        self._client = account.client
        self._lock = asyncio.Lock()
        self._failing = False
        self.active = False

    async def async_start(self) -> None:
        """Register now, and again when the address changes or someone deletes ours.

        Raises:
            GatewayError: the gateway could not be asked.
        """
        await self.async_ensure()
        self._entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._async_check)
        )
        self._entry.async_on_unload(
            async_track_time_interval(
                self._hass, self._async_check, CHECK_INTERVAL, cancel_on_shutdown=True
            )
        )

    @callback
    def _async_check(self, _trigger: Event | datetime) -> None:
        """Check in the background; a failure is told once and tried again later."""
        self._entry.async_create_background_task(
            self._hass, self._async_check_quietly(), "sms_gate check webhooks"
        )

    async def _async_check_quietly(self) -> None:
        try:
            await self.async_ensure()
        except GatewayError as err:
            if not self._failing:
                _LOGGER.warning(
                    "Webhooks of %s could not be checked, will try again: %s",
                    self._entry.title,
                    err,
                )
            self._failing = True
        else:
            self._failing = False

    async def async_ensure(self) -> None:
        """Make the gateway's list right, or tell the user why it cannot be.

        Raises:
            GatewayError: the gateway could not be asked.
        """
        if (base_url := find_base_url(self._hass, self._entry)) is None:
            self._async_tell("no_https_address")
            return
        url = webhook_url(base_url, self._entry.data[CONF_WEBHOOK_ID])
        async with self._lock:
            refused = await self._async_reconcile(url)
        if EventKind.SMS_RECEIVED in refused:
            self._async_tell("webhook_refused")
            return
        self.active = True
        ir.async_delete_issue(self._hass, DOMAIN, issue_id(self._entry))

    async def _async_reconcile(self, url: str) -> frozenset[str]:
        """Add what is missing or wrong, delete what of ours is not wanted.

        Returns the events the gateway refused: an older one does not know them all.
        """
        wanted = {webhook.id: webhook for webhook in _wanted(self._entry.entry_id, url)}
        present = await async_ours(self._client, self._entry.entry_id)
        wrong = [item for key, item in wanted.items() if present.get(key) != item]
        surplus = [key for key in present if key not in wanted]
        answers = await asyncio.gather(
            *map(self._async_register, wrong),
            *map(self._client.delete_webhook, surplus),
        )
        return frozenset(filter(None, answers))

    async def _async_register(self, webhook: Webhook) -> str | None:
        """Register one webhook; return its event where the gateway refuses it."""
        try:
            await self._client.register_webhook(webhook)
        except GatewayRejectedError:
            return webhook.event
        return None

    @callback
    def _async_tell(self, reason: str) -> None:
        """Raise the repair issue that says what to do."""
        self.active = False
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id(self._entry),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=reason,
            translation_placeholders={"account": self._entry.title},
        )


def _wanted(entry_id: str, url: str) -> Iterable[Webhook]:
    """Return the registrations an entry needs."""
    prefix = id_prefix(entry_id)
    for kind in EventKind:
        yield Webhook(id=prefix + kind.key.replace("_", "-"), url=url, event=kind.value)


async def async_ours(client: GatewayClient, entry_id: str) -> dict[str, Webhook]:
    """Return the registrations of an entry by their ids."""
    prefix = id_prefix(entry_id)
    return {
        webhook.id: webhook
        for webhook in await client.webhooks()
        if webhook.id.startswith(prefix)
    }


async def async_unregister(client: GatewayClient, entry_id: str) -> None:
    """Remove all registrations of an entry from the gateway.

    Raises:
        GatewayError: some may be left.
    """
    ours = await async_ours(client, entry_id)
    await asyncio.gather(*map(client.delete_webhook, ours))
