"""Taking and giving back places: check and take are one conditional UPDATE.

The order is always edition, ticket type, extras, then registrations and orders: whoever waits for a
row holds none below it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select, update

from conference.editions import stamps
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.models import Extra, TicketType

Bookable = Edition | TicketType | Extra
FEW = 10  # from here on visitors are told that few places are left


def take(thing: Bookable, count: int = 1) -> bool:
    """Take places; False, and nothing taken, when there are not as many."""
    kind, taken, most = _columns(thing)
    row = db.session.execute(
        update(kind)
        .where(kind.id == thing.id, or_(most.is_(None), taken + count <= most))
        .values({taken: taken + count})
        .returning(taken, most)
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return False
    _noted(thing, before=row[0] - count, after=row[0], most=row[1])
    return True


def give_back(thing: Bookable, count: int = 1) -> None:
    """Give places back."""
    kind, taken, _most = _columns(thing)
    row = db.session.execute(
        update(kind)
        .where(kind.id == thing.id)
        .values({taken: taken - count})
        .returning(taken, _most)
        .execution_options(synchronize_session=False)
    ).one()
    _noted(thing, before=row[0] + count, after=row[0], most=row[1])


def lock(edition: Edition) -> None:
    """Let nobody else take places of the edition until this transaction ends.

    Whoever has just written a row that names the edition holds its key: two of them would wait for
    each other for ever, if the key were asked for as well.
    """
    mine = select(Edition.id).where(Edition.id == edition.id)
    db.session.execute(mine.with_for_update(key_share=True))


def left(most: int | None, taken: int) -> int | None:
    """How many places are left; None when they are not limited."""
    return None if most is None else max(0, most - taken)


def shown(places_left: int | None) -> str:
    """What visitors are told: "free", "few" or "full". Only a change of this makes pages old."""
    if places_left is None or places_left > FEW:
        return "free"
    return "few" if places_left else "full"


def _columns(thing: Bookable) -> tuple[Any, Any, Any]:
    if isinstance(thing, Edition):
        return Edition, Edition.places_taken, Edition.places
    kind = type(thing)
    return kind, kind.taken, kind.quota


def _noted(thing: Bookable, *, before: int, after: int, most: int | None) -> None:
    db.session.expire(thing, ["places_taken" if isinstance(thing, Edition) else "taken"])
    if shown(left(most, before)) != shown(left(most, after)):
        edition = thing if isinstance(thing, Edition) else db.session.get(Edition, thing.edition_id)
        stamps.bump(edition)
