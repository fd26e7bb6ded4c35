"""Setting, changing and removing a password."""

from __future__ import annotations

from conference import emails
from conference.accounts import sessions, vault
from conference.accounts.models import Person, SignInSession
from conference.core import audit, text
from conference.core.errors import N_, Invalid
from conference.extensions import db

SHORTEST = 12
TOO_SHORT = N_("Please take at least %(number)s characters; several words in a row are good.")
TOO_PLAIN = N_("This password is too easy to guess. Please take another.")
TOO_NEAR = N_("The password must not be your name or address.")
# The long ones of the lists of leaked passwords; short ones cannot be taken anyway.
_KNOWN = frozenset(
    "password1234 password12345 passwordpassword qwertyuiop12 qwertyuiopas 1q2w3e4r5t6y "
    "administrator iloveyou1234 letmein12345 welcome12345 changeme1234 sifrasifra12 "
    "lozinkalozinka".split()
)


def hashed(password: str, *, email: str, name: str) -> str:
    """The hash of an acceptable password; raises Invalid. Touches no database."""
    if len(password) < SHORTEST:
        raise Invalid(TOO_SHORT, field="password", number=SHORTEST)
    low = password.casefold()
    steps = {ord(b) - ord(a) for a, b in zip(password, password[1:], strict=False)}
    if len(set(low)) < 5 or low in _KNOWN or (len(steps) == 1 and steps <= {-1, 0, 1}):
        raise Invalid(TOO_PLAIN, field="password")
    near = {email, email.partition("@")[0], text.fold(name), name.casefold()}
    if low in near or text.fold(password) in near:
        raise Invalid(TOO_NEAR, field="password")
    return vault.hash_password(password)


def keep(*, person: Person, hashed: str | None, at: SignInSession) -> None:
    """Keep a new password, or none, and end the other sessions."""
    person.password = hashed
    sessions.end_all(person, but=at)
    db.session.flush()
    act = "password.removed" if hashed is None else "password.set"
    audit.record(act, about=person, by=person)
    emails.security_changed(person, what=act)
