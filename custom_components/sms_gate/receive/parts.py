"""Long messages are delivered part by part; only the last one delivers the message."""

from collections import OrderedDict
from typing import Final

from ..gateway.events import EventKind, GatewayEvent

_REMEMBERED: Final = 1_000


class Parts:
    """How many parts of a message are still on their way to a recipient.

    The phone tells the number with ``sms:sent``, then fires ``sms:delivered`` once
    per part. Where it never told, the first report counts.
    """

    def __init__(self) -> None:
        """Nothing is on its way."""
        self._open: OrderedDict[tuple[str | None, str | None], int] = OrderedDict()

    def completes(self, event: GatewayEvent) -> bool:
        """Return True if the event is true of the whole message; counts it."""
        key = (event.message_id, event.recipient)
        if event.kind is EventKind.SMS_SENT and (event.parts_count or 0) > 1:
            self._open[key] = event.parts_count or 0
            while len(self._open) > _REMEMBERED:
                self._open.popitem(last=False)
        if event.kind is not EventKind.SMS_DELIVERED or key not in self._open:
            return True
        self._open[key] -= 1
        if self._open[key] > 0:
            return False
        del self._open[key]
        return True
