"""Badges for printing: whose, in which order, printed when, and replaced when one is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, insert, select

from conference.accounts.models import Person
from conference.checkin import codes, keys, short_codes
from conference.checkin.models import BadgePrint, BadgeRun
from conference.core import audit, geo
from conference.core.errors import N_, Conflict, DomainError, NotFound
from conference.core.text import full_name, in_language, sort_key
from conference.documents import papers
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.models import Category, Registration, TicketType
from conference.registrations.states import RegistrationState

MOST = 1000  # badges in one file; who prints more prints them in several
STRIPES = {
    Category.REGULAR: "teal",
    Category.MEMBER: "navy",
    Category.ACADEMIC: "olive",
    Category.STUDENT: "slate",
    Category.SPEAKER: "rust",
    Category.FUNDED: "rose",
    Category.INVITED: "amber",
}


class Which(StrEnum):
    """Whose badges are printed."""

    NEW = "new"
    ALL = "all"


class Reason(StrEnum):
    """Why a badge is replaced."""

    LOST = "lost"
    DAMAGED = "damaged"
    CHANGED = "changed"
    OTHER = "other"


REASON_NAMES = {
    Reason.LOST: N_("It was lost or stolen"),
    Reason.DAMAGED: N_("It is damaged"),
    Reason.CHANGED: N_("The name or the organisation changed"),
    Reason.OTHER: N_("Another reason"),
}


class NothingToPrint(DomainError):
    """Nobody fits what was chosen."""

    message = N_("There is no badge to print: nobody is confirmed, or all are printed already.")


class NotConfirmed(DomainError):
    """Only who has a place gets a badge."""

    message = N_("This person has no confirmed place, so there is no badge.")


class TooManyReprints(DomainError):
    """The version of a badge is one byte."""

    message = N_("This badge was replaced too often. Please register the person anew.")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many badges each choice would print."""

    every: int
    new: int


def waiting(edition: Edition) -> Waiting:
    """How many badges there are, and how many of them nobody has printed yet."""
    every = _confirmed(select(func.count()).select_from(Registration), edition)
    row = db.session.execute(
        select(every.scalar_subquery(), every.where(_unprinted()).scalar_subquery())
    ).one()
    return Waiting(int(row[0]), int(row[1]))


def print_many(*, edition: Edition, which: Which, locale: str, by: Person) -> BadgeRun:
    """A run of the badges of all confirmed people, or of those whose badge is not printed yet."""
    query = _confirmed(select(*_PRINTED), edition)
    if which is Which.NEW:
        query = query.where(_unprinted())
    rows = _in_order(db.session.execute(query).all(), locale)[:MOST]
    return _run(edition, rows, locale, by)


def print_one(*, registration: Registration, locale: str, by: Person) -> BadgeRun:
    """A run of one badge."""
    if registration.state is not RegistrationState.CONFIRMED:
        raise NotConfirmed()
    edition = registration.edition
    query = _confirmed(select(*_PRINTED), edition).where(Registration.id == registration.id)
    return _run(edition, db.session.execute(query).all(), locale, by)


def replace(*, registration: Registration, reason: Reason, by: Person) -> None:
    """Give a new version to a badge: the code on the old one is worth nothing from now on."""
    if registration.state is not RegistrationState.CONFIRMED:
        raise NotConfirmed()
    if registration.badge_version >= codes.MAX_VERSION:
        raise TooManyReprints()
    registration.badge_version = Registration.badge_version + 1
    db.session.flush()
    db.session.refresh(registration, ["badge_version"])
    audit.record(
        "registration.badge_replaced",
        about=registration,
        by=by,
        reason=reason.value,
        version=registration.badge_version,
    )
    db.session.flush()


def runs(edition: Edition, most: int = 20) -> list[Row[Any]]:
    """What was printed last, newest first."""
    return list(
        db.session.execute(
            select(
                BadgeRun.public_id,
                BadgeRun.made_at,
                BadgeRun.badges,
                BadgeRun.locale,
                func.coalesce(Person.given_name, "").label("given_name"),
                func.coalesce(Person.family_name, "").label("family_name"),
            )
            .outerjoin(Person, Person.id == BadgeRun.by_id)
            .where(BadgeRun.edition_id == edition.id)
            .order_by(BadgeRun.made_at.desc(), BadgeRun.id.desc())
            .limit(most)
        )
    )


