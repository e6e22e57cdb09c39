"""Many messages through a gateway that fails all the time: each exactly once.

``SMS_GATE_FAULT_SEED`` repeats a run, ``SMS_GATE_FAULT_MESSAGES`` sizes the long one.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
import logging
import os
from random import Random
from secrets import randbelow
import time
from typing import Final

from homeassistant.exceptions import HomeAssistantError
import pytest

from harness.dialogs import NO_LIMITS
from tests.support.common import Account, Rig
from tests.support.sending import hold_up, posts, short_waits
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

SHORT_RUN: Final = 300
LONG_RUN: Final = int(os.environ.get("SMS_GATE_FAULT_MESSAGES", "10000"))
AT_ONCE: Final = 20
PATIENCE: Final = 0.4
DELAY: Final = 0.6
PROBABILITIES: Final = {
    "drop_response": 0.20,
    "status": 0.10,
    "reset": 0.03,
}
# Of requests that are carried out, or answered, after the client has given up
HELD_UP: Final = 0.02
# All that may be told of a message whose every try failed
KEYS: Final = {"outcome_unknown", "cannot_connect", "timeout"}


@dataclass
class Outcome:
    """How the calls ended, by the message's place in the run."""

    ids: dict[int, str] = field(default_factory=dict)
    raised: dict[int, str] = field(default_factory=dict)


@pytest.fixture
async def gateway() -> AsyncGenerator[VirtualGateway]:
    """A virtual gateway whose phone sends a million times faster."""
    async with VirtualGateway(speed=1_000_000.0) as running:
        yield running


def _seed() -> int:
    """Return the seed of this run."""
    return int(os.environ.get("SMS_GATE_FAULT_SEED") or randbelow(2**32))


def _switch_on(gateway: VirtualGateway, seed: int) -> None:
    """Let every request meet faults, look-ups included."""
    for place, (name, probability) in enumerate(PROBABILITIES.items()):
        value = 500 + 2 * (seed % 2) if name == "status" else None
        gateway.faults[name] = Fault(
            probability=probability, seed=seed + place, value=value
        )


def _text(number: int) -> str:
    """Return the text by which a message is known on the phone."""
    return f"alarm {number}"


async def _send_all(account: Account, count: int) -> Outcome:
    """Send by the action, some at once; note how each call ended."""
    outcome = Outcome()
    waiting = iter(range(count))

    async def work() -> None:
        """Send one after the other."""
        for number in waiting:
            try:
                answer = await account.send(_text(number), f"+96659{number:07d}")
            except HomeAssistantError as err:
                outcome.raised[number] = str(err.translation_key)
            else:
                outcome.ids[number] = answer["messages"][0]["message_id"]

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return outcome


async def _run(
    rig: Rig,
    mode: str,
    count: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Send, and hold the phone's outbox against what the calls said."""
    seed = _seed()
    # The harness's debug mode would take most of the time
    rig.hass.loop.set_debug(False)
    monkeypatch.setattr(logging.getLogger("aiohttp.access"), "disabled", True)
    account = await rig.add_account(mode=mode, options=NO_LIMITS)
    short_waits(monkeypatch, account, pauses=(0.01, 0.05), timeout=PATIENCE)
    _switch_on(rig.gateway, seed)
    held_up: Counter[str | None] = Counter()
    dice = Random(seed)

    surely = iter(("before", "after"))

    def when() -> str | None:
        """Throw the dice for one request."""
        place = dice.choice(("before", "after")) if dice.random() < HELD_UP else None
        # A short run could meet one of the two never, and would prove less
        place = next(surely, None) or place
        held_up[place] += 1
        return place

    hold_up(monkeypatch, rig.gateway, DELAY, when)
    start = time.perf_counter()
    outcome = await _send_all(account, count)
    seconds = time.perf_counter() - start
    hits = {name: fault.hits for name, fault in rig.gateway.faults.items()}
    hits |= {"before": held_up["before"], "after": held_up["after"]}
    rig.gateway.faults.clear()
    # Requests that were held up past the client's patience arrive now
    await asyncio.sleep(DELAY)
    await rig.gateway.settled(timeout=60)
    with capsys.disabled():
        print(
            f"\nfault run ({mode}): {count} messages, seed {seed}, {seconds:.1f} s, "
            f"{len(posts(rig.gateway))} posts of {len(rig.gateway.requests)} requests, "
            f"raised {dict(Counter(outcome.raised.values()))}, faults {hits}"
        )
    _check(account, count, outcome)
    assert all(hits.values())


def _check(account: Account, count: int, outcome: Outcome) -> None:
    """Each message is on the phone once; one whose call raised at most once."""
    assert len(outcome.ids) + len(outcome.raised) == count
    sent = Counter(sms.text for sms in account.phone.outbox)
    ids = {sms.text: sms.message_id for sms in account.phone.outbox}
    assert [text for text, times in sent.items() if times > 1] == []
    assert [number for number in outcome.ids if _text(number) not in sent] == []
    assert [
        number
        for number, message_id in outcome.ids.items()
        if ids[_text(number)] != message_id
    ] == []
    assert set(outcome.raised.values()) <= KEYS
    # Three tries and a look-up overcome nearly all of it
    assert len(outcome.raised) < 0.1 * count


@pytest.mark.parametrize("mode", ["private", "local"])
async def test_every_message_is_sent_once_or_its_call_raises(
    rig: Rig,
    mode: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A third of all requests fail, before or after the gateway took the message."""
    await _run(rig, mode, SHORT_RUN, monkeypatch, capsys)


@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_ten_thousand_messages_are_sent_once_or_their_calls_raise(
    rig: Rig,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The whole run."""
    await _run(rig, "private", LONG_RUN, monkeypatch, capsys)
