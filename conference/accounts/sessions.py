"""Server-side sign-in sessions: begun, found by the key in the cookie, listed and ended."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy import select, update

from conference.accounts.models import Person, SignInSession
from conference.core import clock
from conference.core.errors import NotFound
from conference.core.model import new_public_id
from conference.extensions import db

LASTS = timedelta(days=14)
SEEN_EVERY = timedelta(minutes=10)


def _hash(key: str) -> str:
    return hashlib.sha256(f"session:{key}".encode()).hexdigest()


def begin(
    person: Person, *, method: str, browser: str, address: str, second_factor: bool = False
) -> str:
    """Begin a session and answer its key, which only the cookie keeps."""
    key = new_public_id() + new_public_id()
    now = clock.now()
    db.session.add(
        SignInSession(
            key_hash=_hash(key),
            person_id=person.id,
            seen_at=now,
            expires_at=now + LASTS,
            method=method,
            second_factor_at=now if second_factor else None,
            browser=browser[:200],
            address=address[:45],
        )
    )
    db.session.flush()
    return key


def find(key: str) -> tuple[Person, SignInSession] | None:
    """The person and session of a key, in one statement; None once ended or expired."""
    row = db.session.execute(
        select(Person, SignInSession)
        .join(SignInSession, SignInSession.person_id == Person.id)
        .where(
            SignInSession.key_hash == _hash(key),
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > clock.now(),
            Person.active,
        )
    ).first()
    return None if row is None else (row[0], row[1])


def of(person: Person) -> list[SignInSession]:
    """The running sessions of a person, newest first."""
    return list(
        db.session.scalars(
            select(SignInSession)
            .where(
                SignInSession.person_id == person.id,
                SignInSession.ended_at.is_(None),
                SignInSession.expires_at > clock.now(),
            )
            .order_by(SignInSession.seen_at.desc())
        )
    )


def end(person: Person, session_public_id: str) -> None:
    """End one of the person's own sessions."""
    ended = db.session.execute(
        update(SignInSession)
        .where(
            SignInSession.person_id == person.id,
            SignInSession.public_id == session_public_id,
            SignInSession.ended_at.is_(None),
        )
        .values(ended_at=clock.now())
    )
    if ended.rowcount != 1:
        raise NotFound()


def end_all(person: Person, *, but: SignInSession | None = None) -> None:
    """End every session of a person, except perhaps the one they sit at."""
    query = update(SignInSession).where(
        SignInSession.person_id == person.id, SignInSession.ended_at.is_(None)
    )
    if but is not None:
        query = query.where(SignInSession.id != but.id)
    db.session.execute(query.values(ended_at=clock.now()))