def prints_of(registration: Registration) -> list[Row[Any]]:
    """When a badge of this registration was printed, in which version."""
    return list(
        db.session.execute(
            select(BadgePrint.version, BadgeRun.made_at, BadgeRun.public_id)
            .join(BadgeRun, BadgeRun.id == BadgePrint.run_id)
            .where(BadgePrint.registration_id == registration.id)
            .order_by(BadgeRun.made_at.desc(), BadgeRun.id.desc())
        )
    )


def find_run(edition: Edition, public_id: str) -> BadgeRun:
    """One run of this edition."""
    found: BadgeRun | None = db.session.scalars(
        select(BadgeRun).where(BadgeRun.edition_id == edition.id, BadgeRun.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound()
    return found


def find_registration(edition: Edition, public_id: str) -> Registration:
    """One registration of this edition, for its staff."""
    found: Registration | None = db.session.scalars(
        select(Registration).where(
            Registration.edition_id == edition.id, Registration.public_id == public_id
        )
    ).first()
    if found is None:
        raise NotFound()
    return found


def people_of(run: BadgeRun, edition: Edition) -> list[papers.BadgePerson]:
    """Whose badges a run prints, in the order of the alphabet of its language.

    Badges carry the codes of now: who was cancelled meanwhile is left out, a replaced badge comes
    in its newest version.
    """
    query = _confirmed(select(*_PRINTED), edition).where(
        Registration.id.in_(select(BadgePrint.registration_id).where(BadgePrint.run_id == run.id))
    )
    rows = _in_order(db.session.execute(query).all(), run.locale)
    return [_person(row, edition, run.locale) for row in rows]


def paper(run: BadgeRun, edition: Edition, labels: dict[str, str]) -> bytes:
    """The PDF of a run, four badges to an A4."""
    people = people_of(run, edition)
    if not people:
        raise Conflict(N_("Everybody of this print run was cancelled meanwhile."))
    named = papers.Edition(
        name=in_language(edition.name, run.locale), motto=in_language(edition.motto, run.locale)
    )
    return papers.badges(named, people, labels, run.locale)


_PRINTED: tuple[Any, ...] = (
    Registration.id,
    Registration.given_name,
    Registration.family_name,
    Registration.latin_name,
    Registration.organisation_name,
    Registration.country,
    Registration.badge_id,
    Registration.badge_version,
    TicketType.name.label("ticket_type"),
    TicketType.category,
)


def _confirmed(query: Select[Any], edition: Edition) -> Select[Any]:
    return query.join(TicketType, TicketType.id == Registration.ticket_type_id).where(
        Registration.edition_id == edition.id, Registration.state == RegistrationState.CONFIRMED
    )


def _unprinted() -> ColumnElement[bool]:
    printed = select(BadgePrint.id).where(
        BadgePrint.registration_id == Registration.id,
        BadgePrint.version == Registration.badge_version,
    )
    return ~printed.exists()


def _in_order(rows: Sequence[Row[Any]], locale: str) -> list[Row[Any]]:
    return sorted(rows, key=lambda r: sort_key(f"{r.family_name} {r.given_name}", locale))


def _run(edition: Edition, rows: Sequence[Row[Any]], locale: str, by: Person) -> BadgeRun:
    if not rows:
        raise NothingToPrint()
    run = BadgeRun(edition_id=edition.id, by_id=by.id, locale=locale, badges=len(rows))
    db.session.add(run)
    db.session.flush()
    db.session.execute(
        insert(BadgePrint),
        [{"run_id": run.id, "registration_id": r.id, "version": r.badge_version} for r in rows],
    )
    return run


def _person(row: Row[Any], edition: Edition, locale: str) -> papers.BadgePerson:
    return papers.BadgePerson(
        name=full_name(row.given_name, row.family_name),
        latin_name=row.latin_name,
        affiliation=row.organisation_name,
        country=geo.country_name(row.country, locale),
        role=in_language(row.ticket_type, locale),
        colour=STRIPES[row.category],
        code=keys.code_of(edition.public_id, row.badge_id, row.badge_version),
        short_code=short_codes.short_code(bytes.fromhex(row.badge_id)),
    )
