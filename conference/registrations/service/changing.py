"""Changing what a registration says about its person, by themselves or by who ordered it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conference import emails
from conference.accounts.models import Person
from conference.accounts.people import normal_email
from conference.core import audit, clock, geo, text
from conference.core.errors import Invalid
from conference.editions import stamps
from conference.editions.kinds import Audience
from conference.editions.models import Edition
from conference.extensions import db
from conference.questions.kinds import Answer
from conference.registrations import naming, places
from conference.registrations.models import Category, Registration
from conference.registrations.refusals import DeadlinePassed, ForMembers
from conference.registrations.service import admission, catalogue
from conference.registrations.states import HOLDS_PLACE, RegistrationState

_CHANGEABLE = HOLDS_PLACE | {RegistrationState.WAITING}
PLAIN = ("diet", "accessibility", "wants_visa_letter", "is_listed")


def may_change(registration: Registration) -> bool:
    """Until the edition begins, while the place is live."""
    return registration.state in _CHANGEABLE and clock.now() < catalogue.begins_at(
        registration.edition
    )


def change_details(
    *,
    registration: Registration,
    values: Mapping[str, Any],
    answers: Mapping[str, Answer],
    by: Person,
) -> None:
    """Change names, organisation, needs and answers; a new address gets the ticket."""
    if not may_change(registration):
        raise DeadlinePassed()
    places.lock(registration.edition)
    was_shown = is_public(registration)
    before = registration.email
    email = normal_email(values.get("email", "")) or before
    _affiliate(registration, values.get("organisation", ""))
    registration.position = text.plain_line(values.get("position", ""))[:120]
    if not geo.is_country(values["country"]):
        raise Invalid(field="country")
    registration.country = values["country"]
    registration.email = email
    named = naming.columns(
        given_name=values["given_name"],
        family_name=values["family_name"],
        latin_name=values.get("latin_name", ""),
        organisation=registration.organisation_name,
        email=email,
    )
    named_now = not registration.name
    for column, value in named.items():
        setattr(registration, column, value)
    for name in PLAIN:
        setattr(registration, name, values[name])
    registration.answers = dict(answers)
    db.session.flush()
    audit.record("registration.details_changed", about=registration, by=by)
    if was_shown or is_public(registration):
        stamps.bump(registration.edition)
    if email != before:
        registration.person = None
    if (email != before or named_now) and registration.state is RegistrationState.CONFIRMED:
        emails.registration_confirmed(registration.order, email, [registration])
    db.session.flush()


def _affiliate(registration: Registration, typed: str) -> None:
    name = text.plain_line(typed)[:200]
    if name == registration.organisation_name:
        return
    organisation = admission.organisations_named([name]).get(name)
    members_only = (
        registration.edition.audience is Audience.MEMBERS
        or registration.ticket_type.category is Category.MEMBER
    )
    if members_only and (organisation is None or not organisation.is_member):
        raise ForMembers(field="organisation", organisation=name or "—")
    registration.organisation = organisation
    registration.organisation_name = name


def is_public(registration: Registration) -> bool:
    """Whether the public list of participants shows this person."""
    edition: Edition = registration.edition
    return (
        edition.shows_participants
        and registration.is_listed
        and registration.state is RegistrationState.CONFIRMED
    )
