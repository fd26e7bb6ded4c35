"""The second-factor codes of the demo's cast, for the command that prints them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from conference.accounts import people, vault
from conference.accounts.models import Person
from conference.core import clock
from conference.extensions import db

STEP = 30  # seconds that a code is shown


def now(email: str | None) -> Iterator[tuple[str, str, int]]:
    """(address, code, seconds left) of everybody with an authenticator, or of one of them."""
    query = select(Person).where(Person.tf_totp_secret.is_not(None)).order_by(Person.email)
    if email is not None:
        query = query.where(Person.email == people.normal_email(email))
    left = STEP - int(clock.now().timestamp()) % STEP
    for person in db.session.scalars(query):
        yield person.email, vault.totp_now(person.tf_totp_secret or ""), left
