"""Who did what when: rows that are only added, chained by the worker afterwards."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CursorResult, Index, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from conference.core import clock
from conference.core.model import (
    Erase,
    Model,
    UtcDateTime,
    created_at,
    not_personal,
    personal,
    pk,
)
from conference.extensions import db

KEPT = timedelta(days=3653)
BEGINS = "log.begins"


class AuditEntry(Model):
    """One act. `actor` and `subject` are public ids; `data` holds no personal data."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject"),
        Index("ix_audit_entry_edition_id", "edition_id", "id"),
    )
    id: Mapped[pk]
    at: Mapped[created_at]
    act: Mapped[str] = mapped_column(String(80))
    actor: Mapped[str | None] = mapped_column(
        String(22), info=personal("who acted", "10 years", Erase.SEALED)
    )
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40), info=not_personal("a random public id"))
    edition_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    position: Mapped[int | None] = mapped_column(unique=True)
    chained_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    digest: Mapped[str | None] = mapped_column(String(64))


def record(act: str, *, about: Any, by: Any | None, **data: Any) -> AuditEntry:
    """Write an entry in the running transaction; values that are None are left out."""
    entry = AuditEntry(
        at=clock.now(),
        act=act,
        actor=None if by is None else by.public_id,
        subject_kind=type(about).__name__.lower(),
        subject=str(about.public_id),
        edition_id=_edition_of(about),
        data={key: value for key, value in data.items() if value is not None},
    )
    db.session.add(entry)
    return entry


def _edition_of(about: Any) -> int | None:
    if type(about).__tablename__ == "edition":
        return int(about.id)
    return getattr(about, "edition_id", None)


def about(*subjects: Any) -> list[AuditEntry]:
    """The entries of some objects, oldest first."""
    ids = [str(s.public_id) for s in subjects]
    query = select(AuditEntry).where(AuditEntry.subject.in_(ids)).order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def digest(entry: AuditEntry, previous: str) -> str:
    """SHA-256 over the entry and the digest before it."""
    fields = [
        previous,
        entry.position,
        entry.at.isoformat(),
        entry.act,
        entry.actor,
        entry.subject_kind,
        entry.subject,
        entry.edition_id,
        entry.data,
    ]
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def chain(limit: int = 1000) -> int:
    """Chain entries that have no place in the chain yet; answers how many. Only the worker."""
    head = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.position.is_not(None))
        .order_by(AuditEntry.position.desc())
        .limit(1)
        .with_for_update()
    ).first()
    position, previous = (head.position or 0, head.digest or "") if head else (0, "")
    fresh = db.session.scalars(
        select(AuditEntry).where(AuditEntry.position.is_(None)).order_by(AuditEntry.id).limit(limit)
    ).all()
    for entry in fresh:
        position += 1
        entry.position = position
        entry.chained_at = clock.now()
        entry.digest = previous = digest(entry, previous)
    db.session.flush()
    return len(fresh)


def first_break() -> int | None:
    """The position of the first entry that does not fit the chain, or None when all do.

    What was forgotten after its time left its last digest behind; the chain begins with that.
    """
    previous, expected = "", 1
    query = select(AuditEntry).where(AuditEntry.position.is_not(None))
    for entry in db.session.scalars(query.order_by(AuditEntry.position)).yield_per(500):
        position = entry.position or 0
        if not previous and position > 0 and _is_beginning(entry):
            expected = position
        elif position != expected or entry.digest != digest(entry, previous):
            return expected
        previous, expected = entry.digest or "", expected + 1
    return None


def _is_beginning(entry: AuditEntry) -> bool:
    return entry.act == BEGINS and entry.at < clock.now() - KEPT


def forget_old() -> int:
    """Delete what is older than its time but for the digest that the rest hangs on; how many."""
    limit = clock.now() - KEPT
    last = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.position.is_not(None), AuditEntry.at < limit)
        .order_by(AuditEntry.position.desc())
        .limit(1)
    ).first()
    if last is None or last.act == BEGINS:
        return 0
    gone: CursorResult[Any] = db.session.execute(
        delete(AuditEntry).where(AuditEntry.position < last.position)
    )
    last.act, last.actor, last.data = BEGINS, None, {}
    last.subject_kind, last.subject, last.edition_id = "log", "", None
    db.session.flush()
    return int(gone.rowcount) + 1


def head() -> str:
    """Position and digest of the newest entry of the chain; noted elsewhere, it proves the tail."""
    newest = db.session.execute(
        select(AuditEntry.position, AuditEntry.digest)
        .where(AuditEntry.position.is_not(None))
        .order_by(AuditEntry.position.desc())
        .limit(1)
    ).first()
    return f"{newest.position}:{newest.digest}" if newest else "0:"


def holds(noted: str) -> bool:
    """Whether the entry of a head that was noted earlier still stands where it stood."""
    position, _colon, digest_then = noted.partition(":")
    if position == "0":
        return True
    query = select(AuditEntry.id).where(
        AuditEntry.position == int(position), AuditEntry.digest == digest_then
    )
    return db.session.scalar(query) is not None


def count() -> int:
    """How many entries there are."""
    return db.session.scalar(select(func.count(AuditEntry.id))) or 0
