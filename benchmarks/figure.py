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


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Which threads of the process took how many milliseconds for one SMS."""

    name: str
    milliseconds: dict[str, float]


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
    return _markdown(rows)


def share_table(shares: Sequence[Share]) -> str:
    """Return which thread took what, as a table of Markdown."""
    threads = tuple(shares[0].milliseconds)
    rows = [("CPU per SMS, ms", *threads, "all")]
    for share in shares:
        spent = share.milliseconds
        cells = [*(spent[thread] for thread in threads), sum(spent.values())]
        rows.append((share.name, *(f"{cell:.2f}" for cell in cells)))
    return _markdown(rows)


def _markdown(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows, the first of them the head, in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        + " |"
        for row in lines
    )
