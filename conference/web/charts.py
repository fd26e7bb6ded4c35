"""Charts as plain geometry: components/charts.html draws them as SVG with a table of words below.

Widths are shares of the frame and heights are pixels, so that letters keep their size on a phone.
The words are the caller's, in the reader's language:

    charts.bars(_("By country"), [charts.Bar("Serbia", 31, "31")], head=(_("Country"), _("People")))
    charts.line(_("Over time"), [charts.Point(day, 12, "1 May", "12")], head=(_("Day"), _("All")))
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

LINE = 22  # pixels of a line of text
BAR = 14
GAP = 16
PLOT = 180
ABOVE = 28
BELOW = 30
LETTERS = 32  # what fits beside the figure on a phone of 360 pixels


@dataclass(frozen=True, slots=True)
class Bar:
    """`shown` is the value in words; `of` draws a frame for what would be full."""

    label: str
    value: int
    shown: str
    of: int | None = None


@dataclass(frozen=True, slots=True)
class BarRow:
    """Where a bar stands: `top` of its words, `at` of the bar, widths in per cent."""

    lines: tuple[str, ...]
    shown: str
    top: int
    at: int
    width: float
    frame: float | None


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars below each other, the words of each above it."""

    title: str
    summary: str
    head: tuple[str, str]
    rows: list[BarRow]
    table: list[tuple[str, str]]
    height: int

    kind = "bars"
    bar_height = BAR
    line_height = LINE


def bars(
    title: str,
    items: Sequence[Bar],
    *,
    head: tuple[str, str],
    summary: str = "",
    table: list[tuple[str, str]] | None = None,
) -> BarChart:
    """The longest bar, or the largest frame, spans the width. `table` tells more than bars."""
    most = max((max(item.value, item.of or 0) for item in items), default=0) or 1
    rows, top = [], 0
    for item in items:
        lines = tuple(textwrap.wrap(item.label, LETTERS)) or ("",)
        at = top + LINE * len(lines) + 2
        frame = None if item.of is None else _share(item.of, most)
        rows.append(BarRow(lines, item.shown, top, at, _share(item.value, most), frame))
        top = at + BAR + GAP
    table = table or [(item.label, item.shown) for item in items]
    return BarChart(title, summary, head, rows, table, max(top - GAP, 0))


def _share(value: int, most: int) -> float:
    return round(100 * value / most, 2)


@dataclass(frozen=True, slots=True)
class Point:
    """A value on a day, both also in words."""

    on: date
    value: int
    day: str
    shown: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across at a round value."""

    y: float
    shown: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """One line over days. `points` and `area` live in a plot of 1000 by 1000."""

    title: str
    summary: str
    head: tuple[str, str]
    points: str
    area: str
    ticks: list[Tick]
    days: list[tuple[float, str, str]]
    last: tuple[float, float, str]
    table: list[tuple[str, str]]

    kind = "line"
    above = ABOVE
    plot = PLOT
    height = ABOVE + PLOT + BELOW


def line(
    title: str, items: Sequence[Point], *, head: tuple[str, str], summary: str = ""
) -> LineChart | None:
    """A line from zero upwards; None when there is nothing to draw. Points are in order of days."""
    if not items:
        return None
    first, last = items[0], items[-1]
    span = (last.on - first.on).days or 1
    step = round_step(max(item.value for item in items))
    top = step * max(1, -(-max(item.value for item in items) // step))

    def at(item: Point) -> tuple[float, float]:
        along = 1000.0 if len(items) == 1 else 1000 * (item.on - first.on).days / span
        return round(along, 1), round(1000 * (1 - item.value / top), 1)

    places = [at(item) for item in items]
    words = " ".join(f"{x:g},{y:g}" for x, y in places)
    if len(places) == 1:
        words = f"0,{places[0][1]:g} {words}"
    begins, ends = words.split(" ")[0].split(",")[0], f"{places[-1][0]:g}"
    return LineChart(
        title,
        summary,
        head,
        points=words,
        area=f"{begins},1000 {words} {ends},1000",
        ticks=[Tick(_height(value, top), f"{value}") for value in range(step, top + 1, step)],
        days=_days(items),
        last=(places[-1][0] / 10, _height(last.value, top), last.shown),
        table=[(item.day, item.shown) for item in items],
    )


def round_step(most: int, lines: int = 4) -> int:
    """A round distance (1, 2, 5, 10, 20 …) of at most `lines` lines up to `most`."""
    size = 1
    while True:
        for round_number in (1, 2, 5):
            if round_number * size * lines >= most:
                return round_number * size
        size *= 10


def _height(value: int, top: int) -> float:
    return round(ABOVE + PLOT * (1 - value / top), 1)


def _days(items: Sequence[Point]) -> list[tuple[float, str, str]]:
    """The first and the last day below the line: per cent, anchor, words."""
    if len(items) == 1:
        return [(100, "end", items[0].day)]
    return [(0, "start", items[0].day), (100, "end", items[-1].day)]
