"""A row that the worker touches each minute, so that others see whether it lives."""

from __future__ import annotations

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from conference.core import clock
from conference.core.model import Model, instant, not_personal, pk
from conference.extensions import db


class Heartbeat(Model):
    """When something last showed that it lives."""

    __tablename__ = "heartbeat"
    id: Mapped[pk]
    name: Mapped[str] = mapped_column(String(40), unique=True, info=not_personal("a process"))
    at: Mapped[instant]


def beat(name: str = "worker") -> None:
    """Note that it lives."""
    row = db.session.scalars(select(Heartbeat).where(Heartbeat.name == name)).first()
    if row is None:
        db.session.add(Heartbeat(name=name, at=clock.now()))
    else:
        row.at = clock.now()
    db.session.flush()


def age_seconds(name: str = "worker") -> float | None:
    """Seconds since it last did; None when it never did."""
    at = db.session.scalar(select(Heartbeat.at).where(Heartbeat.name == name))
    return None if at is None else (clock.now() - at).total_seconds()
