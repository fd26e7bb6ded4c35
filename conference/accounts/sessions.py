"""Server-side sign-in sessions: begun, found by the key in the cookie, listed and ended."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, or_, select, update
from sqlalchemy.orm import defer

from conference.accounts.models import Person, SignInSession
from conference.core import clock
from conference.core.errors import NotFound
from conference.core.model import new_public_id
from conference.extensions import db

LASTS = timedelta(days=14)
SEEN_EVERY = timedelta(minutes=10)
FRESH = timedelta(minutes=30)
KEPT = timedelta(days=76)  # after the end: 90 days with the 14 that a session lasts


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


_SELDOM = (
    Person.former_emails,
    Person.search_key,
    Person.biography,
    Person.passkey_handle,
    Person.recovery_hashes,
    SignInSession.key_hash,
    SignInSession.ended_at,
    SignInSession.browser,
    SignInSession.address,
)


def by_key(*beside: ColumnElement[Any]) -> Select[Any]:
    """The question who holds a key, and what else is to be known of them in the same statement.

    Asked with every request: make it once, making costs more than asking. What few pages look at
    is left out, and loaded when one does.
    """
    return (
        select(Person, SignInSession, *beside)
        .join(SignInSession, SignInSession.person_id == Person.id)
        .where(
            SignInSession.key_hash == bindparam("key_hash"),
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > bindparam("now"),
            Person.active,
        )
        .options(*map(defer, _SELDOM))
    )


_BY_KEY = by_key()


def find(key: str, question: Select[Any] = _BY_KEY, **named: Any) -> tuple[Any, ...] | None:
    """Person, session and whatever `question` asks beside; None once ended or expired."""
    named |= {"key_hash": _hash(key), "now": clock.now()}
    found: tuple[Any, ...] | None = db.session.execute(question, named).first()
    return found


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


def new_key(sign_in: SignInSession) -> str:
    """Give a session another key; the old one opens nothing any more."""
    key = new_public_id() + new_public_id()
    sign_in.key_hash = _hash(key)
    db.session.flush()
    return key


def pass_second_factor(sign_in: SignInSession) -> str:
    """Note the second factor; answers the session's new key."""
    sign_in.second_factor_at = clock.now()
    return new_key(sign_in)


def note_seen(sign_in: SignInSession) -> None:
    """Note that the session was used, every ten minutes at most; goes with the view's commit."""
    now = clock.now()
    if now - sign_in.seen_at >= SEEN_EVERY:
        db.session.execute(
            update(SignInSession)
            .where(SignInSession.id == sign_in.id)
            .values(seen_at=now)
            .execution_options(synchronize_session=False)
        )


def is_fresh(sign_in: SignInSession) -> bool:
    """Whether the person proved who they are a short while ago, as grave steps ask."""
    proved = max(sign_in.started_at, sign_in.second_factor_at or sign_in.started_at)
    return clock.now() - proved < FRESH


def forget_old() -> None:
    """For the nightly job: delete sessions that ended long ago, with browser and address."""
    limit = clock.now() - KEPT
    db.session.execute(
        delete(SignInSession).where(
            or_(SignInSession.ended_at < limit, SignInSession.expires_at < limit)
        )
    )
    db.session.commit()


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
