"""Proves that a phone sends and receives: it texts itself, and each leg is timed."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import secrets
import time
from typing import Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..account.exceptions import mistake, without_numbers
from ..account.issues import IssueKind
from ..account.phone_number import spellings
from ..const import CONF_DEFAULT_SIM, CONF_LINE_TEST_NUMBER, ReceiveMode
from ..gateway.errors import GatewayError
from ..gateway.message_status import failed_recipients, settled
from ..gateway.models import Message, MessageState
from .draft import MIN_TTL, Draft
from .probe import Probe, senders
from .recipients import Target, Wanted
from .sender import Parcel, Sender
from .senders import sender_of

TIMEOUT: Final = 120.0
TEXT: Final = "Home Assistant line test {}"
_MAX_REASON: Final = 200
_REDACTED: Final = "*"
LEGS: Final = {
    "accepted": IssueKind.LINE_NOT_ACCEPTED,
    "sent": IssueKind.LINE_NOT_SENT,
    "delivered": IssueKind.LINE_NOT_DELIVERED,
    "received": IssueKind.LINE_NOT_RECEIVED,
}


@dataclass(slots=True, kw_only=True)
class LineTest:
    """After how many seconds each leg was done; None for one that was not."""

    accepted: float | None = None
    sent: float | None = None
    delivered: float | None = None
    received: float | None = None
    reason: str = field(default="", repr=False)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _began: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """How long the test has been running, in seconds."""
        return round(time.monotonic() - self._began, 2)

    @property
    def failed(self) -> str | None:
        """The first leg that failed."""
        return next((leg for leg in LEGS if getattr(self, leg) is None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """Where a test's SMS goes, and which phone should receive it."""

    target: Target
    receiver: str


