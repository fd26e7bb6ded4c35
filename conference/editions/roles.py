"""Staff roles: who holds which, in which edition, until when."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, or_, select

from conference.accounts.models import Person
from conference.core import audit, clock
from conference.core.permissions import Role
from conference.editions.models import Edition, RoleGrant
from conference.extensions import db

# Asked with every request of staff, so it is made once. No edition equals null: those for all stay.
_HELD = select(RoleGrant.role).where(
    RoleGrant.person_id == bindparam("person_id"),
    RoleGrant.ended_at.is_(None),
    RoleGrant.ends_on >= bindparam("today"),
    or_(RoleGrant.edition_id.is_(None), RoleGrant.edition_id == bindparam("edition_id")),
)


def roles_of(person: Person, edition: Edition | None) -> frozenset[Role]:
    """The roles a person holds today in an edition; without one, only those for all editions."""
    named = {
        "person_id": person.id,
        "edition_id": None if edition is None else edition.id,
        "today": clock.now().date(),
    }
    found = db.session.scalars(_HELD, named)
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
