"""What the sample is made of while it is made: its data files, its clock, its chance, its rows."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from conference.accounts.models import Person
from conference.checkin.models import CheckinList
from conference.core import clock, model
from conference.editions.models import Edition, Payee, Series
from conference.organisations.models import Organisation
from conference.questions.kinds import Asked
from conference.registrations import codes
from conference.registrations.models import Extra, TicketType

DATA = Path(__file__).parent / "data"
SEED = 1604  # the year does not matter, that it stays the same does
_MOMENT = re.compile(r"(now|start|\d{4}-\d\d-\d\d)([+-]\d+)?(?: (\d\d:\d\d))?")


def read(name: str) -> dict[str, Any]:
    """One data file."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Moments:
    """Reads "now-3 09:00", "start+1 20:00" and "2017-11-22 09:00" in the zone of an edition."""

    today: date
    start: date
    zone: ZoneInfo

    def day(self, text: str) -> date:
        """The date alone."""
        return self._parts(text)[0]

    def at(self, text: str) -> datetime:
        """The instant; without a time of day it is midnight."""
        day, hour = self._parts(text)
        return datetime.combine(day, hour, self.zone).astimezone(UTC)

    def local(self, text: str) -> datetime | None:
        """The wall-clock time as an organiser types it, or None for an empty text."""
        return datetime.combine(*self._parts(text)) if text else None

    def maybe(self, text: str) -> datetime | None:
        """The instant, or None for an empty text."""
        return self.at(text) if text else None

    def _parts(self, text: str) -> tuple[date, time]:
        found = _MOMENT.fullmatch(text)
        if found is None:
            raise ValueError(f"not a moment: {text!r}")
        word, shift, hour = found.groups()
        named = {"now": self.today, "start": self.start}
        day = named[word] if word in named else date.fromisoformat(word)
        return day + timedelta(days=int(shift or 0)), time.fromisoformat(hour or "00:00")


def coming(today: date, *, weekday: int, ahead: int) -> date:
    """The first such weekday at least `ahead` days on; nobody meets between the two Christmases."""
    day = today + timedelta(days=ahead)
    day += timedelta(days=(weekday - day.weekday()) % 7)
    while (day.month, day.day) >= (12, 18) or (day.month, day.day) <= (1, 9):
        day += timedelta(days=7)
    return day


def _self(instant: datetime) -> datetime:
    return instant


@dataclass
class History:
    """Acts played in the order of their instants, while the product's clock shows each of them."""

    until: datetime
    _acts: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=count)

    def at(self, when: datetime, act: Callable[[], object]) -> None:
        """Have something done at an instant; what lies in the future is left to the reader."""
        if when <= self.until:
            heappush(self._acts, (when, next(self._number), act))

    def play(self) -> None:
        """Do everything; an act may add later ones."""
        source = clock._source
        try:
            while self._acts:
                when, _number, act = heappop(self._acts)
                clock.set_source(partial(_self, when))
                act()
        finally:
            clock.set_source(source)


@dataclass(frozen=True, slots=True)
class Guest:
    """An invented person with the organisation that they come from."""

    person: Person
    organisation: Organisation
    position: str
    key: str = ""  # of the cast
    is_honoured: bool = False

    @property
    def is_student(self) -> bool:
        return self.position.casefold().startswith(("student", "студент", "phd"))


@dataclass(frozen=True, slots=True)
class Built:
    """An edition with what belongs to it, by the keys of its data file."""

    edition: Edition
    data: dict[str, Any]
    moments: Moments
    tickets: dict[str, TicketType]
    extras: dict[str, Extra]
    questions: list[Asked]
    lists: list[CheckinList]


@dataclass
class World:
    """Everything that the parts of the loader share."""

    now: datetime
    history: History
    chance: random.Random
    files: Path
    organisations: dict[str, Organisation] = field(default_factory=dict)
    guests: list[Guest] = field(default_factory=list)
    cast: dict[str, Guest] = field(default_factory=dict)
    payees: dict[str, Payee] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    calendars: dict[str, Moments] = field(default_factory=dict)
    editions: dict[str, Built] = field(default_factory=dict)

    def of(self, *organisations: str) -> list[Guest]:
        """The people of some organisations, in their order."""
        wanted = {self.organisations[key].id for key in organisations}
        return [guest for guest in self.guests if guest.organisation.id in wanted]


@contextmanager
def the_same_every_time(chance: random.Random) -> Iterator[None]:
    """Random ids and codes come from the sample's own chance, so that its addresses stay."""
    choose, bits = model.random_choice, codes.random_bits
    model.random_choice, codes.random_bits = chance.choice, chance.getrandbits
    try:
        yield
    finally:
        model.random_choice, codes.random_bits = choose, bits
