"""Scans at the doors of the archived editions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from conference.checkin import keys
from conference.checkin.service import scans
from conference.core import clock
from conference.extensions import db
from conference.registrations.models import Registration
from conference.registrations.states import RegistrationState
from seeds.elsewhere import BUCHAREST, SOFIA
from seeds.world import World

# Edition, day and hour at which the door opens, how many of ten come.
DAYS = ((SOFIA, "start 10:20", 8), (BUCHAREST, "start 08:30", 9), (BUCHAREST, "start+1 08:40", 7))


def add(world: World) -> None:
    """Plan the scans; they are known once the registrations are."""
    for code, opens, of_ten in DAYS:

        def open_door(code: str = code, of_ten: int = of_ten) -> None:
            _day(world, code, of_ten)

        world.history.at(world.calendars[code].at(opens), open_door)


def _day(world: World, code: str, of_ten: int) -> None:
    built, chance = world.editions[code], world.chance
    registrations = db.session.scalars(
        select(Registration)
        .where(
            Registration.edition_id == built.edition.id,
            Registration.state == RegistrationState.CONFIRMED,
        )
        .order_by(Registration.id)
    ).all()
    there = [one for one in registrations if chance.random() * 10 < of_ten]
    for number, registration in enumerate(there):
        after = timedelta(minutes=chance.uniform(0, 75))
        _later(world, code, registration, after, f"{code}-{number}")
    again = chance.choice(there)
    _later(world, code, again, timedelta(minutes=95), f"{code}-again")


def _later(world: World, code: str, who: Registration, after: timedelta, uid: str) -> None:
    world.history.at(clock.now() + after, lambda: _scan(world, code, who, uid))


def _scan(world: World, code: str, who: Registration, uid: str) -> None:
    built = world.editions[code]
    edition = built.edition
    by_badge = world.chance.random() < 0.9
    told: dict[str, Any] = (
        {"text": keys.code_of(edition.public_id, who.badge_id, who.badge_version)}
        if by_badge
        else {"registration": who.public_id}
    )
    scans.check_in(
        edition=edition,
        checkin_list=built.lists[0].public_id,
        uid=f"{clock.now():%Y%m%d}-{uid}",
        scanned_at=clock.now(),
        means="camera" if by_badge else "search",
        by=world.cast["door"].person,
        device="Door 1",
        **told,
    )
