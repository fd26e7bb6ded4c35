"""What stands on the pages of an edition: venues, rooms, key dates, partners, news, documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import func, select

from conference.accounts.models import Person
from conference.core import audit, clock, files, geo, markdown
from conference.core.errors import N_, Conflict, Invalid
from conference.core.text import plain_line
from conference.editions import local_times, stamps
from conference.editions.kinds import PartnerRole
from conference.editions.models import Edition, EditionDocument, KeyDate, News, Partner, Place, Room
from conference.editions.service.making import Texts, two_languages
from conference.extensions import db
from conference.organisations.models import Organisation
from conference.organisations.service import web_address

ENGLISH_WANTED = N_("Please type it in English: that is shown where the Serbian one is missing.")
NO_COUNTRY = N_("Please choose a country.")
ENDS_EARLY = N_("It must end after it begins.")
ALREADY_THERE = N_("This organisation has that role already.")
DOCUMENT_KINDS = frozenset({"pdf", "docx", "pptx", "xlsx"})


@dataclass(frozen=True)
class Venue:
    """A place as it was typed; times on the clocks of the edition."""

    name: Texts
    address: str
    city: Texts
    country: str
    map_url: str
    starts: datetime
    ends: datetime


def _english(texts: Texts, field: str) -> Texts:
    clean = two_languages(texts)
    if not clean.get("en"):
        raise Invalid(ENGLISH_WANTED, field=f"{field}_en")
    return clean


def _changed(edition: Edition, act: str, by: Person, **facts: Any) -> None:
    db.session.flush()
    stamps.bump(edition)
    audit.record(f"edition.{act}", about=edition, by=by, **facts)


def write_place(*, edition: Edition, place: Place | None, venue: Venue, by: Person) -> Place:
    """Add a venue, or correct one."""
    if not geo.is_country(venue.country):
        raise Invalid(NO_COUNTRY, field="country")
    starts = local_times.to_instant(venue.starts, edition.zone, field="starts")
    ends = local_times.to_instant(venue.ends, edition.zone, field="ends")
    if ends <= starts:
        raise Invalid(ENDS_EARLY, field="ends")
    values = {
        "name": _english(venue.name, "name"),
        "address": plain_line(venue.address),
        "city": two_languages(venue.city),
        "country": venue.country,
        "map_url": web_address(venue.map_url, field="map_url"),
        "starts_at": starts,
        "ends_at": ends,
    }
    if place is None:
        place = Place(edition_id=edition.id)
        db.session.add(place)
    for name, value in values.items():
        setattr(place, name, value)
    _changed(edition, "place_written", by)
    return place


def write_room(
    *,
    edition: Edition,
    place: Place,
    room: Room | None,
    name: Texts,
    capacity: int | None,
    by: Person,
) -> Room:
    """Add a room to a venue, or correct one."""
    if room is None:
        last = db.session.scalar(select(func.max(Room.position)).where(Room.place_id == place.id))
        room = Room(place_id=place.id, position=(last or 0) + 1)
        db.session.add(room)
    room.name, room.capacity = _english(name, "name"), capacity
    _changed(edition, "room_written", by)
    return room


def write_key_date(
    *, edition: Edition, key_date: KeyDate | None, label: Texts, at: datetime, by: Person
) -> KeyDate:
    """Add a date that participants must know, or correct one."""
    instant = local_times.to_instant(at, edition.zone, field="at")
    words = _english(label, "label")
    if key_date is None:
        key_date = KeyDate(edition_id=edition.id)
        db.session.add(key_date)
    key_date.label, key_date.at = words, instant
    _changed(edition, "key_date_written", by)
    return key_date


def add_partner(
    *, edition: Edition, organisation: Organisation, role: PartnerRole, by: Person
) -> Partner:
    """An organisation hosts, funds or supports the edition."""
    there = select(Partner.id).where(
        Partner.edition_id == edition.id,
        Partner.organisation_id == organisation.id,
        Partner.role == role,
    )
    if db.session.scalar(there) is not None:
        raise Conflict(ALREADY_THERE, field="organisation")
    last = db.session.scalar(
        select(func.max(Partner.position)).where(Partner.edition_id == edition.id)
    )
    partner = Partner(
        edition_id=edition.id,
        organisation_id=organisation.id,
        role=role,
        position=(last or 0) + 1,
    )
    db.session.add(partner)
    _changed(edition, "partner_added", by, organisation=organisation.public_id, role=role.value)
    return partner


def move_up(*, edition: Edition, row: Any, by: Person) -> None:
    """Put a partner or document before the one above it."""
    kind = type(row)
    rows = list(
        db.session.scalars(
            select(kind).where(kind.edition_id == edition.id).order_by(kind.position, kind.id)
        )
    )
    at = rows.index(row)
    above = max(at - 1, 0)
    rows[at], rows[above] = rows[above], rows[at]
    for number, one in enumerate(rows):
        one.position = number
    _changed(edition, "order_changed", by)


def write_news(
    *, edition: Edition, piece: News | None, title: Texts, text: Texts, by: Person
) -> News:
    """Write a piece of news; Markdown is cleaned here once. It is published on its own."""
    words = _english(title, "title")
    if piece is None:
        piece = News(edition_id=edition.id)
        db.session.add(piece)
    piece.title = words
    piece.text = two_languages(text, lines=True)
    piece.html = markdown.both(piece.text)
    _changed(edition, "news_written", by)
    return piece


def publish_news(*, edition: Edition, piece: News, by: Person) -> None:
    """Everybody reads it."""
    if piece.published_at is None:
        piece.published_at = clock.now()
        _changed(edition, "news_published", by)


def withdraw_news(*, edition: Edition, piece: News, by: Person) -> None:
    """Only the staff see it again."""
    piece.published_at = None
    _changed(edition, "news_withdrawn", by)


def add_document(
    *, edition: Edition, upload: BinaryIO, name: str, title: Texts, folder: Path, by: Person
) -> EditionDocument:
    """A file for everybody to download."""
    words = _english(title, "title")
    stored = files.store(upload, name, folder=folder, kinds=DOCUMENT_KINDS, max_megabytes=20)
    last = db.session.scalar(
        select(func.max(EditionDocument.position)).where(EditionDocument.edition_id == edition.id)
    )
    document = EditionDocument(
        edition_id=edition.id, title=words, file_id=stored.id, position=(last or 0) + 1
    )
    db.session.add(document)
    _changed(edition, "document_added", by)
    return document


def remove_document(
    *, edition: Edition, document: EditionDocument, folder: Path, by: Person
) -> None:
    """The file goes with it."""
    stored = document.file
    db.session.delete(document)
    db.session.flush()
    files.remove(stored, folder=folder)
    _changed(edition, "document_removed", by)


def remove(*, edition: Edition, row: Any, by: Person) -> None:
    """Take away a venue, room, key date, partner or piece of news."""
    kind = type(row).__name__.lower()
    db.session.delete(row)
    _changed(edition, f"{kind}_removed", by)