class LineTester:
    """Tests the lines of one account's phones, each of them one at a time."""

    def __init__(self, sender: Sender, receive_mode: ReceiveMode) -> None:
        """Set up without testing yet."""
        self._sender = sender
        self._account = sender.account
        self._probes = sender.outbox.probes
        self._receive_mode = receive_mode

    async def async_test(self, phone: str, timeout: float = TIMEOUT) -> LineTest:  # noqa: ASYNC109
        """Test a phone's line, and keep what the test showed.

        Raises:
            HomeAssistantError: nothing could be tested.
        """
        if self._receive_mode is ReceiveMode.OFF:
            raise mistake("line_test_needs_receiving")
        if phone in self._probes.running:
            raise mistake("line_test_running", phone=self._account.phones.name(phone))
        self._probes.running.add(phone)
        try:
            test = LineTest()
            route = await self._async_route(phone)
            if route is not None:
                await self._async_run(test, phone, route, timeout)
            kind = await self._async_cause(test, phone, route)
        finally:
            self._probes.running.discard(phone)
        self._keep(phone, test, kind)
        return test

    async def _async_route(self, phone: str) -> _Route | None:
        """Return where to send to; None for a phone that has lost its SIMs.

        Raises:
            ServiceValidationError: no number is known.
        """
        for number, receiver in self._numbers(phone):
            [wanted] = [Wanted(position=1, given=number)]
            draft = Draft(recipients=(number,))
            targets, _refused = await self._sender.async_resolve(draft, [wanted])
            if targets:
                return _Route(target=targets[0], receiver=receiver)
        if self._lacks_sim(phone):
            return None
        raise mistake("line_test_no_number", phone=self._account.phones.name(phone))

    def _numbers(self, phone: str) -> Iterator[tuple[str, str]]:
        """Yield the numbers to test with, the best first, and whose each is."""
        options, phones = self._account.entry.options, self._account.phones
        if number := options.get(CONF_LINE_TEST_NUMBER):
            yield number, phone
        default = options.get(CONF_DEFAULT_SIM)
        for other in (phone, *(it for it in phones.present if it != phone)):
            for card in sorted(
                phones[other].sim_cards, key=lambda it: it.sim_number != default
            ):
                if card.phone_number and _REDACTED not in card.phone_number:
                    yield card.phone_number, other

    def _lacks_sim(self, phone: str) -> bool:
        """Return True if the SIM that this phone sends with is gone."""
        state = self._account.phones[phone]
        cards = {card.sim_number for card in state.sim_cards}
        default = self._account.entry.options.get(CONF_DEFAULT_SIM)
        if not state.known_sims:
            return False
        return not cards or (default in state.known_sims and default not in cards)

    async def _async_run(
        self, test: LineTest, phone: str, route: _Route, seconds: float
    ) -> None:
        """Send the test's SMS, and time its legs."""
        token = secrets.token_hex(8)
        [parcel] = self._pack(phone, route, TEXT.format(token), seconds)
        message = parcel.message
        outbox = self._sender.outbox
        probe = Probe(
            message_id=message.id,
            token=token,
            senders=await self._async_senders(phone, route.target.number.value),
        )
        self._probes.add(probe)
        await outbox.async_save()
        try:
            answer = await self._sender.async_submit(parcel, is_own_id=False)
        except ServiceValidationError:
            raise
        except HomeAssistantError as err:
            test.reason = str(err)
            return
        test.accepted = test.elapsed
        test.sent = await self._async_state(test, answer, MessageState.SENT, seconds)
        if test.sent is None:
            return
        test.delivered, test.received = await asyncio.gather(
            self._async_state(test, answer, MessageState.DELIVERED, seconds),
            _async_received(test, probe, seconds),
        )

    def _pack(
        self, phone: str, route: _Route, text: str, seconds: float
    ) -> list[Parcel]:
        """Return the message; its limits are those of every message.

        Raises:
            HomeAssistantError: a limit is reached.
        """
        draft = Draft(
            recipients=(),
            text=text,
            device_id=self._account.phones.device_id(phone),
            # A phone that is found later must not send it then
            ttl=max(timedelta(seconds=seconds), MIN_TTL),
        )
        parcels, over = self._sender.pack(draft, [route.target])
        if over:
            raise over[0].error
        return parcels

    async def _async_senders(self, phone: str, number: str) -> frozenset[str]:
        """Return who may be the sender of what comes back."""
        cards = self._account.phones[phone].sim_cards
        own = [card.phone_number for card in cards if card.phone_number]
        whole = [number, *(it for it in own if _REDACTED not in it)]
        country = self._account.contacts.country

        def forms() -> list[str]:
            return [form for it in whole for form in spellings(it, country)]

        return senders(
            await self._account.hass.async_add_executor_job(forms),
            [it for it in own if _REDACTED in it],
        )

    async def _async_state(
        self, test: LineTest, message: Message, state: MessageState, seconds: float
    ) -> float | None:
        """Return when the message reached a state, None if it did not."""
        left = seconds - test.elapsed
        tracked = await self._sender.outbox.async_wait(message, state, left)
        if tracked is None:
            return None
        if failed := failed_recipients(tracked.message):
            test.reason = failed[0].error or ""
        is_reached = settled(tracked.message, state) and not failed
        return test.elapsed if is_reached or state in tracked.message.states else None

    async def _async_cause(
        self, test: LineTest, phone: str, route: _Route | None
    ) -> IssueKind | None:
        """Return what a failed test means, None for one that passed."""
        account, failed = self._account, test.failed
        if failed == "sent":
            with suppress(GatewayError):
                account.phones.async_handle_list(await account.client.devices())
        if route is None or (failed == "sent" and self._lacks_sim(phone)):
            return IssueKind.LINE_WITHOUT_SIM
        if failed == "received" and self._receive_mode is not ReceiveMode.POLL:
            pushed = account.phones[route.receiver].last_push
            if pushed is None or pushed < test.started:
                return IssueKind.LINE_NOT_PUSHED
        return LEGS[failed] if failed else None

    def _keep(self, phone: str, test: LineTest, kind: IssueKind | None) -> None:
        """Keep what a test showed, with the account as it is loaded now."""
        account = sender_of(self._account.hass, self._account.entry).account
        line = replace(
            account.phones[phone].line,
            tested=test.started,
            failed=kind,
            reason=without_numbers(test.reason)[:_MAX_REASON],
        )
        if kind is None:
            line = replace(line, proven=datetime.now(UTC), round_trip=test.received)
        account.phones.async_handle_line_test(phone, line)


async def _async_received(test: LineTest, probe: Probe, seconds: float) -> float | None:
    """Return when the SMS came back, None if it did not."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds - test.elapsed):
            await probe.received.wait()
            return test.elapsed
    return None
