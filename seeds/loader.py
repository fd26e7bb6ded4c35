"""Fills an empty database with the sample: a history played through the product's own services."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from conference.accounts.models import Person
from conference.core import audit, clock
from conference.editions.models import Edition
from conference.extensions import db
from conference.payments.service import due
from conference.registrations.service import waiting
from seeds import cast, door, editions, elsewhere, mails, ohrid, people
from seeds.world import SEED, History, World, the_same_every_time

BEGINNING = datetime(2016, 2, 1, 9, tzinfo=UTC)
# The worker of those years: between these days it looked for what had lapsed.
WATCHES = ((datetime(2016, 3, 1, 5, tzinfo=UTC), 50), (datetime(2017, 9, 1, 5, tzinfo=UTC), 82))
LATELY = 58  # days


class NotEmpty(RuntimeError):
    """Somebody works with this database already."""


def load(*, files: Path, demo: bool) -> dict[str, int]:
    """Load everything and commit; answers how many rows there are of what.

    With `demo` the cast gets a password that everybody knows. Refuses a database that holds people
    or editions.
    """
    if db.session.scalar(select(func.count(Person.id))) or db.session.scalar(
        select(func.count(Edition.id))
    ):
        raise NotEmpty("there are people or editions in this database already")
    now = clock.now()
    world = World(now=now, history=History(until=now), chance=random.Random(SEED), files=files)
    with the_same_every_time(world.chance), _at(BEGINNING):
        people.add_organisations(world)
        people.add_people(world)
        editions.grant_everywhere(world)
        editions.add_site(world)
        _plan(world)
        world.history.play()
    with db.session.no_autoflush:
        mails.note_all_sent()
    if demo:
        cast.let_in(world)
    while audit.chain(5000):
        pass
    db.session.commit()
    return {
        "people": len(world.guests),
        "organisations": len(world.organisations),
        "editions": len(world.editions),
    }


def _plan(world: World) -> None:
    editions.plan(world)
    ohrid.add(world)
    elsewhere.add(world)
    door.add(world)
    for begins, days in WATCHES:
        for day in range(0, days, 3):
            world.history.at(begins + timedelta(days=day), waiting.expire_orders)
    for hours in range(LATELY * 24, 0, -1):
        if hours % 12 == 0 or hours < 30:
            world.history.at(world.now - timedelta(hours=hours), _work)


def _work() -> None:
    """What the worker does by itself."""
    waiting.expire_orders()
    waiting.expire_offers()
    due.remind()


@contextmanager
def _at(instant: datetime) -> Iterator[None]:
    """The clock stands at an instant; afterwards it goes as before."""
    source = clock._source
    clock.set_source(lambda: instant)
    try:
        yield
    finally:
        clock.set_source(source)
