"""Signing in: our own mailed link, or a password."""

from __future__ import annotations

from datetime import timedelta

from conference import emails
from conference.accounts import people, vault
from conference.accounts.models import Person
from conference.core import audit, clock, links, tokens
from conference.core.errors import N_, Invalid
from conference.extensions import db

PURPOSE = "sign-in"
LASTS = timedelta(minutes=10)
WRONG = N_("The address or the password is not right.")


class WrongPassword(Invalid):
    """Says the same for an unknown address, no password and a wrong one."""

    message = WRONG


def send_link(*, email: str, locale: str, then: str | None) -> None:
    """Mail a link to an address, known or not: using it proves the address, and makes the account.

    Older links stay good until one is used, so that a stranger who asks cannot spoil ours.
    """
    address = people.normal_email(email)
    raw = tokens.issue(PURPOSE, lasts=LASTS, email=address, data={"then": then, "locale": locale})
    emails.sign_in_link(address, locale=locale, link=links.to("sign-in", "link", raw))


def look_at_link(raw: str) -> str:
    """The address that a link signs in; uses nothing up. Raises LinkUsedUp."""
    return tokens.peek(PURPOSE, raw).email or ""


def use_link(raw: str) -> tuple[Person, str | None]:
    """Use a link up: its person, made now if they are new, and where they wanted to go."""
    token = tokens.consume(PURPOSE, raw)
    email = token.email or ""
    person = people.find_or_make(email, locale=token.data.get("locale"))
    if not person.active:
        raise tokens.LinkUsedUp()
    confirm(person)
    tokens.revoke(PURPOSE, email=email)
    return person, token.data.get("then")


def confirm(person: Person) -> None:
    """Note that the person has shown to read the mail of their address."""
    if person.confirmed_at is None:
        person.confirmed_at = clock.now()
        db.session.flush()
        audit.record("person.confirmed", about=person, by=person)


def stored_password(email: str) -> str | None:
    """What the password of an address is compared with; None where there is none."""
    person = people.by_email(email)
    return person.password if person is not None and person.active else None


def with_password(*, email: str, fits: bool, stronger: str | None) -> Person:
    """The person of a password that fitted; `stronger` is its hash under today's rule.

    Comparing takes a third of a second and is done before, outside any transaction.
    """
    person = people.by_email(email)
    if not fits or person is None or not person.active or person.password is None:
        raise WrongPassword(field="password")
    if stronger:
        person.password = stronger
        db.session.flush()
    return person


def password_fits(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether a password fits what was stored; the same work whether there is one or not."""
    return vault.password_fits(password, stored)
