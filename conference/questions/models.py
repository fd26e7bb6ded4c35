"""What organisers ask: rows that registrations (later calls and funding) read as one mechanism."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from conference.core.model import Model, UtcDateTime, pk, public_id, two_languages


class Question(Model):
    """A question of an edition for one purpose. `required` and `shown` hold their conditions.

    An archived question is asked no more, but its answers can still be read.
    """

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("edition_id", "purpose", "key"),
        Index("ix_question_edition_id_purpose", "edition_id", "purpose"),
        CheckConstraint("required IN ('never', 'always', 'when')", name="required_known"),
        CheckConstraint("shown IN ('always', 'when')", name="shown_known"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(40), default="registration")
    key: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    label: Mapped[two_languages]
    help: Mapped[two_languages]
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    limits: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    required: Mapped[str] = mapped_column(String(10), default="never")
    required_when: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    shown: Mapped[str] = mapped_column(String(10), default="always")
    shown_when: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    position: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
