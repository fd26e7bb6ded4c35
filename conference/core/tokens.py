"""One-use links and codes: kept as hashes, taken by one conditional update."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CursorResult, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from conference.core import clock
from conference.core.errors import N_, DomainError
from conference.core.model import Erase, Model, UtcDateTime, created_at, instant, personal, pk
from conference.extensions import db

random_bytes: Callable[[int], bytes] = secrets.token_bytes


class LinkUsedUp(DomainError):
    """The link was used already, has expired, or was never ours."""

    status = 404
    message = N_("This link has been used already or has expired. Please ask for a new one.")


class OneTimeToken(Model):
    """One link or code; only its SHA-256 is kept."""

    __tablename__ = "one_time_token"
    id: Mapped[pk]
    created_at: Mapped[created_at]
    purpose: Mapped[str] = mapped_column(String(40))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str | None] = mapped_column(
        String(254), index=True, info=personal("who the link was sent to", "30 days", Erase.DELETE)
    )
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    expires_at: Mapped[instant]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


def _hash(purpose: str, raw: str) -> str:
    return hashlib.sha256(f"{purpose}:{raw}".encode()).hexdigest()


def issue(
    purpose: str, *, lasts: timedelta, email: str | None = None, data: dict[str, Any] | None = None
) -> str:
    """Make a token of 256 random bits for one purpose; answers its text, which is not kept."""
    import base64

    raw = base64.urlsafe_b64encode(random_bytes(32)).rstrip(b"=").decode()
    token = OneTimeToken(
        purpose=purpose,
        hash=_hash(purpose, raw),
        email=email,
        data=data or {},
        expires_at=clock.now() + lasts,
    )
    db.session.add(token)
    db.session.flush()
    return raw


def peek(purpose: str, raw: str) -> OneTimeToken:
    """The token if it can still be used; raises LinkUsedUp. Uses nothing up."""
    token: OneTimeToken | None = db.session.scalars(
        select(OneTimeToken).where(
            OneTimeToken.hash == _hash(purpose, raw),
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > clock.now(),
        )
    ).first()
    if token is None:
        raise LinkUsedUp()
    return token


def consume(purpose: str, raw: str) -> OneTimeToken:
    """Use the token up and answer it; of any number of tries at once, one gets it."""
    now = clock.now()
    taken: CursorResult[Any] = db.session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.hash == _hash(purpose, raw),
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > now,
        )
        .values(used_at=now)
    )
    if taken.rowcount != 1:
        raise LinkUsedUp()
    token: OneTimeToken = db.session.scalars(
        select(OneTimeToken)
        .where(OneTimeToken.hash == _hash(purpose, raw))
        .execution_options(populate_existing=True)
    ).one()
    return token


def revoke(purpose: str, *, email: str, data: Mapping[str, Any] | None = None) -> None:
    """Make every unused token of an address and purpose useless; with `data`, those about it."""
    unused = [
        OneTimeToken.purpose == purpose,
        OneTimeToken.email == email,
        OneTimeToken.used_at.is_(None),
    ]
    if data is not None:
        found = db.session.scalars(select(OneTimeToken).where(*unused))
        unused.append(OneTimeToken.id.in_([t.id for t in found if data.items() <= t.data.items()]))
    db.session.execute(update(OneTimeToken).where(*unused).values(used_at=clock.now()))


def is_live(purpose: str, raw: str) -> bool:
    """Whether a link still works; uses nothing up."""
    try:
        peek(purpose, raw)
    except LinkUsedUp:
        return False
    return True


def forget_old(days: int = 30) -> None:
    """Delete what expired long ago."""
    limit = clock.now() - timedelta(days=days)
    db.session.execute(delete(OneTimeToken).where(OneTimeToken.expires_at < limit))
