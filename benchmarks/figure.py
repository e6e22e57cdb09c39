"""What was measured, and the table it is printed in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from .world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured, against the least possible and the goal."""

    name: str
    build: str = "this"
    ours: str
    least: str = "-"
    ratio: str = "-"
    goal: str = "-"


class Rounds:
    """One figure of each build, block by block, in milliseconds."""

    def __init__(self, worlds: Iterable[World]) -> None:
        """Begin without a block."""
        self._values: dict[str, list[float]] = {world.name: [] for world in worlds}

    def add(self, world: World, value: float) -> None:
        """Add what a block took."""
        self._values[world.name].append(value)

    def figures(self, name: str, least: Rounds, goal: str = "-") -> list[Figure]:
        """Return one line for each build."""
        return [
            Figure(
                name=name,
                build=build,
                ours=middle(ours, 2, " ms"),
                least=middle(least._values[build], 2, " ms"),
                ratio=ratio(ours, least._values[build]),
                goal=goal,
            )
            for build, ours in self._values.items()
        ]


def middle(values: Sequence[float], digits: int, unit: str = "") -> str:
    """Return the median with the extremes, which tell how far to trust it."""
    low, mid, high = (
        f"{value:.{digits}f}" for value in (min(values), median(values), max(values))
    )
    return f"{mid}{unit} ({low}-{high})"


def ratio(ours: Sequence[float], least: Sequence[float]) -> str:
    """Return the median of the rounds' own ratios: load differs between rounds."""
    return middle([a / b for a, b in zip(ours, least, strict=True)], 2)


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a table of Markdown."""
    rows = [("figure", "build", "ours", "least possible", "ratio", "goal")]
    rows += [
        (it.name, it.build, it.ours, it.least, it.ratio, it.goal) for it in figures
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        + " |"
        for row in lines
    )
