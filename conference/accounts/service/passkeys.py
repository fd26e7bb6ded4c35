"""Passkeys: registering one, signing in with one. The challenge is a one-use token of ours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from conference import emails
from conference.accounts import sessions, vault
from conference.accounts.models import Passkey, Person, SignInSession
from conference.core import audit, clock, tokens
from conference.core.errors import N_, DomainError, Invalid, NotFound
from conference.core.model import new_public_id
from conference.extensions import db

LASTS = timedelta(minutes=5)
MOST = 20


class PasskeyNotAccepted(Invalid):
    """The device's answer does not hold; nothing more is said."""

    message = N_("That passkey could not be used here. Please try again or sign in another way.")


def of(person: Person) -> list[Passkey]:
    """The passkeys of a person, oldest first."""
    return list(
        db.session.scalars(
            select(Passkey).where(Passkey.person_id == person.id).order_by(Passkey.id)
        )
    )


def options_for_new(person: Person) -> str:
    """JSON that asks the browser to make a passkey for this person."""
    if person.passkey_handle is None:
        person.passkey_handle = new_public_id()
        db.session.flush()
    challenge = tokens.issue("passkey-new", lasts=LASTS, data={"person": person.public_id})
    return vault.registration_options(
        challenge,
        handle=person.passkey_handle,
        name=person.email,
        display_name=person.display_name,
        known=[key.credential_id for key in of(person)],
    )


def add(*, person: Person, name: str, answer: dict[str, Any]) -> Passkey:
    """Keep the passkey that the browser made."""
    try:
        challenge = vault.challenge_of(answer)
        token = tokens.consume("passkey-new", challenge)
        made = vault.check_registration(answer, challenge)
    except (vault.PasskeyRefused, tokens.LinkUsedUp) as error:
        raise PasskeyNotAccepted() from error
    known = select(Passkey.id).where(Passkey.credential_id == made.credential_id)
    if token.data.get("person") != person.public_id or db.session.scalar(known) is not None:
        raise PasskeyNotAccepted()
    if len(of(person)) >= MOST:
        raise DomainError(N_("You have twenty passkeys already. Please remove one first."))
    passkey = Passkey(
        person_id=person.id,
        name=name[:64],
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        device_type=made.device_type,
        backed_up=made.backed_up,
    )
    db.session.add(passkey)
    _note(person, "passkey.added")
    return passkey


def remove(*, person: Person, public_id: str, at: SignInSession) -> None:
    """Forget one of the person's passkeys and end the other sessions."""
    passkey = db.session.scalars(
        select(Passkey).where(Passkey.person_id == person.id, Passkey.public_id == public_id)
    ).first()
    if passkey is None:
        raise NotFound()
    db.session.delete(passkey)
    sessions.end_all(person, but=at)
    _note(person, "passkey.removed")


def options_for_sign_in(person: Person | None = None) -> str:
    """JSON that asks the browser for a passkey: any of ours, or one of this person's."""
    challenge = tokens.issue("passkey-sign-in", lasts=LASTS)
    known = None if person is None else [key.credential_id for key in of(person)]
    return vault.sign_in_options(challenge, known=known)


def use(*, answer: dict[str, Any], person: Person | None = None) -> tuple[Person, bool]:
    """The owner of the passkey that signed our challenge, and whether the device knew them.

    With `person` given, the passkey must be theirs.
    """
    try:
        challenge = vault.challenge_of(answer)
        credential = vault.credential_of(answer)
        tokens.consume("passkey-sign-in", challenge)
    except (vault.PasskeyRefused, tokens.LinkUsedUp) as error:
        raise PasskeyNotAccepted() from error
    row = db.session.execute(
        select(Passkey, Person)
        .join(Person, Person.id == Passkey.person_id)
        .where(Passkey.credential_id == credential, Person.active)
        .with_for_update()
    ).first()
    if row is None or (person is not None and row.Person.id != person.id):
        raise PasskeyNotAccepted()
    passkey: Passkey = row.Passkey
    try:
        passkey.sign_count, knew = vault.check_sign_in(
            answer, challenge, public_key=passkey.public_key, sign_count=passkey.sign_count
        )
    except vault.PasskeyRefused as error:
        raise PasskeyNotAccepted() from error
    passkey.used_at = clock.now()
    db.session.flush()
    return row.Person, knew


def _note(person: Person, act: str) -> None:
    db.session.flush()
    audit.record(act, about=person, by=person)
    emails.security_changed(person, what=act)
