"""Draft, published, archived: what is missing is said in words."""

from __future__ import annotations

from sqlalchemy import func, select

from conference.accounts.models import Person
from conference.core import audit, clock
from conference.core.errors import N_, Conflict
from conference.core.states import transition
from conference.editions import hooks, stamps
from conference.editions.missing import Step, steps, stops_publishing
from conference.editions.models import Edition, KeyDate, Partner, Place
from conference.editions.states import TRANSITIONS, EditionState
from conference.extensions import db

STILL_MISSING = N_("Before everybody may see this edition, something is still missing.")


class NotReady(Conflict):
    """Something that visitors need is missing."""

    message = STILL_MISSING


def check_list(edition: Edition) -> list[Step]:
    """What a fresh edition still needs, in the order in which it is best done."""
    count = {
        kind: db.session.scalar(
            select(func.count()).select_from(kind).where(kind.edition_id == edition.id)
        )
        or 0
        for kind in (Place, KeyDate, Partner)
    }
    return steps(
        edition,
        places=count[Place],
        key_dates=count[KeyDate],
        partners=count[Partner],
        further=hooks.steps_of_others(edition),
    )


def publish(*, edition: Edition, by: Person) -> None:
    """Everybody sees it from now on."""
    if stops_publishing(check_list(edition)):
        raise NotReady()
    if edition.published_at is None:
        edition.published_at = clock.now()
    transition(edition, EditionState.PUBLISHED, TRANSITIONS, by=by)
    stamps.bump(edition)


def withdraw(*, edition: Edition, by: Person) -> None:
    """Only its staff see it again; not possible when people rely on it."""
    for ask in hooks.before_withdrawing:
        ask(edition)
    transition(edition, EditionState.DRAFT, TRANSITIONS, by=by)
    stamps.bump(edition)


def archive(*, edition: Edition, by: Person) -> None:
    """It is over: nothing can be registered any more, and the contact person is left in peace."""
    transition(edition, EditionState.ARCHIVED, TRANSITIONS, by=by)
    edition.contact_name = edition.contact_email = edition.contact_phone = ""
    db.session.flush()
    stamps.bump(edition)
    audit.record("edition.contact_cleared", about=edition, by=by)


def reopen(*, edition: Edition, by: Person) -> None:
    """It was archived too early."""
    transition(edition, EditionState.PUBLISHED, TRANSITIONS, by=by)
    stamps.bump(edition)
