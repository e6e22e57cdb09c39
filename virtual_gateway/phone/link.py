"""The phone's line to the server: fetches messages, reports states."""

from typing import TYPE_CHECKING

from virtual_gateway.server.account import PULL_LIMIT
from virtual_gateway.server.message import ServerMessage, StateReport
from virtual_gateway.states import Recipient, State
from virtual_gateway.times import now_ms

from .message import PhoneMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from .phone import VirtualPhone

PERIOD = 900.0
_SHORTEST_PERIOD = 0.5
_RETRY = 0.02


class CloudLink:
    """What the phone does when the server notifies it, and every 15 minutes."""

    def __init__(self, phone: VirtualPhone) -> None:
        self._phone = phone
        self._pull_wanted = False
        self._woken = False
        self._later: list[Callable[[], None]] = []
        self._reports: dict[str, PhoneMessage] = {}

    @property
    def busy(self) -> bool:
        """Tell whether something waits for the line."""
        return bool(self._pull_wanted or self._later or self._reports)

    def notify(self) -> None:
        """Be told by the server that there is something to fetch."""
        self._pull_wanted = True
        self.wake()

    def notify_cancelled(self, message_id: str) -> None:
        """Be told by the server that a message is to be cancelled."""
        self._later.append(lambda: self._cancel(message_id))
        self.wake()

    def push(self, action: Callable[[], None]) -> None:
        """Be told by the server to do something once the line is up."""
        self._later.append(action)
        self.wake()

    def report(self, message: PhoneMessage) -> None:
        """Tell the server how a message stands, once the line is up."""
        self._reports[message.id] = message
        self.wake()

    def wake(self) -> None:
        """Use the line soon if it is up."""
        if not self._woken:
            self._woken = True
            self._phone.timers.after_real(0, self._work)

    def keep_in_touch(self) -> None:
        """Fetch every 15 minutes, as the phone does without being told."""
        if self._phone.reachable():
            self.notify()
        wait = max(PERIOD / self._phone.timers.speed, _SHORTEST_PERIOD)
        self._phone.timers.after_real(wait, self.keep_in_touch)

    def clear(self) -> None:
        """Forget what waits."""
        self._pull_wanted = self._woken = False
        self._later.clear()
        self._reports.clear()

    def _work(self) -> None:
        """Do what waits, or come back when the line may be up again."""
        self._woken = False
        if not self.busy:
            return
        if not self._phone.reachable():
            if self._phone.online:  # a fault keeps it down, and nobody tells when not
                self._woken = True
                self._phone.timers.after_real(_RETRY, self._work)
            return
        self._phone.seen()
        actions, self._later = self._later, []
        for action in actions:
            action()
        if self._pull_wanted:
            self._pull()
        reports, self._reports = self._reports, {}
        for message in reports.values():
            self._phone.account.report(self._phone.id, self._report_of(message))

    def _pull(self) -> None:
        """Fetch what the server offers; a full page means there is more, later."""
        self._pull_wanted = False
        newest_first = self._phone.settings.newest_first
        messages = self._phone.account.pull(self._phone.id, newest_first=newest_first)
        for message in messages:
            self._take(message)
        if len(messages) == PULL_LIMIT:
            self._phone.timers.after(PERIOD, self.notify)

    def _take(self, message: ServerMessage) -> None:
        """Take a message, or answer for one that is known already."""
        known = self._phone.sender.messages.get(message.id)
        if message.state is State.CANCELLING:
            self._take_cancelled(message, known)
        elif known is not None:
            self._reports[known.id] = known
        else:
            self._phone.sender.enqueue(_from_server(message))

    def _take_cancelled(
        self, message: ServerMessage, known: PhoneMessage | None
    ) -> None:
        """Cancel a message, or say so when it never came here."""
        if known is not None:
            self._cancel(message.id)
            return
        recipients = tuple(
            Recipient(number, State.CANCELLED) for number in message.recipients
        )
        report = StateReport(
            message.id,
            State.CANCELLED,
            recipients,
            {State.CANCELLED: now_ms()},
            self._phone.utc_offset,
        )
        self._phone.account.report(self._phone.id, report)

    def _cancel(self, message_id: str) -> None:
        """Cancel a message that is still pending here."""
        known = self._phone.sender.messages.get(message_id)
        if known is not None and known.state is State.PENDING:
            self._phone.sender.cancel(message_id)

    def _report_of(self, message: PhoneMessage) -> StateReport:
        """Return how a message stands now."""
        recipients = tuple(
            Recipient(item.number, item.state, item.error)
            for item in message.recipients.values()
        )
        return StateReport(
            message.id,
            message.state,
            recipients,
            dict(message.states),
            self._phone.utc_offset,
        )


def _from_server(message: ServerMessage) -> PhoneMessage:
    """Return the phone's copy of a message; the server has checked the numbers."""
    given = message.input
    return PhoneMessage(
        id=message.id,
        source="Cloud",
        text=given.text,
        data=given.data,
        port=given.port,
        recipients={number: Recipient(number) for number in message.recipients},
        is_encrypted=given.is_encrypted,
        with_delivery_report=given.with_delivery_report,
        skip_validation=True,
        sim_number=given.sim_number,
        schedule_at=given.schedule_at,
        priority=given.priority,
        deadline=message.deadline,
        due=message.due,
        created_ms=message.created_ms,
    )
