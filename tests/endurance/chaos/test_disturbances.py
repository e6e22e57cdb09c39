"""Disturbances come again and again, whatever becomes of the others."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest

from harness.until import HarnessError, until

from . import disturbances
from .disturbances import Disturber
from .report import missing
from .world import World


async def running() -> None:
    """Stand for a Home Assistant that runs."""


WORLD = cast(
    World,
    SimpleNamespace(home=SimpleNamespace(wait_until_running=running), way="webhook"),
)


def named(name: str, act: Callable[[], Awaitable[object]]) -> disturbances.Disturbance:
    """Return a disturbance."""

    async def one(_world: World, _random: Random) -> None:
        await act()

    one.__name__ = name
    return one


async def test_what_waits_holds_no_other_lane_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is done in the end; so is what a kill cut, before all is over."""
    for name in ("ALONE_SECONDS", "BETWEEN_SECONDS", "CUT_SECONDS"):
        monkeypatch.setattr(disturbances, name, 0.001)
    waited, tries = asyncio.Event(), iter(range(100))

    async def cut() -> None:
        if next(tries) < 3:
            raise HarnessError("killed")

    slow, quick, often_cut = (
        named("slow", waited.wait),
        named("quick", running),
        named("often_cut", cut),
    )
    monkeypatch.setattr(disturbances, "LANES", ((slow,), (quick, often_cut)))
    disturber = Disturber(WORLD, Random(1))
    over = asyncio.create_task(disturber.run())
    await until(lambda: disturber.counts["quick"] >= 5, "five of the quick one")
    assert disturber.counts["slow"] == 0
    assert disturber.counts["often_cut"] >= 4
    assert disturber.cut == {"often_cut": 3}
    disturber.end()
    waited.set()
    await over
    assert disturber.counts["slow"] == 1


@pytest.mark.parametrize(
    ("kills", "times", "too_seldom"),
    [
        (20, 5, []),
        (20, 4, ["clock_jumped"]),
        (2, 1, []),
        (2, 0, ["clock_jumped"]),
        (0, 0, ["clock_jumped"]),
    ],
)
def test_a_run_that_disturbs_too_seldom_is_incomplete(
    kills: int, times: int, too_seldom: list[str]
) -> None:
    """Five times each among twenty kills, and never not at all."""
    assert missing({"contact_added": 9, "clock_jumped": times}, kills) == too_seldom
