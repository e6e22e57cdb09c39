"""Messages come in while Home Assistant is killed and started again."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from random import Random
import sys
import time
from typing import Final, Literal

from harness.until import HarnessError
from virtual_gateway.faults import Fault

from .disturbances import Disturber
from .report import Report
from .sending import Sending, draw
from .verdict import Line, judge
from .verdict_kept import Course, Kept, judge_kept
from .verdict_out import judge_out
from .world import LOOK_SECONDS, SIGNING_KEY, Way, World, world

type Moment = Literal["handling", "working", "any"]

SENDERS: Final = ("+966590042734", "+966501234567", "+966550000001", "STC Pay")
WORD: Final = "رسالة"  # in every message, and nowhere else
DOUBLED: Final = 0.3
MMS: Final = 0.02
# Of requests to send that are carried out and never answered
UNANSWERED: Final = 0.05
# Of requests to send that arrive late, and how late
SLOW: Final = 0.3
SLOW_SECONDS: Final = 2.0
LIFE_SECONDS: Final = 18.0  # about what a start and some work take
IDLE_LIMIT: Final = 60.0  # how long a life may wait for a message before its kill
# Longer than a poll takes
SETTLED_SECONDS: Final[Mapping[Way, float]] = {"webhook": 3.0, "poll": 8.0}
QUIET_SECONDS: Final = 120.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one run does; the same seed draws the same numbers."""

    way: Way
    messages: int
    kills: int
    seed: int
    out: int = 0
    speed: float = 200.0
    life: float = LIFE_SECONDS
    app: str | None = None

    def moments(self, random: Random) -> list[Moment]:
        """Return when the kills come, of each kind about as many, in any order.

        ``handling``: as soon as a message is recorded, by the record itself; always
        the first one.
        ``working``: when a number of lines is recorded, from outside.
        ``any``: a number of seconds after the process started, ready or not.
        """
        kinds: tuple[Moment, ...] = ("working", "any", "handling")
        later = [kinds[number % 3] for number in range(self.kills - 1)]
        random.shuffle(later)
        return ["handling", *later]


@dataclass(frozen=True)
class Message:
    """One SMS the phone is to receive."""

    text: str
    sender: str
    age: float
    doubled: bool
    is_mms: bool


class Chaos:
    """One run."""

    def __init__(self, plan: Plan, around: World) -> None:
        """Draw everything that is random before anything happens."""
        self._plan = plan
        self._world = around
        self._random = Random(plan.seed)
        self._moments = plan.moments(self._random)
        self.messages = self._draw()
        self._waiting = list(self.messages)
        self.kills: list[str] = []
        self.orders = draw(plan.out, plan.seed + 2)
        self.sending = Sending(around, self.orders, self._lives * plan.life)
        self.disturber = Disturber(around, Random(plan.seed + 3))

    @property
    def _lives(self) -> float:
        return self._plan.kills + 0.5

    def _draw(self) -> list[Message]:
        """Return the messages, shuffled, with times in no order."""
        random = self._random
        drawn = [
            Message(
                text=f"chaos-{self._plan.seed}-{number:05d} {WORD}",
                sender=random.choice(SENDERS),
                age=random.uniform(0, 120),
                doubled=random.random() < DOUBLED,
                is_mms=random.random() < MMS,
            )
            for number in range(self._plan.messages)
        ]
        random.shuffle(drawn)
        return drawn

    async def run(self) -> None:
        """Let the messages come, kill as often as planned, and wait for the end."""
        faults = self._world.gateway.faults
        faults["drop_response"] = Fault(
            probability=UNANSWERED, seed=self._plan.seed, path="/messages$"
        )
        # What is under way at a kill arrives after it
        faults["delay"] = Fault(
            probability=SLOW,
            seed=self._plan.seed,
            value=SLOW_SECONDS,
            path="/messages$",
        )
        feeding = asyncio.create_task(self._feed(Random(self._plan.seed + 1)))
        sending = asyncio.create_task(self.sending.run(Random(self._plan.seed + 4)))
        disturbing = asyncio.create_task(self.disturber.run())
        alternating = asyncio.create_task(
            self._world.alternate(Random(self._plan.seed + 5))
        )
        for index, moment in enumerate(self._moments):
            await self._live(moment, is_first=index == 0)
        self._world.order_kill(0)
        await self._world.home.start()
        _say("the last start")
        await asyncio.gather(feeding, sending)
        _say("all is sent")
        self.disturber.end()
        await disturbing
        alternating.cancel()
        await asyncio.gather(alternating, return_exceptions=True)
        await self._settle()
        _say("settled")

    # Messages

    async def _feed(self, random: Random) -> None:
        """Let the phone receive in bursts, whatever Home Assistant does meanwhile."""
        bursts = max(3 * self._plan.kills, 6)
        pause = self._lives * self._plan.life / bursts
        while self._waiting:
            self._burst(random.uniform(0, 2) * self._plan.messages / bursts / 2)
            await asyncio.sleep(random.uniform(0, 2 * pause))

    def _burst(self, count: float) -> None:
        """Let the phone receive some messages at once."""
        for _ in range(min(int(count) + 1, len(self._waiting))):
            self._receive(self._waiting.pop())

    def _receive(self, message: Message) -> None:
        """Let the phone receive one message, told of twice where it is to be."""
        if message.is_mms:
            self._world.receive_mms(message.sender, message.text)
            return
        gateway = self._world.gateway
        if message.doubled and self._plan.way == "webhook":
            gateway.faults["duplicate_webhooks"] = Fault()
        self._world.receive(
            message.sender,
            message.text,
            time.time() - message.age,
            doubled=message.doubled,
        )
        gateway.faults.pop("duplicate_webhooks", None)

    # Lives

    async def _live(self, moment: Moment, *, is_first: bool) -> None:
        """Start, wait for the moment, and kill; the first life is running already."""
        portion = self._plan.messages / (self._plan.kills + 1)
        after = self._random.randint(1, int(2 * portion) + 1)  # lines
        seconds = self._random.uniform(0.5, self._plan.life)
        began, lines = time.monotonic(), self._world.lines()
        self._world.order_kill(after if moment == "handling" else 0)
        if not is_first:
            starting = asyncio.create_task(self._world.home.start())
        if moment == "any":
            await asyncio.sleep(seconds)
        else:
            await self._work(lines + after if moment == "working" else sys.maxsize)
        if not is_first:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
        died_by_order = await self._world.kill()
        done, lived = self._world.lines() - lines, time.monotonic() - began
        how = f"{moment} ({'by order' if died_by_order else 'from outside'})"
        self._burst(portion / 2)
        self.kills.append(f"{how}: after {done} recorded, {lived:.1f} s")
        _say(f"kill {len(self.kills)}: {self.kills[-1]}")

    async def _work(self, lines: int) -> None:
        """Wait until so many lines are recorded, or the process is dead."""
        end = time.monotonic() + IDLE_LIMIT
        size = -1
        while time.monotonic() < end and self._world.home.exit_status is None:
            if size != (size := self._world.size()) and self._world.lines() >= lines:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _settle(self) -> None:
        """Wait until nothing is on its way any more."""
        queue = self._world.phone.hooks.queue
        last, since = (-1, -1), time.monotonic()
        while True:
            now = (len(queue.waiting), self._world.lines())
            if now != last:
                last, since = now, time.monotonic()
            quiet = time.monotonic() - since
            is_busy = any(phone.busy for phone in self._world.gateway.phones)
            if not is_busy and quiet > SETTLED_SECONDS[self._plan.way]:
                return
            # After many kills the phone's next try can be minutes away
            due = max((seconds for seconds, _ in queue.waiting), default=0.0)
            if quiet > QUIET_SECONDS and due <= 0:
                raise HarnessError(f"{now[0]} postings were never taken")
            await asyncio.sleep(0.2)


