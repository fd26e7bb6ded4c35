"""Staff roles: who holds which, in which edition, until when."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from conference.accounts.models import Person
from conference.core import audit, clock
from conference.core.permissions import Role
from conference.editions.models import Edition, RoleGrant
from conference.extensions import db


def roles_of(person: Person, edition: Edition | None) -> frozenset[Role]:
    """The roles a person holds today in an edition; without one, only those for all editions."""
    here = RoleGrant.edition_id.is_(None)
    if edition is not None:
        here = or_(here, RoleGrant.edition_id == edition.id)
    found = db.session.scalars(
        select(RoleGrant.role).where(
            RoleGrant.person_id == person.id,
            RoleGrant.ended_at.is_(None),
            RoleGrant.ends_on >= clock.now().date(),
            here,
        )
    )
    return frozenset(found)


def grant(
    *, person: Person, edition: Edition | None, role: Role, ends_on: date, by: Person | None
) -> RoleGrant:
    """Give a role until a date (its last day)."""
    granted = RoleGrant(person=person, edition=edition, role=role, ends_on=ends_on)
    db.session.add(granted)
    db.session.flush()
    about = edition if edition is not None else person
    audit.record("role.granted", about=about, by=by, role=role.value, to=person.public_id)
    return granted
