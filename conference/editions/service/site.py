"""What belongs to no single edition: series, and events of partners on the front page."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from conference.accounts.models import Person
from conference.core import audit
from conference.core.errors import N_, Conflict, Invalid, NotFound
from conference.core.text import plain_line
from conference.editions import local_times, stamps
from conference.editions.models import Edition, InSeries, PartnerEvent, Series
from conference.editions.service.making import ENDS_EARLY, FAR, Texts, two_languages
from conference.extensions import db
from conference.organisations.service import web_address

NAME_WANTED = N_("Please type the name in English.")
ALREADY_IN = N_("The edition stands in this series already.")
URL_WANTED = N_("A web address looks like https://www.example.org.")


def put_in_series(
    *, edition: Edition, series: Series | None, name: Texts, number: int | None, by: Person
) -> InSeries:
    """An edition stands in a series, a new one when none is given; a joint one in several."""
    if series is None:
        words = two_languages(name)
        if not words.get("en"):
            raise Invalid(NAME_WANTED, field="name_en")
        last = db.session.scalar(select(func.max(Series.position)))
        series = Series(name=words, position=(last or 0) + 1)
        db.session.add(series)
        db.session.flush()
    there = select(InSeries.id).where(
        InSeries.edition_id == edition.id, InSeries.series_id == series.id
    )
    if db.session.scalar(there) is not None:
        raise Conflict(ALREADY_IN, field="series")
    made = InSeries(edition_id=edition.id, series_id=series.id, number=number)
    db.session.add(made)
    db.session.flush()
    stamps.bump(edition)
    audit.record("edition.series_edited", about=edition, by=by)
    return made


def take_out_of_series(*, edition: Edition, series: Series, by: Person) -> None:
    """It does not stand in that series; NotFound when it never did."""
    row = db.session.scalars(
        select(InSeries).where(InSeries.edition_id == edition.id, InSeries.series_id == series.id)
    ).first()
    if row is None:
        raise NotFound()
    db.session.delete(row)
    db.session.flush()
    stamps.bump(edition)
    audit.record("edition.series_edited", about=edition, by=by)


def write_partner_event(
    *,
    event: PartnerEvent | None,
    name: Texts,
    city: str,
    starts_on: date,
    ends_on: date,
    url: str,
    by: Person,
) -> PartnerEvent:
    """Show an event of a partner on the front page, with a link."""
    words = two_languages(name)
    if not words.get("en"):
        raise Invalid(NAME_WANTED, field="name_en")
    if ends_on < starts_on:
        raise Invalid(ENDS_EARLY, field="ends_on")
    if not all(
        local_times.FIRST_YEAR <= day.year <= local_times.LAST_YEAR for day in (starts_on, ends_on)
    ):
        raise Invalid(FAR, field="starts_on")
    address = web_address(url, field="url")
    if not address:
        raise Invalid(URL_WANTED, field="url")
    if event is None:
        event = PartnerEvent()
        db.session.add(event)
    event.name, event.city = words, plain_line(city)
    event.starts_on, event.ends_on, event.url = starts_on, ends_on, address
    db.session.flush()
    stamps.bump()
    audit.record("partner_event.written", about=event, by=by)
    return event


def remove_partner_event(*, event: PartnerEvent, by: Person) -> None:
    """Take it off the front page."""
    audit.record("partner_event.removed", about=event, by=by)
    db.session.delete(event)
    db.session.flush()
    stamps.bump()
