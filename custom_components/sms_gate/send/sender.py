"""Sends the messages of one account, each of them once."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import batched
from typing import Final
from uuid import uuid4

from homeassistant.const import CONF_MODE
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr

from ..account.context import Account
from ..account.exceptions import failure, from_gateway, mistake
from ..account.issues import IssueKind, async_create_issue, async_delete_issue
from ..account.login_check import async_check_login
from ..const import (
    CONF_DEFAULT_SIM,
    CONF_ENCRYPTION_PASSPHRASE,
    DOMAIN,
    MAX_RECIPIENTS,
    Mode,
    ReceiveMode,
)
from ..gateway.errors import (
    GatewayAuthError,
    GatewayConflictError,
    GatewayConnectionError,
    GatewayError,
    GatewayNotFoundError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayUnreachableError,
)
from ..gateway.events import release_of
from ..gateway.models import MAX_STORED_BYTES, Message, OutgoingMessage
from ..gateway.submit import is_same, submit
from ..receive import mode
from .daily_limit import EXPEDITED_PRIORITY, digests
from .draft import Draft, outgoing
from .labels import label
from .outbox import Outbox, fingerprint
from .parts_limit import parts_of
from .recipients import Refused, Target, Wanted, async_resolve

# When the gateway is asked for a state where webhooks report, and where they do not
PUSHED_PAUSE: Final = 60.0
POLLED_PAUSE: Final = 3.0
# capcom6/android-sms-gateway 1.74.0
MMS_SINCE: Final = (1, 74)
_LIMITS: Final = {
    IssueKind.DAILY_LIMIT: "daily_limit",
    IssueKind.PARTS_LIMIT: "parts_limit",
}


# A recipient, and the SIM to send with
type Addressed = tuple[Target, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One message, by whom it is sent, and to whom.

    ``counted`` are the numbers, and ``parts`` the SMS of each, that count as sent.
    """

    sender: Sender
    message: OutgoingMessage
    targets: tuple[Target, ...]
    counted: tuple[str, ...] = field(default=(), repr=False)
    parts: int = 0

    def count(self, times: int = 1) -> None:
        """Count it as sent, or, below zero, as not sent after all."""
        limits = self.sender.outbox.limits
        limits.daily.count(digests(self.counted), times)
        parts = self.parts * len(self.targets)
        limits.parts.add(self.message.sim_number, times * parts)


