"""Making an edition and writing what it is: basics, texts, rules of registration, contact, logo."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select

from conference.accounts.models import Person
from conference.core import audit, clock, files, geo, markdown
from conference.core.errors import N_, Conflict, Invalid
from conference.core.permissions import Role
from conference.core.text import plain_line, plain_text
from conference.editions import codes, hooks, local_times, queries, roles, stamps
from conference.editions.kinds import Audience, EditionKind
from conference.editions.models import Edition, InSeries, KeyDate, Place
from conference.editions.states import EditionState
from conference.extensions import db

NAME_WANTED = N_("Please type the name in English: it is shown where the Serbian one is missing.")
CITY_WANTED = N_("Please type the city in English.")
NO_COUNTRY = N_("Please choose a country.")
NO_ZONE = N_("Please choose a time zone.")
ENDS_EARLY = N_("The last day cannot be before the first.")
FAR = N_("Please check the year.")
CODE_TAKEN = N_("Another edition has this code already.")
CODE_RESERVED = N_("This word is kept for the site itself. Please choose another.")
CODE_SHAPE = N_("Only small letters a to z, digits, and single hyphens between them.")
CODE_FIXED = N_("The code can be changed only while the edition is a draft.")
ZONE_FIXED = N_("The time zone can be changed only while the edition is a draft.")
CLOSES_EARLY = N_("Registration must close after it opens.")
CANCEL_LATE = N_("Cancelling must end before the edition ends.")
HELD_AFTER = timedelta(days=365)
TOO_FEW = N_("%(taken)s places are taken already; there cannot be fewer.")

Texts = dict[str, str]


@dataclass(frozen=True)
class Basics:
    """What an edition is, where and when."""

    kind: EditionKind
    name: Texts
    city: Texts
    country: str
    zone: str
    starts_on: date
    ends_on: date
    code: str = ""
    motto: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """Who may register from when until when; times as typed, on the clocks of the edition."""

    audience: Audience
    opens: datetime | None
    closes: datetime | None
    cancel_until: datetime | None
    places: int | None
    has_waiting_list: bool
    offer_hours: int
    max_per_order: int
    shows_participants: bool


def two_languages(texts: Texts, *, lines: bool = False) -> Texts:
    """Without languages that say nothing; one line each unless `lines`."""
    clean = plain_text if lines else plain_line
    made = {language: clean(text or "") for language, text in texts.items()}
    return {language: text for language, text in made.items() if text}


def make(*, basics: Basics, by: Person | None, after: Edition | None = None) -> Edition:
    """A draft that only its staff see; `after` names the edition whose series it goes on with.

    Who makes it and holds no role for all editions becomes its organiser, else it would be
    nobody's: until a year after its end.
    """
    _check(basics)
    code = _code(basics, None)
    edition = Edition(code=code, **_columns(basics))
    db.session.add(edition)
    db.session.flush()
    audit.record("edition.made", about=edition, by=by, code=code)
    for one in queries.series_of(after) if after is not None else []:
        number = one.number + 1 if one.number is not None else None
        db.session.add(InSeries(edition=edition, series=one.series, number=number))
    if by is not None and not roles.roles_of(by, edition):
        until = max(basics.ends_on, clock.today(basics.zone)) + HELD_AFTER
        roles.grant(person=by, edition=edition, role=Role.ORGANISER, ends_on=until, by=by)
    db.session.flush()
    return edition


def edit_basics(*, edition: Edition, basics: Basics, by: Person) -> None:
    """Name, kind, dates, city, zone, code."""
    _check(basics)
    draft = edition.state is EditionState.DRAFT
    if basics.code and basics.code != edition.code and not draft:
        raise Conflict(CODE_FIXED, field="code")
    if basics.zone != edition.zone and not draft:
        raise Conflict(ZONE_FIXED, field="zone")
    old_zone = edition.zone
    edition.code = _code(basics, edition)
    for name, value in _columns(basics).items():
        setattr(edition, name, value)
    if basics.zone != old_zone:
        _keep_the_hands(edition, old_zone)
    _changed(edition, "basics", by)


def _check(basics: Basics) -> None:
    if not two_languages(basics.name).get("en"):
        raise Invalid(NAME_WANTED, field="name_en")
    if not two_languages(basics.city).get("en"):
        raise Invalid(CITY_WANTED, field="city_en")
    if not geo.is_country(basics.country):
        raise Invalid(NO_COUNTRY, field="country")
    if not local_times.is_zone(basics.zone):
        raise Invalid(NO_ZONE, field="zone")
    if basics.ends_on < basics.starts_on:
        raise Invalid(ENDS_EARLY, field="ends_on")
    for name, day in (("starts_on", basics.starts_on), ("ends_on", basics.ends_on)):
        if not local_times.FIRST_YEAR <= day.year <= local_times.LAST_YEAR:
            raise Invalid(FAR, field=name)


def _columns(basics: Basics) -> dict[str, object]:
    return {
        "kind": basics.kind,
        "name": two_languages(basics.name),
        "motto": two_languages(basics.motto),
        "city": two_languages(basics.city),
        "country": basics.country,
        "zone": basics.zone,
        "starts_on": basics.starts_on,
        "ends_on": basics.ends_on,
    }


def _code(basics: Basics, edition: Edition | None) -> str:
    """The typed code if it can be used, a proposal when none was typed."""
    code = plain_line(basics.code).lower()
    if not code:
        if edition is not None:
            return edition.code
        return codes.proposal(basics.name, basics.city, basics.starts_on.year, queries.codes())
    if not codes.is_well_formed(code):
        raise Invalid(CODE_SHAPE, field="code")
    if codes.is_reserved(code):
        raise Invalid(CODE_RESERVED, field="code")
    holder = db.session.scalar(select(Edition.id).where(Edition.code == code))
    if holder is not None and (edition is None or holder != edition.id):
        raise Conflict(CODE_TAKEN, field="code")
    return code


def _keep_the_hands(edition: Edition, old_zone: str) -> None:
    def moved(instant: datetime | None) -> datetime | None:
        return local_times.same_hands(instant, old_zone, edition.zone)

    for name in ("registration_opens_at", "registration_closes_at", "cancel_until_at"):
        setattr(edition, name, moved(getattr(edition, name)))
    for place in db.session.scalars(select(Place).where(Place.edition_id == edition.id)):
        place.starts_at, place.ends_at = moved(place.starts_at), moved(place.ends_at)
    for key_date in db.session.scalars(select(KeyDate).where(KeyDate.edition_id == edition.id)):
        key_date.at = moved(key_date.at)
    db.session.flush()
    for tell in hooks.zone_changed:
        tell(edition, old_zone)


def edit_texts(*, edition: Edition, texts: dict[str, Texts], by: Person) -> None:
    """What visitors read; `about` and `outcome` are Markdown, cleaned here once."""
    edition.summary = two_languages(texts["summary"])
    edition.for_whom = two_languages(texts["for_whom"], lines=True)
    edition.how_to_take_part = two_languages(texts["how_to_take_part"], lines=True)
    edition.about = two_languages(texts["about"], lines=True)
    edition.outcome = two_languages(texts["outcome"], lines=True)
    edition.about_html = markdown.both(edition.about)
    edition.outcome_html = markdown.both(edition.outcome)
    _changed(edition, "texts", by)


def edit_rules(*, edition: Edition, rules: Rules, by: Person) -> None:
    """Who may register, from when until when, how many."""
    instants = {
        name: None if at is None else local_times.to_instant(at, edition.zone, field=name)
        for name, at in (
            ("opens", rules.opens),
            ("closes", rules.closes),
            ("cancel_until", rules.cancel_until),
        )
    }
    opens, closes, cancel = instants["opens"], instants["closes"], instants["cancel_until"]
    if opens and closes and closes <= opens:
        raise Invalid(CLOSES_EARLY, field="closes")
    over = local_times.next_midnight(
        local_times.midnight(edition.ends_on, edition.zone), edition.zone
    )
    if cancel and cancel > over:
        raise Invalid(CANCEL_LATE, field="cancel_until")
    db.session.flush()
    # Whoever takes a place at this moment waits for this row, or this waits for them.
    db.session.refresh(edition, ["places", "places_taken"], with_for_update={"key_share": True})
    if rules.places is not None and rules.places < edition.places_taken:
        raise Conflict(TOO_FEW, field="places", taken=edition.places_taken)
    more = _more_places(edition.places, rules.places)
    edition.audience = rules.audience
    edition.registration_opens_at, edition.registration_closes_at = opens, closes
    edition.cancel_until_at = cancel
    edition.places, edition.has_waiting_list = rules.places, rules.has_waiting_list
    edition.offer_hours, edition.max_per_order = rules.offer_hours, rules.max_per_order
    edition.shows_participants = rules.shows_participants
    _changed(edition, "rules", by)
    if more:
        for tell in hooks.places_changed:
            tell(edition)


def _more_places(before: int | None, now: int | None) -> bool:
    return before is not None and (now is None or now > before)


def edit_contact(*, edition: Edition, name: str, email: str, phone: str, by: Person) -> None:
    """Whom delegates may ask."""
    edition.contact_name = plain_line(name)
    edition.contact_email = plain_line(email)
    edition.contact_phone = plain_line(phone)
    _changed(edition, "contact", by)


def set_logo(*, edition: Edition, upload: BinaryIO, name: str, folder: Path, by: Person) -> None:
    """Keep a new logo, drawn anew; the old one goes."""
    old = edition.logo
    edition.logo = files.store(
        upload, name, folder=folder, kinds=files.IMAGES, max_megabytes=5, field="logo"
    )
    db.session.flush()
    if old is not None:
        files.remove(old, folder=folder)
    _changed(edition, "logo", by)


def remove_logo(*, edition: Edition, folder: Path, by: Person) -> None:
    """Take the logo away."""
    old = edition.logo
    if old is not None:
        edition.logo = None
        db.session.flush()
        files.remove(old, folder=folder)
        _changed(edition, "logo", by)


def _changed(edition: Edition, what: str, by: Person) -> None:
    db.session.flush()
    stamps.bump(edition)
    audit.record(f"edition.{what}_edited", about=edition, by=by)
