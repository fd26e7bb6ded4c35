"""The version stamp of what visitors see: bumped with every visible change."""

from __future__ import annotations

from sqlalchemy import insert, update

from conference.editions.models import Edition, SiteStamp
from conference.extensions import db


def bump(edition: Edition | None = None) -> None:
    """Make kept pages old as soon as this transaction commits."""
    if edition is not None:
        db.session.execute(
            update(Edition)
            .where(Edition.id == edition.id)
            .values(version=Edition.version + 1)
            .execution_options(synchronize_session=False)
        )
        db.session.expire(edition, ["version"])
    raised = db.session.execute(
        update(SiteStamp).where(SiteStamp.id == 1).values(version=SiteStamp.version + 1)
    )
    if raised.rowcount == 0:
        db.session.execute(insert(SiteStamp).values(id=1, version=2))
    db.session.info["bumped"] = True
