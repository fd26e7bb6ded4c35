"""Figures of an edition: how registrations grew, where people come from. Data in, data out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from conference.core import geo


@dataclass(frozen=True, slots=True)
class Day:
    """How many came on a day, and how many there were at its end."""

    on: date
    new: int
    total: int


def over_time(hours: Iterable[tuple[datetime, int]], *, zone: str, today: date) -> list[Day]:
    """The days on which somebody came, by the clock of the edition, and today at the end.

    `hours` are aware instants with how many came within that hour.
    """
    local, counts = ZoneInfo(zone), Counter[date]()
    for hour, number in hours:
        counts[hour.astimezone(local).date()] += number
    days, total = [], 0
    for on in sorted(counts):
        total += counts[on]
        days.append(Day(on, counts[on], total))
    if days and days[-1].on < today:
        days.append(Day(today, 0, total))
    return days


def by_continent(countries: Mapping[str, int]) -> list[tuple[geo.Continent, int]]:
    """How many people come from each continent, the most first."""
    counts = Counter[geo.Continent]()
    for code, number in countries.items():
        if geo.is_country(code):
            counts[geo.country(code).continent] += number
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def largest_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """In falling order; equal ones by their name."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
