"""Where an edition stands today: its key dates with what they mean now, its registration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from conference.core.errors import N_
from conference.editions import local_times
from conference.editions.models import Edition, KeyDate
from conference.editions.states import EditionState

OPENS = N_("Registration opens")
CLOSES = N_("Registration closes")
CANCEL = N_("Last moment to cancel")


class Registering(StrEnum):
    """Whether one can register now."""

    NOT_YET = "not_yet"
    OPEN = "open"
    CLOSED = "closed"
    NEVER = "never"


@dataclass(frozen=True)
class Moment:
    """One key date. `msgid` names ours, `label` those of organisers; `days` from today, local."""

    at: datetime
    days: int
    state: str
    msgid: str = ""
    label: Mapping[str, str] | None = None


def key_moments(edition: Edition, rows: Iterable[KeyDate], now: datetime) -> list[Moment]:
    """The key dates in their order; the first that is still to come is "next"."""
    known: list[tuple[datetime, str, Mapping[str, str] | None]] = [
        (at, msgid, None)
        for at, msgid in (
            (edition.registration_opens_at, OPENS),
            (edition.registration_closes_at, CLOSES),
            (edition.cancel_until_at, CANCEL),
        )
        if at is not None
    ]
    known += [(row.at, "", row.label) for row in rows]
    zone = ZoneInfo(edition.zone)
    today = now.astimezone(zone).date()
    made: list[Moment] = []
    next_is_named = False
    for at, msgid, label in sorted(known, key=lambda one: one[0]):
        state = "past" if at <= now else "later" if next_is_named else "next"
        next_is_named = next_is_named or state == "next"
        days = (at.astimezone(zone).date() - today).days
        made.append(Moment(at, days, state, msgid, label))
    return made


def registering(edition: Edition, now: datetime) -> Registering:
    """Whether registration is open at an instant; places are another question."""
    if edition.state is not EditionState.PUBLISHED or edition.registration_opens_at is None:
        return Registering.NEVER
    if now < edition.registration_opens_at:
        return Registering.NOT_YET
    closes = edition.registration_closes_at or end_of(edition)
    return Registering.OPEN if now < closes else Registering.CLOSED


def end_of(edition: Edition) -> datetime:
    """The instant at which the last day is over."""
    return local_times.next_midnight(
        local_times.midnight(edition.ends_on, edition.zone), edition.zone
    )


def is_over(edition: Edition, now: datetime) -> bool:
    """Whether the last day has passed where the edition takes place."""
    return now >= end_of(edition)


def changes_at(edition: Edition, moments: Iterable[Moment], now: datetime) -> list[datetime]:
    """The instants at which its page changes by itself: "in 3 days" becomes "in 2 days"."""
    coming = [moment.at for moment in moments if moment.at > now]
    coming += [at for at in (edition.registration_opens_at, edition.registration_closes_at) if at]
    if not is_over(edition, now):
        coming += [local_times.next_midnight(now, edition.zone), end_of(edition)]
    return [at for at in coming if at > now]
