"""Which rows of editions belong to a person, and what a role has to do with leaving."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from conference.accounts.models import Person
from conference.accounts.my_data import Obstacle, Owner, Whose
from conference.core import clock
from conference.core.errors import N_
from conference.core.permissions import Role
from conference.core.retention import Elsewhere, Term
from conference.editions.models import Edition, RoleGrant, RoleInvitation
from conference.editions.service import publishing
from conference.extensions import db

OWNERS = [
    Owner(
        what=N_("Contact person of an event"),
        model=Edition,
        rows=lambda mine: select(Edition).where(
            func.lower(Edition.contact_email).in_(mine.addresses)
        ),
        about_others=True,
    ),
    Owner(
        what=N_("Roles"),
        model=RoleGrant,
        rows=lambda mine: select(RoleGrant).where(RoleGrant.person_id == mine.person.id),
    ),
    Owner(
        what=N_("Invitations to a role"),
        model=RoleInvitation,
        rows=lambda mine: select(RoleInvitation).where(RoleInvitation.email.in_(mine.addresses)),
    ),
]


def sole_administrator(mine: Whose) -> list[Obstacle]:
    """Somebody must remain who can let others in."""
    running = select(RoleGrant.person_id).where(
        RoleGrant.role == Role.ADMINISTRATOR,
        RoleGrant.edition_id.is_(None),
        RoleGrant.ended_at.is_(None),
        RoleGrant.ends_on >= clock.now().date(),
    )
    administrators = db.session.scalars(
        select(Person.id).where(Person.active, Person.id.in_(running))
    ).all()
    if list(administrators) != [mine.person.id]:
        return []
    return [Obstacle(N_("You are the only administrator. Please invite another one first."))]


def end_roles(person: Person) -> None:
    """Every role ends with its person."""
    db.session.execute(
        update(RoleGrant)
        .where(RoleGrant.person_id == person.id, RoleGrant.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


TERMS = [
    Term(
        model=RoleInvitation,
        keep="1 year",
        over=lambda now: RoleInvitation.created_at < now - timedelta(days=365),
    ),
]
ELSEWHERE = [Elsewhere("edition", "until archived", publishing.archive)]


def of_past_editions(column: Any, now: datetime, *, years: int = 2) -> ColumnElement[bool]:
    """Rows whose edition ended so long ago; `column` names the edition."""
    ended = now.date() - timedelta(days=years * 366)
    past: ColumnElement[bool] = column.in_(select(Edition.id).where(Edition.ends_on < ended))
    return past
