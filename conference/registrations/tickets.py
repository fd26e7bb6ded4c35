"""What a confirmed person holds: the ticket as PDF and the event for their calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from conference.core import clock, geo, links
from conference.core.errors import N_, NotFound
from conference.core.outbox import Attachment, makers
from conference.core.text import in_language, slug
from conference.documents import formats, papers, words
from conference.editions.models import Edition, Place
from conference.extensions import db
from conference.registrations import codes
from conference.registrations.models import Registration
from conference.registrations.service import seats

if TYPE_CHECKING:
    from icalendar import Event


def _plain_code(registration: Registration) -> str:
    return registration.badge_id


badge_code: Callable[[Registration], str] = _plain_code
"""The text in the QR code; check-in puts the signed code here."""
short_code: Callable[[Registration], str] = _plain_code
"""What is read aloud at the door; check-in puts its short code here."""
gettext: Callable[[str], str] = str
"""The words of the reader's language; the application puts its own here."""

BRING = N_("An identity document with your photograph")


def ticket_pdf(registration: Registration, locale: str) -> Attachment:
    """The ticket: one A4 page with the code for the entrance."""
    edition = registration.edition
    paper = papers.ticket(
        papers.Edition(
            name=in_language(edition.name, locale),
            motto=in_language(edition.motto, locale),
            when=formats.days(edition.starts_on, edition.ends_on, locale),
            where=_where(edition, locale),
        ),
        papers.TicketData(
            name=registration.name,
            latin_name=registration.latin_name,
            affiliation=registration.organisation_name,
            country=geo.country_name(registration.country, locale),
            ticket_type=in_language(registration.ticket_type.name, locale),
            order_number=codes.show_code(registration.order.code),
            code=badge_code(registration),
            short_code=short_code(registration),
            extras=_extras(registration, locale),
            bring=[gettext(BRING)],
            contact=[
                part
                for part in (edition.contact_name, edition.contact_email, edition.contact_phone)
                if part
            ],
            made_on=clock.today(edition.zone),
        ),
        words.ticket(gettext),
        locale,
    )
    return Attachment(_file_name(registration, "pdf"), "application/pdf", paper)


def calendar(registration: Registration, locale: str) -> Attachment:
    """The event and what was booked, for any calendar (RFC 5545)."""
    from icalendar import Calendar

    made = Calendar.new(name=in_language(registration.edition.name, locale))
    made.add("method", "PUBLISH")
    for event in _events(registration, locale):
        made.add_component(event)
    made.add_missing_timezones()
    return Attachment(
        _file_name(registration, "ics"), "text/calendar; charset=utf-8", made.to_ical()
    )


def _events(registration: Registration, locale: str) -> list[Event]:
    from icalendar import Event

    edition, zone = registration.edition, ZoneInfo(registration.edition.zone)
    url = links.to(edition.code)
    name = in_language(edition.name, locale)
    places = db.session.scalars(
        select(Place).where(Place.edition_id == edition.id).order_by(Place.starts_at)
    ).all()
    events = [
        Event.new(
            uid=f"{registration.public_id}-{place.public_id}@days-of-clusters",
            stamp=clock.now(),
            summary=name,
            start=place.starts_at.astimezone(zone),
            end=place.ends_at.astimezone(zone),
            location=_address(place, locale),
            url=url,
        )
        for place in places
    ]
    if not events:
        events.append(
            Event.new(
                uid=f"{registration.public_id}@days-of-clusters",
                stamp=clock.now(),
                summary=name,
                start=edition.starts_on,
                end=edition.ends_on + timedelta(days=1),
                location=_where(edition, locale),
                url=url,
            )
        )
    for line in seats.lines_of(registration):
        extra = line.extra
        if extra is None or extra.starts_at is None:
            continue
        ends = extra.ends_at or extra.starts_at + timedelta(hours=2)
        events.append(
            Event.new(
                uid=f"{registration.public_id}-{extra.public_id}@days-of-clusters",
                stamp=clock.now(),
                summary=f"{in_language(extra.name, locale)} ({name})",
                start=extra.starts_at.astimezone(zone),
                end=ends.astimezone(zone),
                location=in_language(extra.place, locale),
                url=url,
            )
        )
    return events


def _extras(registration: Registration, locale: str) -> list[papers.Extra]:
    zone = ZoneInfo(registration.edition.zone)
    found = []
    for line in seats.lines_of(registration):
        if line.extra is None:
            continue
        name = in_language(line.text, locale)
        starts = line.extra.starts_at
        when = ""
        if starts is not None:
            local = starts.astimezone(zone)
            when = f"{formats.day(local.date(), locale)}, {local:%H:%M}"
        found.append(
            papers.Extra(
                name=f"{line.quantity} × {name}" if line.quantity > 1 else name,
                when=when,
                where=in_language(line.extra.place, locale),
            )
        )
    return found


def _where(edition: Edition, locale: str) -> str:
    place = db.session.scalars(
        select(Place).where(Place.edition_id == edition.id).order_by(Place.starts_at)
    ).first()
    if place is not None:
        return _address(place, locale)
    parts = [in_language(edition.city, locale), geo.country_name(edition.country, locale)]
    return ", ".join(part for part in parts if part)


def _address(place: Place, locale: str) -> str:
    parts = [in_language(place.name, locale), place.address, in_language(place.city, locale)]
    return ", ".join(part for part in parts if part)


def _file_name(registration: Registration, ending: str) -> str:
    name = slug(registration.name) or "ticket"
    return f"{registration.edition.code}-{name}.{ending}"


def _load(public_id: str) -> Registration:
    found: Registration | None = db.session.scalars(
        select(Registration)
        .where(Registration.public_id == public_id)
        .options(joinedload(Registration.edition), joinedload(Registration.order))
    ).first()
    if found is None:
        raise NotFound()
    return found


def _ticket(registration: str, locale: str) -> Attachment:
    return ticket_pdf(_load(registration), locale)


def _calendar(registration: str, locale: str) -> Attachment:
    return calendar(_load(registration), locale)


makers["ticket"] = _ticket
makers["calendar"] = _calendar
