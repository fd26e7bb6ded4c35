"""Which rows of registrations belong to a person, and what keeps a person from leaving."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, or_, select

from conference.accounts.models import Person
from conference.accounts.my_data import Obstacle, Owner, Whose
from conference.core import clock
from conference.core.errors import N_
from conference.core.files import StoredFile
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.models import Invitation, Order, Registration, RegistrationDraft
from conference.registrations.states import HOLDS_PLACE, RegistrationState


def is_mine(mine: Whose) -> ColumnElement[bool]:
    """A registration that is this person's place."""
    named = and_(Registration.person_id.is_(None), Registration.email.in_(mine.addresses))
    return or_(Registration.person_id == mine.person.id, named)


def orders(mine: Whose) -> Select[Any]:
    """The orders that this person placed."""
    named = and_(Order.person_id.is_(None), Order.email.in_(mine.addresses))
    return select(Order).where(or_(Order.person_id == mine.person.id, named))


def order_ids(mine: Whose) -> Select[Any]:
    """Their keys."""
    return orders(mine).with_only_columns(Order.id)


def addresses(person: Person) -> set[str]:
    """What the person typed as address when registering."""
    own = select(Registration.email).where(Registration.person_id == person.id)
    placed = select(Order.email).where(Order.person_id == person.id)
    return set(db.session.scalars(own.union(placed)))


def _drafts(mine: Whose) -> Select[Any]:
    text = cast(RegistrationDraft.data, String)
    return select(RegistrationDraft).where(
        or_(
            RegistrationDraft.order_id.in_(order_ids(mine)),
            *(text.contains(json.dumps(one), autoescape=True) for one in sorted(mine.addresses)),
        )
    )


def _files(mine: Whose) -> Select[Any]:
    answers = db.session.scalars(select(Registration.answers).where(is_mine(mine)))
    sent = [
        answer["file"]
        for given in answers
        for answer in (given or {}).values()
        if isinstance(answer, dict) and "file" in answer
    ]
    return select(StoredFile).where(StoredFile.public_id.in_(sent))


OWNERS = [
    Owner(
        what=N_("Orders"),
        model=Order,
        rows=orders,
        seals=lambda order: order.total_minor > 0,
    ),
    Owner(
        what=N_("Registrations"),
        model=Registration,
        rows=lambda mine: select(Registration).where(is_mine(mine)),
    ),
    Owner(what=N_("Files sent with a registration"), model=StoredFile, rows=_files),
    Owner(what=N_("Half-filled registrations"), model=RegistrationDraft, rows=_drafts),
    Owner(
        what=N_("Invitations to register"),
        model=Invitation,
        rows=lambda mine: select(Invitation).where(Invitation.email.in_(mine.addresses)),
    ),
]


def running_places(mine: Whose) -> list[Obstacle]:
    """A place at an event to come must be given up first: somebody may be waiting for it."""
    found = db.session.execute(
        select(Edition.id, Edition.name)
        .join(Registration, Registration.edition_id == Edition.id)
        .where(
            or_(is_mine(mine), Registration.order_id.in_(order_ids(mine))),
            Registration.state.in_([*HOLDS_PLACE, RegistrationState.WAITING]),
            Edition.ends_on >= clock.now().date(),
        )
        .order_by(Edition.starts_on)
    ).all()
    words = N_("There is a place at %(edition)s in your name. Please cancel it first.")
    names = {row.id: row.name for row in found}
    return [Obstacle(words, {"edition": name}) for name in names.values()]
