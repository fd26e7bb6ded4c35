"""The public list of those who agreed to stand on it."""

from __future__ import annotations

from typing import Any

from flask import abort, g, render_template
from sqlalchemy import func, select

from conference.core import geo
from conference.extensions import db
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


# No search: the key to search by holds e-mail addresses, too.
def _people() -> Any:
    return select(
        Registration.given_name,
        Registration.family_name,
        Registration.latin_name,
        Registration.organisation_name,
        Registration.country,
        Registration.sort_key,
    ).where(*_listed())


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
