"""How many are in: for a list and a day, for every list, and what happened to one registration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select

from conference.accounts.models import Person
from conference.checkin.models import Admission, CheckinList, Scan
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.models import Registration
from conference.registrations.states import RegistrationState


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the confirmed ones are in, on one list and day."""

    inside: int
    confirmed: int


def _confirmed(edition: Edition) -> Any:
    return (
        select(func.count())
        .select_from(Registration)
        .where(
            Registration.edition_id == edition.id,
            Registration.state == RegistrationState.CONFIRMED,
        )
        .scalar_subquery()
    )


def count(edition: Edition, checkin_list: str, day: date) -> Count:
    """The live count, in one statement."""
    inside = (
        select(func.count())
        .select_from(Admission)
        .join(CheckinList, CheckinList.id == Admission.list_id)
        .where(
            CheckinList.public_id == checkin_list,
            CheckinList.edition_id == edition.id,
            Admission.on_date == day,
        )
        .scalar_subquery()
    )
    row = db.session.execute(select(inside, _confirmed(edition))).one()
    return Count(int(row[0]), int(row[1]))


def arrived(edition: Edition, day: date) -> Count:
    """How many people are in anywhere on a day."""
    people = (
        select(func.count(func.distinct(Admission.registration_id)))
        .join(CheckinList, CheckinList.id == Admission.list_id)
        .where(CheckinList.edition_id == edition.id, Admission.on_date == day)
        .scalar_subquery()
    )
    row = db.session.execute(select(people, _confirmed(edition))).one()
    return Count(int(row[0]), int(row[1]))


def by_list_and_day(edition: Edition) -> list[Row[Any]]:
    """(list_id, on_date, inside) for every list and day with somebody in, newest day first."""
    return list(
        db.session.execute(
            select(Admission.list_id, Admission.on_date, func.count().label("inside"))
            .join(CheckinList, CheckinList.id == Admission.list_id)
            .where(CheckinList.edition_id == edition.id)
            .group_by(Admission.list_id, Admission.on_date)
            .order_by(Admission.on_date.desc())
        )
    )


def scans_of(registration: Registration) -> list[Row[Any]]:
    """What happened at the door to one registration, newest first."""
    return list(
        db.session.execute(
            select(
                Scan.scanned_at,
                Scan.result,
                Scan.device,
                CheckinList.name.label("list_name"),
                func.coalesce(Person.given_name, "").label("given_name"),
                func.coalesce(Person.family_name, "").label("family_name"),
            )
            .join(CheckinList, CheckinList.id == Scan.list_id)
            .outerjoin(Person, Person.id == Scan.by_id)
            .where(Scan.registration_id == registration.id)
            .order_by(Scan.scanned_at.desc(), Scan.id.desc())
        )
    )
