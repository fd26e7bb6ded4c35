"""Half-filled registrations kept on the server: begun, saved screen by screen, forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from conference.core import clock, files
from conference.core.errors import NotFound
from conference.core.files import StoredFile
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.models import RegistrationDraft

KEPT = timedelta(days=7)


def begin(edition: Edition, data: dict[str, Any]) -> RegistrationDraft:
    """Keep what was typed first."""
    draft = RegistrationDraft(edition_id=edition.id, data=data)
    db.session.add(draft)
    db.session.flush()
    return draft


def load(edition: Edition, public_id: str) -> RegistrationDraft:
    """The draft with this key in this edition, or NotFound."""
    found: RegistrationDraft | None = db.session.scalars(
        select(RegistrationDraft).where(
            RegistrationDraft.public_id == public_id, RegistrationDraft.edition_id == edition.id
        )
    ).first()
    if found is None:
        raise NotFound()
    return found


def same_again(
    edition: Edition, public_id: str, *, email: str, name: tuple[str, str]
) -> RegistrationDraft | None:
    """The draft with this key, if nothing was ordered with it and it is of this very person."""
    found: RegistrationDraft | None = db.session.scalars(
        select(RegistrationDraft).where(
            RegistrationDraft.public_id == public_id,
            RegistrationDraft.edition_id == edition.id,
            RegistrationDraft.order_id.is_(None),
        )
    ).first()
    if found is None:
        return None
    first = found.data["people"][0]
    known = (found.data.get("email"), first.get("given_name"), first.get("family_name"))
    return found if known == (email, *name) else None


def save(draft: RegistrationDraft, **parts: Any) -> None:
    """Replace parts of what was typed; a draft whose order was placed stays as it is."""
    if draft.order_id is None:
        draft.data = {**draft.data, **parts}


def forget_old(folder: Path) -> int:
    """Delete drafts after their time, and the files that came with those never placed."""
    old = db.session.scalars(
        select(RegistrationDraft).where(RegistrationDraft.created_at < clock.now() - KEPT)
    ).all()
    for draft in old:
        if draft.order_id is None:
            for public_id in _files_of(draft):
                _remove(public_id, folder)
    ids = [draft.id for draft in old]
    db.session.execute(delete(RegistrationDraft).where(RegistrationDraft.id.in_(ids)))
    return len(ids)


def _files_of(draft: RegistrationDraft) -> list[str]:
    return [
        answer["file"]
        for person in draft.data.get("people", ())
        for answer in person.get("answers", {}).values()
        if isinstance(answer, dict) and "file" in answer
    ]


def _remove(public_id: str, folder: Path) -> None:
    row = db.session.scalars(select(StoredFile).where(StoredFile.public_id == public_id)).first()
    if row is not None:
        files.remove(row, folder=folder)
