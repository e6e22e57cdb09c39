"""One webhook per event at the gateway, with ids of this entry."""

import asyncio
from collections.abc import Iterable
from hashlib import sha256

from ..account.context import Account
from ..gateway.client import GatewayClient
from ..gateway.errors import GatewayRejectedError
from ..gateway.events import BATCHES, EventKind
from ..gateway.models import Webhook


def id_prefix(entry_id: str) -> str:
    """Return what all webhook ids of one entry start with.

    Ids may have 36 characters, and two Home Assistants at one account must not
    overwrite each other.
    """
    return f"ha{sha256(entry_id.encode()).hexdigest()[:9]}-"


class Registration:
    """Keeps the gateway's list of our webhooks right; others' are never touched."""

    def __init__(self, account: Account) -> None:
        """Prepare; nothing is asked yet."""
        self._client = account.client
        self._entry_id = account.entry.entry_id
        self._phones = account.phones
        self._refused: frozenset[str] = frozenset()
        self._lock = asyncio.Lock()
        self.active = False
        self.was_incomplete = False

    @property
    def _events(self) -> list[str]:
        """The events to register for.

        A phone that gets an event it does not know from a server drops the server's
        whole list (the app's ``WebhooksUpdateWorker``), so batches wait until every
        phone is known to be new enough.
        """
        events = [kind.value for kind in EventKind]
        return [*events, *BATCHES] if self._phones.know_batches else events

    @property
    def knows_batches(self) -> bool:
        """Return True if server and phones take the webhooks of batches."""
        return (
            self.active
            and self._phones.know_batches
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
        """Add what is missing or wrong, delete what of ours is not wanted.

        Returns the events the gateway refused: an older one does not know them all.
        """
        wanted = {webhook.id: webhook for webhook in self._wanted(url)}
        present = await async_ours(self._client, self._entry_id)
        wrong = [item for key, item in wanted.items() if present.get(key) != item]
        surplus = [key for key in present if key not in wanted]
        self.was_incomplete = bool(wrong)
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

    def _wanted(self, url: str) -> Iterable[Webhook]:
        """Return the registrations this entry needs."""
        prefix = id_prefix(self._entry_id)
        for event in self._events:
            yield Webhook(id=prefix + event.replace(":", "-"), url=url, event=event)


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
