"""One webhook per event at the gateway, with ids of this entry."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from homeassistant.const import CONF_MODE

from ..account.context import Account
from ..account.last_known import Registered
from ..const import Mode
from ..gateway.client import GatewayClient
from ..gateway.errors import GatewayRejectedError
from ..gateway.events import BATCHES, EventKind, Release, events_known_to, release_of
from ..gateway.models import Webhook
from .webhook_ids import async_note_removed, gateway_digest, id_prefix, left_over, ours

_EVENTS: Final = frozenset((*EventKind, *BATCHES))


class Registration:
    """Keeps the gateway's list of our webhooks right; others' are never touched.

    ``wrong_since`` is the last time that webhooks were right which were found to lead
    elsewhere or to be gone, ``missing_since`` that of those that were gone.
    """

    def __init__(self, account: Account) -> None:
        """Prepare; nothing is asked yet."""
        self._account = account
        self._client = account.client
        self._entry_id = account.entry.entry_id
        self._phones = account.phones
        self._is_local = account.entry.data[CONF_MODE] == Mode.LOCAL
        self._refused: frozenset[str] = frozenset()
        self._url: str | None = None
        self._last_wanted: dict[str, Webhook] = {}
        self._unknown_at_first: frozenset[str] = frozenset()
        self._kept: list[Webhook] = []
        self._lock = asyncio.Lock()
        self.active = False
        self.wrong_since: datetime | None = None
        self.missing_since: datetime | None = None

    @property
    def is_current(self) -> bool:
        """Return True unless phones or their releases ask for other webhooks by now."""
        return self._url is None or (
            self._wanted(self._url) == self._last_wanted
            and all(map(self._may_be_wanted, self._kept))
        )

    @property
    def _releases(self) -> dict[str, Release]:
        """Return the release of the app on each phone, empty where it is unknown."""
        phones = self._phones
        return {phone: release_of(phones[phone].version) for phone in phones.present}

    @property
    def _common_events(self) -> tuple[str, ...]:
        """Return the events that every phone of the account knows."""
        oldest = min(self._releases.values(), default=())
        if self._is_local and not oldest:
            # A phone itself refuses an event that it does not know, and no other
            return tuple(EventKind)
        return events_known_to(oldest)

    @property
    def knows_batches(self) -> bool:
        """Return True if server and phones accept the webhooks of batches."""
        return (
            self.active
            and set(BATCHES) <= set(self._common_events)
            and self._refused.isdisjoint(BATCHES)
        )

    async def async_ensure(self, url: str) -> bool:
        """Make the gateway's list right; return whether it refuses this address.

        Raises:
            GatewayError: the gateway could not be asked.
        """
        async with self._lock:
            self._refused = await self._async_reconcile(url)
        self.active = EventKind.SMS_RECEIVED not in self._refused
        return not self.active

    async def _async_reconcile(self, url: str) -> frozenset[str]:
        """Add what is missing or wrong, then delete what of ours is not wanted.

        Returns the events the gateway refused: an older one does not know them all.
        """
        if not self._last_wanted:
            self._unknown_at_first = self._unknown
        wanted = self._last_wanted = self._wanted(url)
        self._url = url
        listed = await self._client.webhooks()
        present = ours(self._entry_id, listed)
        wrong = [item for key, item in wanted.items() if present.get(key) != item]
        others = [item for key, item in present.items() if key not in wanted]
        self._kept = [item for item in others if self._may_be_wanted(item)]
        surplus = [item.id for item in others if item not in self._kept]
        left = self._left_over(listed)
        answers = await asyncio.gather(*map(self._async_register, wrong))
        await asyncio.gather(*map(self._client.delete_webhook, (*surplus, *left)))
        async_note_removed(self._account.hass, self._account.entry, left)
        refused = frozenset(filter(None, answers))
        self._note(wrong, present, refused)
        return refused

    def _note(
        self,
        wrong: Iterable[Webhook],
        present: Iterable[str],
        refused: frozenset[str],
    ) -> None:
        """Note since when webhooks were wrong, and that they are right now.

        What is wanted only since a phone's app is known was never missing, nor was
        what the gateway refused before.
        """
        last_known = self._account.last_known
        gateway = gateway_digest(self._account.entry)
        before = last_known.registered
        known = before.ids if before and before.gateway == gateway else frozenset()
        lost = {item.id for item in wrong} & known
        seen = before.seen if before else None
        self.wrong_since = seen if lost else None
        self.missing_since = seen if lost.difference(present) else None
        ids = [it.id for it in self._last_wanted.values() if it.event not in refused]
        last_known.registered = Registered(
            gateway=gateway, ids=frozenset(ids), seen=datetime.now(UTC)
        )
        last_known.async_save()

    async def async_remove(self) -> None:
        """Remove what an earlier mode registered, or an account that is removed.

        Raises:
            GatewayError: some may be left.
        """
        self.active = False
        listed = await self._client.webhooks()
        left = self._left_over(listed)
        surplus = (*ours(self._entry_id, listed), *left)
        await asyncio.gather(*map(self._client.delete_webhook, surplus))
        async_note_removed(self._account.hass, self._account.entry, left)
        self._account.last_known.registered = None
        self._account.last_known.async_save()

    def _left_over(self, listed: Iterable[Webhook]) -> list[str]:
        account = self._account
        is_first = account.last_known.registered is None
        return left_over(account.hass, account.entry, listed, is_first=is_first)

    @property
    def _unknown(self) -> frozenset[str]:
        """Return the phones whose app is not known yet."""
        return frozenset(it for it, release in self._releases.items() if not release)

    def _may_be_wanted(self, webhook: Webhook) -> bool:
        """Return True if an earlier process registered what this one knows too little for.

        It knew the apps of its phones, and was killed before that was written. A phone
        that joins later may know less.
        """
        unknown = self._unknown
        return (
            bool(unknown)
            and unknown <= self._unknown_at_first
            and webhook.url == self._url
            and webhook.event in _EVENTS
            and (webhook.device_id is None or webhook.device_id in unknown)
        )

    async def _async_register(self, webhook: Webhook) -> str | None:
        """Register one webhook; return its event where the gateway refuses it."""
        try:
            await self._client.register_webhook(webhook)
        except GatewayRejectedError:
            return webhook.event
        return None

    def _wanted(self, url: str) -> dict[str, Webhook]:
        """Return the registrations this entry needs, by their ids.

        What an older phone of the account does not know is registered for each phone
        that does: one unknown event in its list would keep it from using the list.
        """
        common = self._common_events
        wanted = [self._webhook(url, event) for event in common]
        if not self._is_local:
            wanted += [
                self._webhook(url, event, phone)
                for phone, release in self._releases.items()
                for event in events_known_to(release)
                if event not in common
            ]
        return {webhook.id: webhook for webhook in wanted}

    def _webhook(self, url: str, event: str, phone: str | None = None) -> Webhook:
        """Return a registration for every phone, or for one."""
        name = event.replace(":", "-")
        if phone is not None:
            name = sha256(f"{phone} {event}".encode()).hexdigest()[:16]
        webhook_id = id_prefix(self._entry_id) + name
        return Webhook(id=webhook_id, url=url, event=event, device_id=phone)


async def async_unregister(client: GatewayClient, entry_id: str) -> None:
    """Remove all registrations of an entry from the gateway.

    Raises:
        GatewayError: some may be left.
    """
    found = ours(entry_id, await client.webhooks())
    await asyncio.gather(*map(client.delete_webhook, found))
