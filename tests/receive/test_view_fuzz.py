"""Arbitrary bytes and mutated events against the view, over real HTTP."""

import asyncio
from collections import Counter
import gc
import json
import logging
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from hypothesis import HealthCheck, given, seed, settings, strategies as st
import pytest

from custom_components.sms_gate.receive.ring import SLOTS
from tests.support.common import Account, Rig
from tests.support.event_samples import PAYLOADS, body

ALLOWED = {200, 400, 401, 404, 413, 503}
EXAMPLES = 200
LONG_EXAMPLES = 100_000
BATCH = 10_000
MORE_OBJECTS = 20_000
SEED = 20261122

TEXTS = st.sampled_from(
    [
        "",
        "a",
        "abc",
        "-1",
        "+966590042734",
        "0590042734",
        "سارة",
        "🚪",
        "\u200f",
        "\x00",
        "a\nb",
        "{{ 1 }}",
        "AAAA",
        "x" * 300,
        "..",
        "../../x",
        "2026-06-22T15:46:11.000+03:00",
        "2026-06-22T15:46:11",
        "2026-02-30T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "sms:received",
        "sms:batch:received",
        "mms:batch:downloaded",
        "system:ping",
        "pass",
    ]
)
NUMBERS = st.sampled_from([0, 1, -1, 3, 2**31, 2**53 + 1, -(2**63), 2**64 - 1])
FRACTIONS = st.sampled_from([0.5, -0.0, 1e308, 1.0])
PLAIN = st.none() | st.booleans() | NUMBERS | FRACTIONS | TEXTS
NAMES = st.sampled_from(
    [
        *sorted({name for payload in PAYLOADS.values() for name in payload}),
        "event",
        "id",
        "deviceId",
        "payload",
        "messages",
        "checks",
        "phoneNumber",
        "",
    ]
)
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)
    ),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a JSON value: what holds it, and its name or index."""
    names: Any = ()
    if isinstance(value, dict):
        names = list(value)
    elif isinstance(value, list):
        names = range(len(value))
    found = [(value, name) for name in names]
    for name in names:
        found += places(value[name])
    return found


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a real body with some of its values replaced, dropped or moved."""
    event = draw(st.sampled_from(sorted(PAYLOADS)))
    value = json.loads(json.dumps(body(event)))
    if draw(st.booleans()) and event.startswith(("sms:rec", "sms:data", "mms")):
        value["event"] = event.replace(":", ":batch:", 1)
        value["payload"] = {"messages": [value["payload"]] * draw(st.integers(0, 3))}
        value = json.loads(json.dumps(value))
    # Several events of one kind must be new ones
    for holder, name in places(value):
        if name == "messageId":
            holder[name] = f"{draw(st.integers(0, 2**32)):x}"
    for _ in range(draw(st.integers(0, 3))):
        holder, name = draw(st.sampled_from(places(value)))
        if draw(st.integers(0, 3)) == 0 and isinstance(holder, dict):
            holder.pop(name, None)
        else:
            holder[name] = draw(ANYTHING)
        if not places(value):
            break
    raw = json.dumps(value, ensure_ascii=draw(st.booleans())).encode()
    return (
        raw[: draw(st.integers(0, len(raw)))] if draw(st.integers(0, 9)) == 0 else raw
    )


BODIES = (
    mutated()
    | mutated()
    | mutated()
    | ANYTHING.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=200)
)


class Fuzz:
    """Posts what hypothesis makes up, and counts the answers."""

    def __init__(self, rig: Rig, account: Account, line: ClientSession) -> None:
        """Take a line of our own: the test client keeps every answer in memory."""
        self._url = rig.web.make_url(account.webhook_path)
        self._line = line
        self._account = account
        self._loop = asyncio.get_running_loop()
        self.answers: Counter[int] = Counter()

    async def _post(self, raw: bytes) -> int:
        """Post a body to the account."""
        async with self._line.post(self._url, data=raw) as answer:
            return answer.status

    def _try(self, raw: bytes) -> None:
        """Post from hypothesis' thread."""
        job = asyncio.run_coroutine_threadsafe(self._post(raw), self._loop)
        status = job.result(30)
        self.answers[status] += 1
        assert status in ALLOWED, (status, raw)

    async def run(self, examples: int, start: int) -> None:
        """Try so many bodies; the same ones for the same seed."""
        configured = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        await self._account.hass.async_add_executor_job(
            configured(seed(start)(given(BODIES)(self._try)))
        )
        await self._account.hass.async_block_till_done()


def check_bounds(hass: HomeAssistant, account: Account) -> None:
    """Check that what an account remembers has not grown beyond its bounds."""
    memory = account.entry.runtime_data.pipeline._memory
    assert len(memory._ring.known) <= SLOTS
    assert not memory._pending
    # The texts above are all names a phone can have
    assert len(dr.async_get(hass).devices) <= 40
    folder = Path(hass.config.path(".storage"))
    assert sum(path.stat().st_size for path in folder.glob("*.received")) < 1_000_000


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged as a warning or worse since the account was there."""
    return [
        record.getMessage() + str(record.exc_text or "")
        for record in caplog.records
        if record.levelno >= logging.WARNING
        and record.name != "asyncio"
        and "left out" not in record.getMessage()
    ]


async def fuzz(
    hass: HomeAssistant, rig: Rig, caplog: pytest.LogCaptureFixture, examples: int
) -> Counter[int]:
    """Try bodies, batch after batch, and check what is left of them."""
    caplog.set_level(logging.WARNING)
    caplog.set_level(logging.WARNING, "aiohttp.access")
    account = await rig.add_account()
    caplog.clear()
    objects: list[int] = []
    async with ClientSession() as line:
        attempts = Fuzz(rig, account, line)
        for start in range(0, examples, BATCH):
            await attempts.run(min(BATCH, examples - start), SEED + start)
            check_bounds(hass, account)
            assert complaints(caplog) == []
            gc.collect()
            objects.append(len(gc.get_objects()))
    # What the first two batches left behind is there for good, and no more comes
    assert objects[-1] <= max(objects[:2]) + MORE_OBJECTS
    return attempts.answers


async def test_whatever_is_posted_is_answered(
    hass: HomeAssistant, rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """No status but ours, no line in the log, nothing that grows; some are taken."""
    answers = await fuzz(hass, rig, caplog, EXAMPLES)
    assert answers[200] > 10
    assert answers[400] > 10


@pytest.mark.long
@pytest.mark.timeout(1500)
async def test_whatever_is_posted_is_answered_a_hundred_thousand_times(
    hass: HomeAssistant, rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """The same for long."""
    answers = await fuzz(hass, rig, caplog, LONG_EXAMPLES)
    assert answers.total() >= LONG_EXAMPLES * 0.9
    print(f"seed {SEED}: {dict(answers)}")
