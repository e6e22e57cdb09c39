"""One line of the table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured, against the least possible and the goal."""

    name: str
    ours: str
    least: str
    ratio: str
    goal: str


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
    """Return the figures in columns."""
    rows = [("figure", "ours", "least possible", "ratio", "goal")]
    rows += [
        (
            figure.name,
            figure.ours,
            figure.least,
            figure.ratio,
            figure.goal,
        )
        for figure in figures
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        + " |"
        for row in rows
    )
