"""The public list of those who agreed to stand on it."""

from __future__ import annotations

from typing import Any

from flask import abort, g, render_template
from sqlalchemy import and_, case, func, select

from conference.accounts.models import Person
from conference.core import geo
from conference.extensions import db
from conference.organisations.queries import main_name_of
from conference.registrations.models import Registration
from conference.registrations.states import RegistrationState
from conference.registrations.views.blueprint import blueprint
from conference.web import i18n
from conference.web.access import public
from conference.web.page_cache import cached
from conference.web.tables import Table


def _listed() -> tuple[Any, ...]:
    return (
        Registration.edition_id == g.edition.id,
        Registration.state == RegistrationState.CONFIRMED,
        Registration.is_listed,
        Registration.sort_key != "",
    )


# What the person wrote on the registration stands first; their affiliation and a way to their
# page come from the profile, if it shows them. No search: the key to search by holds e-mail
# addresses, too.
def _people() -> Any:
    return (
        select(
            Registration.given_name,
            Registration.family_name,
            Registration.latin_name,
            Registration.organisation_name,
            Registration.country,
            Registration.sort_key,
            Person.public_id.label("person_id"),
            Person.public_fields.label("shown"),
            case(
                (Registration.organisation_name == "", main_name_of(Registration.person_id))
            ).label("affiliation"),
        )
        .outerjoin(Person, and_(Registration.person_id == Person.id, Person.active))
        .where(*_listed())
    )


PEOPLE = Table(
    _people,
    key=Registration.public_id,
    sorts={"name": Registration.sort_key},
    sort="name",
    size=1000,
)


@blueprint.get("/<edition_code>/participants")
@public
@cached
def participants() -> str:
    """Name, organisation and country; nothing else, and only of who agreed."""
    if not g.edition.shows_participants:
        abort(404)
    page = PEOPLE.page()
    countries = db.session.scalar(
        select(func.count(func.distinct(Registration.country))).where(*_listed())
    )
    return render_template(
        "registrations/participants.html",
        page=page,
        countries=countries,
        names=dict(geo.countries(i18n.current())),
    )
