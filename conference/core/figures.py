"""Figures as people type them: 1.234,50 · 1,234.50 · 1 234,5 · 12500, without guessing."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

from babel import Locale

MOST_DIGITS = 15  # keeps every amount inside a signed 64-bit column with room for sums
_LONGEST = 60
_SPACES = str.maketrans("", "", " \u00a0\u2009\u202f'\u2019_")
_DASHES = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2012": "-"})


class Why(StrEnum):
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    AMBIGUOUS = "ambiguous"
    DECIMALS = "decimals"
    TOO_LARGE = "too large"


class NotAFigure(ValueError):
    """Typed text that is no figure, or could be two; the caller finds the words."""

    def __init__(self, why: Why) -> None:
        super().__init__(str(why))
        self.why = why


def flat(text: str) -> str:
    """The typed text with plain digits and dashes."""
    if len(text) > _LONGEST:
        raise NotAFigure(Why.TOO_LARGE)
    return unicodedata.normalize("NFKC", text).strip().translate(_DASHES)


def read(text: str, places: int, locale: str = "en") -> int:
    """The figure in units of 10^-places: read("12,5", 2) is 1250.

    With both marks the last one is the decimal mark. A single mark before exactly three digits is
    a thousands mark where the reader's language groups with it, otherwise it is refused: guessing
    could be wrong by a factor of a thousand.
    """
    figure = flat(text).translate(_SPACES)
    if not figure:
        raise NotAFigure(Why.EMPTY)
    negative = figure.startswith("-")
    figure = figure[1:] if figure[:1] in ("-", "+") else figure
    if not re.fullmatch(r"[0-9]([0-9.,]*[0-9])?", figure):
        raise NotAFigure(Why.UNREADABLE)
    whole, fraction = _whole_and_fraction(figure, places, locale)
    if len(fraction) > places:
        if fraction[places:].strip("0") or len(fraction) == 3:
            raise NotAFigure(Why.DECIMALS)
        fraction = fraction[:places]
    if len(whole.lstrip("0")) + places > MOST_DIGITS:
        raise NotAFigure(Why.TOO_LARGE)
    scaled = int(whole + fraction.ljust(places, "0"))
    return -scaled if negative else scaled


def _whole_and_fraction(figure: str, places: int, locale: str) -> tuple[str, str]:
    marks = [char for char in figure if char in ".,"]
    if not marks:
        return figure, ""
    last = marks[-1]
    head, _, tail = figure.rpartition(last)
    if len(set(marks)) == 2:
        if marks.count(last) > 1:
            raise NotAFigure(Why.UNREADABLE)
        return _ungrouped(head, marks[0]), tail
    if len(marks) > 1:
        return _ungrouped(figure, last), ""
    if len(tail) != 3:
        return head, tail
    grouping = last == _group_mark(locale)
    if grouping and places != 3 and len(head) <= 3 and not head.startswith("0"):
        return head + tail, ""
    if not grouping and places == 3:
        return head, tail
    raise NotAFigure(Why.AMBIGUOUS)


def _ungrouped(figure: str, mark: str) -> str:
    if not re.fullmatch(rf"[0-9]{{1,3}}(\{mark}[0-9]{{3}})+", figure):
        raise NotAFigure(Why.UNREADABLE)
    return figure.replace(mark, "")


@lru_cache(maxsize=64)
def _group_mark(locale: str) -> str:
    return str(Locale.parse(locale.replace("-", "_")).number_symbols["latn"]["group"])
