"""The second factor: an authenticator's codes, each taken once, and spare codes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CursorResult, or_, update

from conference import emails
from conference.accounts import sessions, vault
from conference.accounts.models import Person, SignInSession
from conference.core import audit
from conference.core.errors import N_, Invalid
from conference.extensions import db

WRONG_CODE = N_("This code is not right, or was used already. Please type the one shown now.")
WRONG_RECOVERY = N_("This recovery code is not right, or was used already.")


class WrongCode(Invalid):
    """The code does not fit."""

    message = WRONG_CODE


def digits(typed: str) -> str:
    """A code without the blanks that people type."""
    return "".join(typed.split()).replace("-", "")


def begin() -> str:
    """A new secret for somebody who sets up an authenticator; kept only once a code proves it."""
    return vault.new_totp_secret()


def set_up(*, person: Person, secret: str, code: str, at: SignInSession) -> list[str]:
    """Keep the secret when the code fits, end the other sessions, answer the recovery codes."""
    counter = vault.totp_counter(digits(code), secret, last=None)
    if counter is None:
        raise WrongCode(field="code")
    person.tf_totp_secret = secret
    person.tf_last_counter = counter
    codes = _new_codes(person)
    sessions.end_all(person, but=at)
    _note(person, "second_factor.set_up")
    return codes


def renew_recovery_codes(*, person: Person) -> list[str]:
    """New recovery codes; the old ones are void."""
    codes = _new_codes(person)
    _note(person, "second_factor.codes_renewed")
    return codes


def _new_codes(person: Person) -> list[str]:
    # Shown once and kept as keyed hashes.
    codes = vault.new_recovery_codes()
    person.recovery_hashes = [_hash(person, code) for code in codes]
    return codes


def use_code(*, person: Person, code: str) -> None:
    """Take a code once; of several tries at once with the same code one succeeds."""
    secret = person.tf_totp_secret
    counter = secret and vault.totp_counter(digits(code), secret, last=person.tf_last_counter)
    if not counter:
        raise WrongCode(field="code")
    taken: CursorResult[Any] = db.session.execute(
        update(Person)
        .where(
            Person.id == person.id,
            or_(Person.tf_last_counter.is_(None), Person.tf_last_counter < counter),
        )
        .values(tf_last_counter=counter)
    )
    if taken.rowcount != 1:
        raise WrongCode(field="code")
    db.session.expire(person, ["tf_last_counter"])


def use_recovery_code(*, person: Person, code: str) -> int:
    """Take a recovery code once; answers how many are left."""
    db.session.refresh(person, attribute_names=["recovery_hashes"], with_for_update=True)
    wanted = _hash(person, code)
    if wanted not in person.recovery_hashes:
        raise WrongCode(WRONG_RECOVERY, field="recovery_code")
    person.recovery_hashes = [one for one in person.recovery_hashes if one != wanted]
    _note(person, "second_factor.recovery_code_used")
    return len(person.recovery_hashes)


def remove(*, person: Person, at: SignInSession | None, by: Person | None) -> None:
    """Forget the authenticator and its recovery codes, and end the other sessions."""
    person.tf_totp_secret = None
    person.tf_last_counter = None
    person.recovery_hashes = []
    sessions.end_all(person, but=at)
    _note(person, "second_factor.removed", by=by)


def _hash(person: Person, code: str) -> str:
    return vault.keyed(f"recovery.{person.public_id}", digits(code).lower())


def _note(person: Person, act: str, by: Person | None = None) -> None:
    db.session.flush()
    audit.record(act, about=person, by=by or person)
    emails.security_changed(person, what=act)
