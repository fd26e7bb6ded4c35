"""Staff roles: who holds which, in which edition, until when."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, String, bindparam, cast, func, or_, select

from conference.accounts import sessions
from conference.accounts.models import Person, SignInSession
from conference.core import audit, clock
from conference.core.permissions import Role
from conference.editions.models import Edition, RoleGrant
from conference.extensions import db


def _held(what: Any, person_id: Any) -> Select[Any]:
    # No edition equals null: those for all stay.
    return select(what).where(
        RoleGrant.person_id == person_id,
        RoleGrant.ended_at.is_(None),
        RoleGrant.ends_on >= bindparam("today"),
        or_(RoleGrant.edition_id.is_(None), RoleGrant.edition_id == bindparam("edition_id")),
    )


_NAMES = func.aggregate_strings(cast(RoleGrant.role, String), " ")
_HELD = _held(RoleGrant.role, bindparam("person_id"))
_WHO = sessions.by_key(_held(_NAMES, Person.id).correlate(Person).scalar_subquery())


def who(key: str, edition: Edition | None) -> tuple[Person, SignInSession, frozenset[Role]] | None:
    """Who holds the key of a session, and the roles they hold here: one statement a request."""
    named = {"edition_id": None if edition is None else edition.id, "today": clock.now().date()}
    found = sessions.find(key, _WHO, **named)
    if found is None:
        return None
    person, sign_in, names = found
    return person, sign_in, frozenset(map(Role, (names or "").split()))


def roles_of(person: Person, edition: Edition | None) -> frozenset[Role]:
    """The roles a person holds today in an edition; without one, only those for all editions."""
    named = {
        "person_id": person.id,
        "edition_id": None if edition is None else edition.id,
        "today": clock.now().date(),
    }
    found = db.session.scalars(_HELD, named)
    return frozenset(found)


def holders(edition: Edition, role: Role) -> list[Person]:
    """Who holds a role in an edition today, in the order in which it was given."""
    return list(
        dict.fromkeys(
            db.session.scalars(
                select(Person)
                .join(RoleGrant, RoleGrant.person_id == Person.id)
                .where(
                    RoleGrant.edition_id == edition.id,
                    RoleGrant.role == role,
                    RoleGrant.ended_at.is_(None),
                    RoleGrant.ends_on >= clock.now().date(),
                    Person.active,
                )
                .order_by(RoleGrant.id)
            )
        )
    )


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
