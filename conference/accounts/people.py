"""Finding people by their address, making them when they are new, and keeping their search key."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from conference.accounts.models import Person
from conference.core import text
from conference.extensions import db

visible_change: list[Callable[[], None]] = []
"""Called when something changed that visitors see; who keeps pages registers here."""


def visitors_see_a_change() -> None:
    """Tell those who keep pages that what a person shows is another."""
    for tell in visible_change:
        tell()


def normal_email(email: str) -> str:
    """One spelling of an address: what is unique in the table and typed in any case."""
    return text.plain_line(email).casefold()


def by_email(email: str) -> Person | None:
    """The person with this address, in any case of letters."""
    found: Person | None = db.session.scalars(
        select(Person).where(Person.email == normal_email(email))
    ).first()
    return found


def by_public_id(public_id: str) -> Person | None:
    """The person with a public id."""
    found: Person | None = db.session.scalars(
        select(Person).where(Person.public_id == public_id)
    ).first()
    return found


def find_or_make(email: str, *, locale: str | None) -> Person:
    """The person with this address, or a new one whose address is not confirmed yet.

    Of two requests that make the same person at once, both get the same row.
    """
    found = by_email(email)
    if found is not None:
        return found
    person = Person(email=normal_email(email), locale=locale)
    try:
        with db.session.begin_nested():
            db.session.add(person)
    except IntegrityError:
        person = db.session.scalars(select(Person).where(Person.email == normal_email(email))).one()
    return person


def index_name(person: Person) -> None:
    """Keep the search key beside a changed name: found in any script and spelling."""
    person.search_key = text.search_key(person.given_name, person.family_name, person.latin_name)[
        :500
    ]
