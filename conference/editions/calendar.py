"""The calendar file of an edition (RFC 5545)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from conference.core import clock
from conference.core.text import in_language
from conference.editions.models import Edition, Place

DOMAIN = "days-of-clusters"


def calendar_file(edition: Edition, places: Sequence[Place], *, locale: str, url: str) -> bytes:
    """One entry for the days of the edition, or one per venue when its hours are within a day."""
    from icalendar import Calendar

    calendar = Calendar.new(name=in_language(edition.name, locale))
    timed = [place for place in places if _within_a_day(edition, place)]
    if timed and len(timed) == len(places):
        for place in timed:
            calendar.add_component(_timed(edition, place, locale, url))
        calendar.add_missing_timezones()
    else:
        calendar.add_component(_whole_days(edition, places, locale, url))
    content: bytes = calendar.to_ical()
    return content


def _within_a_day(edition: Edition, place: Place) -> bool:
    zone = ZoneInfo(edition.zone)
    return place.starts_at.astimezone(zone).date() == place.ends_at.astimezone(zone).date()


def _event(edition: Edition, uid: str, locale: str, url: str) -> Any:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{uid}@{DOMAIN}")
    event.add("dtstamp", clock.now())
    event.add("sequence", edition.version)
    event.add("summary", in_language(edition.name, locale))
    summary = in_language(edition.summary, locale)
    event.add("description", f"{summary}\n{url}".strip())
    event.add("url", url)
    return event


def _timed(edition: Edition, place: Place, locale: str, url: str) -> Any:
    zone = ZoneInfo(edition.zone)
    event = _event(edition, place.public_id, locale, url)
    event.add("dtstart", place.starts_at.astimezone(zone))
    event.add("dtend", place.ends_at.astimezone(zone))
    event.add("location", address_line(place, locale))
    return event


def _whole_days(edition: Edition, places: Sequence[Place], locale: str, url: str) -> Any:
    event = _event(edition, edition.public_id, locale, url)
    event.add("dtstart", edition.starts_on)
    event.add("dtend", edition.ends_on + timedelta(days=1))
    where = "; ".join(address_line(place, locale) for place in places)
    event.add("location", where or in_language(edition.city, locale))
    return event


def address_line(place: Place, locale: str) -> str:
    """Venue, street, city in one line."""
    parts = [in_language(place.name, locale), place.address, in_language(place.city, locale)]
    return ", ".join(part for part in parts if part)
