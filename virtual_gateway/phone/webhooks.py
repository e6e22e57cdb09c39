"""Which webhooks an event goes to, and under whose device id."""

from typing import TYPE_CHECKING

from virtual_gateway.faults import strikes
from virtual_gateway.ids import nano_id

from .payloads import Payload, legacy
from .webhook_queue import WebhookQueue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .phone import VirtualPhone

type Registration = dict[str, object]


class Webhooks:
    """The registrations of one phone, local and from the account, and its queue."""

    def __init__(self, phone: VirtualPhone) -> None:
        self._phone = phone
        self.local: dict[str, Registration] = {}
        self.queue = WebhookQueue(phone)
        self._offline = False
        self._applied: dict[str, Registration] = {}

    def freeze(self) -> None:
        """Keep the account's list as it is now: an offline phone learns nothing new."""
        self.sync()
        self._offline = True

    def thaw(self) -> None:
        """Follow the account's list again."""
        self._offline = False

    def clear(self) -> None:
        """Forget all lists."""
        self.local.clear()
        self._applied.clear()

    def sync(self) -> None:
        """Apply the account's list as a whole, or not at all.

        An app cannot read a list with an event it does not know, and goes on with
        the one before.
        """
        hooks = self._phone.account.webhooks
        known = all(self._phone.knows_event(hook["event"]) for hook in hooks.values())
        if known and not self._offline:
            self._applied = {key: dict(hook) for key, hook in hooks.items()}

    def emit(self, event: str, payload: Payload) -> None:
        """Queue an event once for each webhook that asked for it."""
        if not self._phone.knows_event(event):
            return
        self.sync()
        if self._phone.legacy_payloads:
            payload = legacy(payload)
        for webhook_id, url, device_id in list(self._matching(event)):
            copies = 1 + strikes(self._phone.faults, "duplicate_webhooks")
            for _ in range(copies):
                body: Payload = {
                    "id": nano_id(self._phone.random),
                    "webhookId": webhook_id,
                    "event": event,
                    "deviceId": device_id,
                    "payload": payload,
                }
                self.queue.add(webhook_id, url, event, body)

    def _matching(self, event: str) -> Iterator[tuple[str, str, str]]:
        """Yield id and address of each webhook for an event, with the phone's id there."""
        for webhook_id, hook in self.local.items():
            if hook.get("event") == event:
                yield webhook_id, str(hook.get("url")), self._phone.local_id
        for webhook_id, hook in self._applied.items():
            mine = hook.get("deviceId") in (None, self._phone.id)
            if mine and hook.get("event") == event:
                yield webhook_id, str(hook.get("url")), self._phone.id