def _say(what: str) -> None:
    """Write how far the run got, for who watches it."""
    print(f"{time.monotonic():.1f} {what}", file=sys.stderr, flush=True)


async def run(plan: Plan, folder: Path) -> Report:
    """Run and return the report."""
    began = time.monotonic()
    async with world(folder, plan.way, speed=plan.speed, app=plan.app) as around:
        _say("set up")
        chaos = Chaos(plan, around)
        await chaos.run()
        return _report(plan, chaos, around, round(time.monotonic() - began))


def _report(plan: Plan, chaos: Chaos, around: World, seconds: int) -> Report:
    deliveries = around.gateway.deliveries
    posted = [it for it in deliveries if it.event.startswith(("sms:rec", "mms:down"))]
    failed = [it for it in posted if it.status != HTTPStatus.OK]
    texts = list(
        {*around.mms, *around.more, *(message.text for message in chaos.messages)}
    )
    record = Line.read(around.record)
    outbox = [sms for phone in around.gateway.phones for sms in phone.outbox]
    course = Course(
        fired=[line for line in record if line.by == "bus"],
        deaths=around.deaths,
        orders=chaos.orders,
        outbox=outbox,
        submitted=around.submitted(),
    )
    ways = 2 if plan.way == "poll" else 1
    return Report(
        plan=asdict(plan),
        received=len(texts),
        mms=len(around.mms),
        doubled=sum(message.doubled for message in chaos.messages),
        postings=len(posted),
        refused=dict(
            Counter(str(it.status or it.error).split(":")[0] for it in failed)
        ),
        given_up=sum(it.retry_in is None for it in failed),
        kill_log=tuple(chaos.kills),
        disturbed=chaos.disturber.counts,
        disturbances_cut=chaos.disturber.cut,
        incoming={
            by: judge(texts, [line for line in record if line.by == by], ways=ways)
            for by in ("trigger", "event", "bus")
        },
        outgoing=judge_out(chaos.orders, chaos.sending.calls, outbox),
        forgotten=chaos.sending.forgotten,
        kept=judge_kept(Kept.read(around.kept), course),
        complaints=tuple(around.complaints()),
        secrets_in_log=tuple(around.leaks(*SENDERS, WORD, SIGNING_KEY)),
        seconds=seconds,
    )