class Sender:
    """Sends by one account, and raises exactly what is known of how that ended."""

    def __init__(
        self, account: Account, outbox: Outbox, is_pushed: Callable[[], bool]
    ) -> None:
        """Connect an account; ``is_pushed`` returns True if webhooks report."""
        self.account = account
        self.outbox = outbox
        self._is_pushed = is_pushed
        self._last_phone: str | None = None

    def check(self, draft: Draft) -> None:
        """Check what depends on the account.

        Raises:
            ServiceValidationError: it cannot send this draft.
        """
        account, entry = self.account, self.account.entry
        is_encrypted = bool(entry.options.get(CONF_ENCRYPTION_PASSPHRASE))
        if draft.wants_answer and (
            mode.resolve(account.hass, entry, has_inbox=account.has_inbox)
            is ReceiveMode.OFF
        ):
            raise mistake("receives_no_answer")
        if draft.subject is not None or draft.attachments:
            self._check_takes_mms(draft)
        if draft.data and is_encrypted and entry.data[CONF_MODE] != Mode.LOCAL:
            raise mistake("encrypted_data")
        self.phone(draft.device_id)

    def _check_takes_mms(self, draft: Draft) -> None:
        """Refuse an MMS by an app that is known to be too old."""
        phones = self.account.phones
        phone = self.phone(draft.device_id) or phones.choose()
        version = release_of(phones[phone].version) if phone else ()
        if version and version < MMS_SINCE:
            raise mistake("mms_needs_newer_app")

    @callback
    def phone(self, device_id: str | None) -> str | None:
        """Return the gateway's id of a phone of this account."""
        if device_id is None:
            return None
        hass, phones = self.account.hass, self.account.phones
        device = dr.async_get(hass).async_get(device_id)
        for domain, identifier in device.identifiers if device else ():
            if domain == DOMAIN and identifier in phones:
                return identifier
        raise mistake("unknown_phone", field=label(hass, "device_id"))

    async def async_resolve(
        self, draft: Draft, recipients: Iterable[Wanted]
    ) -> tuple[list[Target], list[Refused]]:
        """Return the numbers to send to, and who has none."""
        return await async_resolve(
            self.account.hass,
            self.account.contacts,
            recipients,
            validate=draft.validate_numbers,
        )

    @callback
    def pack(
        self, draft: Draft, targets: Iterable[Target]
    ) -> tuple[list[Parcel], list[Refused]]:
        """Return the messages to submit, and who got too many today.

        A server checks all numbers of a message or none, and a message has one SIM, so
        short codes and contacts with a SIM of their own go in messages of their own.
        """
        is_urgent = (draft.priority or 0) >= EXPEDITED_PRIORITY
        is_new = not (draft.message_id and self.outbox.used(draft.message_id))
        refused: list[Refused] = []
        addressed = [(target, self._sim_for(draft, target)) for target in targets]
        if is_new:
            addressed, refused = self._reserve(draft, addressed, is_urgent=is_urgent)
        is_counted = is_new and not is_urgent
        groups: dict[tuple[bool, int | None], list[Target]] = {}
        for target, sim in addressed:
            groups.setdefault((target.number.plain, sim), []).append(target)
        message = outgoing(draft, self.phone(draft.device_id))
        parcels = [
            Parcel(
                sender=self,
                message=replace(
                    message,
                    id=message.id or str(uuid4()),
                    phone_numbers=tuple(item.number.value for item in some),
                    sim_number=sim_number,
                    skip_phone_validation=not plain,
                ),
                targets=some,
                counted=tuple(item.counted_as for item in some) if is_counted else (),
                parts=parts_of(draft) if is_new else 0,
            )
            for (plain, sim_number), all_of_group in groups.items()
            for some in batched(all_of_group, MAX_RECIPIENTS, strict=False)
        ]
        return parcels, refused

    def _reserve(
        self, draft: Draft, addressed: list[Addressed], *, is_urgent: bool
    ) -> tuple[list[Addressed], list[Refused]]:
        """Count a message to each number; create an issue where that is too much."""
        limits, account = self.outbox.limits, self.account
        counted = [(target.counted_as, sim) for target, sim in addressed]
        exceeded = limits.reserve(counted, parts_of(draft), is_urgent=is_urgent)
        allowed, refused = [], []
        for item, exceeds in zip(addressed, exceeded, strict=True):
            if exceeds is None:
                allowed.append(item)
            else:
                error = failure(_LIMITS[exceeds])
                refused.append(Refused(wanted=item[0].wanted, error=error))
        for kind, limit in (
            (IssueKind.DAILY_LIMIT, limits.daily),
            (IssueKind.PARTS_LIMIT, limits.parts),
        ):
            if kind in exceeded:
                async_create_issue(account.hass, account.entry, kind)
            elif not limit.holds_back:
                async_delete_issue(account.hass, account.entry, kind)
        return allowed, refused

    def _sim_for(self, draft: Draft, target: Target) -> int | None:
        """Return the SIM to send with: the action's, the contact's, or the account's."""
        if draft.sim_number is not None:
            return draft.sim_number
        contact = target.wanted.contact or self.account.contacts.find(
            target.number.value
        )
        if contact is not None and contact.sim_number is not None:
            return contact.sim_number
        default: int | None = self.account.entry.options.get(CONF_DEFAULT_SIM)
        return default

    async def async_submit(self, parcel: Parcel, *, is_own_id: bool) -> Message:
        """Submit a message once, and follow it from then on.

        Raises:
            HomeAssistantError: it was not accepted, or, under its own key and with the
                message's id, it is unknown whether it was.
        """
        try:
            message, is_first = await self._async_address(parcel.message)
            if is_own_id and (known := await self._async_find(message, is_first)):
                known = await self.account.cipher.async_decrypt_message(known)
                if not is_same(known, message):
                    raise self._id_used()
                return await self._async_accept(message, known, is_own_id)
            sealed = await self._async_seal(message)
        except GatewayError as err:
            parcel.count(-1)
            raise self._failure(err) from err
        except HomeAssistantError:
            parcel.count(-1)
            raise
        pause = PUSHED_PAUSE if self._is_pushed() else POLLED_PAUSE
        self.outbox.async_track(message, pause, parcel.parts, parcel.counted)
        if is_own_id:
            self.outbox.async_use(message)
        is_free = is_first and parcel.message.device_id is None
        try:
            answer = await self._async_submit(message, sealed, is_free, is_own_id)
        except GatewayError as err:
            if _is_unknown(err, is_first):
                self._failure(err)
                raise failure("outcome_unknown", message_id=message.id) from err
            error = self._refusal(err, message, is_own_id)
            if is_first:
                self.outbox.async_forget(message.id, str(error))
                parcel.count(-1)
            raise error from err
        return await self._async_accept(message, answer, is_own_id)

    def _refusal(
        self, err: GatewayError, message: OutgoingMessage, is_own_id: bool
    ) -> HomeAssistantError:
        if message.is_mms and isinstance(err, GatewayRejectedError):
            return failure("mms_not_accepted")
        if is_own_id and isinstance(err, GatewayConflictError):
            return self._id_used()
        return self._failure(err)

    async def _async_address(
        self, message: OutgoingMessage
    ) -> tuple[OutgoingMessage, bool]:
        """Return a message with its phone, and True if its id was not used before.

        Ids are known per phone, not per account, and a server draws a phone for every
        request that names none: a repeated request could send twice.

        Raises:
            ServiceValidationError: the id was used for something else.
        """
        tracked, used = self.outbox.get(message.id), self.outbox.used(message.id)
        if tracked is None and used is None:
            phone = message.device_id or await self._async_choose()
            return replace(message, device_id=phone), True
        phone = (used.device_id if used else "") or (
            tracked.message.device_id if tracked else ""
        )
        is_other = (used is not None and used.fingerprint != fingerprint(message)) or (
            tracked is not None and not is_same(tracked.message, message)
        )
        if is_other or (phone and message.device_id not in (None, phone)):
            raise self._id_used()
        if not phone:
            phone = message.device_id or await self._async_choose() or ""
        return replace(message, device_id=phone or None), False

    def _id_used(self) -> HomeAssistantError:
        name = label(self.account.hass, "message_id")
        return mistake("message_id_used", field=name)

    async def _async_choose(self) -> str | None:
        """Return the phone to send with; one empty list does not forget all phones."""
        phones = self.account.phones
        if (chosen := phones.choose()) is None:
            with suppress(GatewayError):
                phones.async_handle_list(await self.account.client.devices())
            chosen = phones.choose()
        self._last_phone = chosen or self._last_phone
        return self._last_phone

    async def _async_find(
        self, message: OutgoingMessage, is_first: bool
    ) -> Message | None:
        """Return a message of this id, where another phone may have sent it already.

        Raises:
            GatewayError: the gateway cannot be asked.
            HomeAssistantError: it was accepted once and is not known any more.
        """
        used = self.outbox.used(message.id)
        is_accepted = used is not None and used.is_accepted
        has_one_phone = len(self.account.phones.present) == 1 and message.device_id
        if not is_accepted and (has_one_phone or (not is_first and message.device_id)):
            return None
        try:
            return await self.account.client.message(message.id)
        except GatewayNotFoundError as err:
            if not is_accepted:
                return None
            if (tracked := self.outbox.get(message.id)) and tracked.is_over:
                return tracked.message
            raise failure("outcome_unknown", message_id=message.id) from err

    async def _async_seal(self, message: OutgoingMessage) -> OutgoingMessage:
        """Return a message as it is submitted.

        Raises:
            ServiceValidationError: it is larger than what a server stores.
        """
        sealed = await self.account.cipher.async_encrypt(message)
        is_local = self.account.entry.data[CONF_MODE] == Mode.LOCAL
        if not is_local and sealed.stored_bytes > MAX_STORED_BYTES:
            raise mistake(
                "message_too_large", field=label(self.account.hass, "message")
            )
        return sealed

    async def _async_submit(
        self,
        message: OutgoingMessage,
        sealed: OutgoingMessage,
        is_free: bool,
        is_own_id: bool,
    ) -> Message:
        """Submit to the message's phone, to another one if that was removed."""
        account = self.account
        if sealed.device_id is None:
            # Without a phone a second request may go to another one
            return await account.client.send(sealed)
        try:
            return await submit(account.client, sealed)
        except GatewayRejectedError as err:
            if not is_free or await self._async_is_there(sealed.device_id):
                raise
            if (another := account.phones.choose()) is None:
                raise err from None
        if is_own_id:
            self.outbox.async_use(replace(message, device_id=another))
        return await submit(account.client, replace(sealed, device_id=another))

    async def _async_is_there(self, gateway_device_id: str) -> bool:
        """Return True unless the account says that it has no such phone."""
        phones = self.account.phones
        try:
            phones.async_handle_list(await self.account.client.devices())
        except GatewayError:
            return True
        return gateway_device_id in phones.present

    async def _async_accept(
        self, message: OutgoingMessage, answer: Message, is_own_id: bool
    ) -> Message:
        """Record what the gateway accepted, if it is what was submitted."""
        answer = await self.account.cipher.async_decrypt_message(answer)
        if is_own_id:
            phone = answer.device_id or message.device_id
            self.outbox.async_use(replace(message, device_id=phone), is_accepted=True)
        return self.outbox.async_accept(message, answer)

    def _failure(self, err: GatewayError) -> HomeAssistantError:
        """Convert an error; check the login where it was refused."""
        if any(isinstance(item, GatewayAuthError) for item in (err, err.__cause__)):
            async_check_login(self.account)
        return from_gateway(err)


def _is_unknown(err: GatewayError, is_first: bool) -> bool:
    """Return True if a message may have been accepted in spite of an error."""
    if isinstance(err, GatewayUnreachableError):
        return not is_first
    return isinstance(err, GatewayConnectionError | GatewayResponseError)
