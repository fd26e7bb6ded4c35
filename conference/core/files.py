"""Uploaded files: limits before reading, type by content, random names outside the web root."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import String, event
from sqlalchemy.orm import Mapped, mapped_column

from conference.core.errors import N_, Invalid, NotFound
from conference.core.model import Erase, Model, created_at, new_public_id, personal, pk, public_id
from conference.extensions import db

MEGABYTE = 1024 * 1024
MAX_PIXELS = 40_000_000


class StoredFile(Model):
    """A file on disk: what it is, how it was called, its SHA-256."""

    __tablename__ = "stored_file"
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    name: Mapped[str] = mapped_column(
        String(200), info=personal("how its owner called it", "with its owner", Erase.REPLACE)
    )
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(60))


KINDS = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
IMAGES = frozenset({"png", "jpeg", "webp"})
_OFFICE = {"docx": "word/document.xml", "pptx": "ppt/presentation.xml", "xlsx": "xl/workbook.xml"}

TOO_LARGE = N_("The file is larger than %(limit)s MB. Please choose a smaller one.")
WRONG_KIND = N_("This file is not of an accepted kind. Accepted: %(kinds)s.")
EMPTY = N_("The file is empty. Please choose it again.")
NOT_AN_IMAGE = N_("This picture cannot be read, or has too many pixels.")


def kind_of(content: bytes) -> str | None:
    """The kind of a file by its content, never by its name; None when unknown."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(b"PK\x03\x04"):
        return _office_kind(content)
    return None


def _office_kind(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return None
    return next((kind for kind, mark in _OFFICE.items() if mark in names), None)


def check(content: bytes, *, kinds: frozenset[str], max_megabytes: float, field: str) -> str:
    """The content type of an acceptable file; raises Invalid on the field otherwise."""
    if not content:
        raise Invalid(EMPTY, field=field)
    if len(content) > max_megabytes * MEGABYTE:
        raise Invalid(TOO_LARGE, field=field, limit=f"{max_megabytes:g}")
    kind = kind_of(content)
    if kind is None or kind not in kinds:
        raise Invalid(WRONG_KIND, field=field, kinds=", ".join(sorted(k.upper() for k in kinds)))
    return KINDS[kind]


def redraw(content: bytes, *, field: str, longest: int = 1600) -> bytes:
    """A picture drawn anew as PNG, at most `longest` px: nothing hidden in it survives."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Invalid(NOT_AN_IMAGE, field=field)
            picture.thumbnail((longest, longest))
            drawn = io.BytesIO()
            picture.convert("RGBA").save(drawn, "PNG", optimize=True)
            return drawn.getvalue()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Invalid(NOT_AN_IMAGE, field=field) from error


def store(
    upload: BinaryIO,
    name: str,
    *,
    folder: Path,
    kinds: frozenset[str],
    max_megabytes: float = 10,
    field: str = "file",
) -> StoredFile:
    """Keep an upload under a random name. The file is on disk before its row is flushed."""
    content = upload.read(int(max_megabytes * MEGABYTE) + 1)
    content_type = check(content, kinds=kinds, max_megabytes=max_megabytes, field=field)
    if kinds <= IMAGES:
        content, content_type = redraw(content, field=field), KINDS["png"]
    return keep(content, name, folder=folder, content_type=content_type)


def keep(content: bytes, name: str, *, folder: Path, content_type: str) -> StoredFile:
    """Write bytes of ours or of a checked upload: temporary file, fsync, rename, then the row."""
    place = new_public_id()
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    Path(temporary).rename(folder / place)
    row = StoredFile(
        name=_clean_name(name),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        place=place,
    )
    db.session.add(row)
    db.session.flush()
    return row


def read(row: StoredFile, *, folder: Path) -> bytes:
    """The bytes of a stored file; NotFound when it is gone from the disk."""
    try:
        return (folder / row.place).read_bytes()
    except FileNotFoundError as error:
        raise NotFound() from error


def remove(row: StoredFile, *, folder: Path) -> None:
    """Delete the row, and the file once that is committed: a row never points at nothing."""
    db.session.info.setdefault(_GOING, []).append(folder / row.place)
    db.session.delete(row)


_GOING = "files to remove"


@event.listens_for(db.session, "after_commit")
def _remove_files(session: Any) -> None:
    for path in session.info.pop(_GOING, []):
        path.unlink(missing_ok=True)


@event.listens_for(db.session, "after_rollback")
def _keep_files(session: Any) -> None:
    session.info.pop(_GOING, None)


def _clean_name(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(c for c in last if c.isprintable() and c not in '"<>|*?:')
    return visible.strip(". ")[:200] or "file"
