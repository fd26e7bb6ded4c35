"""Looking editions up."""

from __future__ import annotations

from sqlalchemy import select

from conference.editions.models import Edition
from conference.extensions import db


def by_code(code: str) -> Edition | None:
    """The edition with a code, in any state; who may see it is the edge's question."""
    return db.session.scalars(select(Edition).where(Edition.code == code)).first()
