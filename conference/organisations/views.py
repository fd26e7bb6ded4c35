"""The public list of organisations, one organisation's page, proposing one, one's affiliation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from conference.core.errors import DomainError
from conference.extensions import db
from conference.organisations import queries, service
from conference.organisations.forms import (
    AffiliationForm,
    ProposalForm,
    country_choices,
    kind_choices,
    sector_choices,
)
from conference.organisations.models import KIND_NAMES, Organisation
from conference.organisations.sectors import name_of
from conference.web import slots
from conference.web.access import public, signed_in
from conference.web.i18n import _, lazy
from conference.web.page_cache import cached
from conference.web.site import picture
from conference.web.tables import Choice, Search, Table

blueprint = Blueprint("organisations", __name__)
picture(queries.logo)

PUBLIC = Table(
    lambda: queries.listed().where(queries.is_public()),
    key=Organisation.public_id,
    sorts={"name": Organisation.sort_key, "country": Organisation.country},
    sort="name",
    filters=[
        Search(Organisation.search_key),
        Choice("kind", lazy("What it is"), Organisation.kind, kind_choices, every=lazy("All")),
        Choice(
            "country", lazy("Country"), Organisation.country, country_choices, every=lazy("All")
        ),
        Choice("sector", lazy("Sector"), Organisation.sector, sector_choices, every=lazy("All")),
    ],
)


@blueprint.get("/organisations")
@public
@cached
def index() -> str:
    """All checked organisations."""
    page = PUBLIC.page()
    return render_template(
        "organisations/index.html", page=page, kind_names=KIND_NAMES, sector_name=name_of
    )


@blueprint.get("/organisations/<public_id>")
@public
@cached
def show(public_id: str) -> Any:
    """One organisation; a merged one leads to its successor."""
    organisation = queries.for_person(g.person, public_id)
    if organisation.public_id != public_id:
        return redirect(url_for(".show", public_id=organisation.public_id), 301)
    g.organisation = organisation
    return render_template(
        "organisations/show.html",
        organisation=organisation,
        kind_name=KIND_NAMES[organisation.kind],
        sector_name=name_of,
        people=queries.people_count(organisation),
        cards=list(slots.organisation_cards),
    )


@blueprint.get("/organisations/new")
@signed_in
def new() -> str:
    """The form for an organisation that is not in the list."""
    form = ProposalForm(data={"name": request.args.get("name", "")[:200], "mine": True})
    return render_template("organisations/new.html", form=form, near=[])


@blueprint.post("/organisations/new")
@signed_in
def propose() -> Any:
    """Add it, after showing what may be the same."""
    form, near = ProposalForm(), []
    if form.validate_on_submit():
        details = form.values()
        near = [] if form.sure.data else queries.near(details.name, details.country)
        try:
            if not near:
                return _propose(form)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return render_template("organisations/new.html", form=form, near=near), 422


def _propose(form: ProposalForm) -> Response:
    made = service.propose(details=form.values(), by=g.person)
    if form.mine.data:
        service.affiliate(person=g.person, organisation=made)
    db.session.commit()
    flash(_("Thank you. We will look at it; until then you and the staff see it."), "success")
    return redirect(
        url_for(".affiliation" if form.mine.data else ".show", public_id=made.public_id)
    )


@blueprint.get("/account/affiliation")
@signed_in
def affiliation() -> str:
    """Where I belong, and choosing another organisation by search."""
    return _affiliation_page()


def _affiliation_page(form: AffiliationForm | None = None) -> str:
    query = request.values.get("q", "").strip()[:200]
    return render_template(
        "organisations/affiliation.html",
        own=queries.affiliations_of(g.person),
        query=query,
        form=form or AffiliationForm(formdata=None, found=queries.matching(query)),
    )


@blueprint.post("/account/affiliation")
@signed_in
def affiliate() -> Any:
    """I belong to one of the organisations that were found."""
    form = AffiliationForm(found=queries.matching(request.form.get("q", "")[:200]))
    if form.validate_on_submit():
        try:
            service.affiliate(
                person=g.person,
                organisation=queries.for_staff(form.organisation.data),
                position=form.position.data or "",
                is_main=form.is_main.data,
            )
            db.session.commit()
            flash(_("Saved."), "success")
            return redirect(url_for(".affiliation"))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return _affiliation_page(form), 422


@blueprint.post("/account/affiliation/<public_id>/leave")
@signed_in
def leave(public_id: str) -> Response:
    """I no longer belong there."""
    service.leave(person=g.person, organisation=queries.for_staff(public_id))
    db.session.commit()
    return redirect(url_for(".affiliation"))


@blueprint.post("/account/affiliation/<public_id>/main")
@signed_in
def make_main(public_id: str) -> Response:
    """This one stands on my badge."""
    service.make_main(person=g.person, organisation=queries.for_staff(public_id))
    db.session.commit()
    return redirect(url_for(".affiliation"))


@blueprint.post("/account/affiliation/<public_id>/position")
@signed_in
def set_position(public_id: str) -> Response:
    """My position there is called otherwise."""
    service.set_position(
        person=g.person,
        organisation=queries.for_staff(public_id),
        position=request.form.get("position", ""),
    )
    db.session.commit()
    flash(_("Saved."), "success")
    return redirect(url_for(".affiliation"))


@slots.profile_cards
def where_they_work() -> slots.Card | None:
    """Organisations and positions on a person's public page, if the person shows them."""
    own = queries.shown_affiliations(g.profile)
    return slots.Card("organisations/_on_profile.html", {"affiliations": own}, 10) if own else None


@slots.site_menu
def organisations_entry() -> slots.Entry:
    return slots.Entry(_("Organisations"), url_for("organisations.index"), 20)


@slots.account_menu
def affiliation_entry() -> slots.Entry | None:
    if g.get("person") is None:
        return None
    return slots.Entry(_("Affiliation"), url_for("organisations.affiliation"), 30)
