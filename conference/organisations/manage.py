"""Pages of staff: organisations that wait for a look, corrections, logos, merging duplicates."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from conference.core.errors import DomainError
from conference.core.permissions import Permission, allows
from conference.extensions import db
from conference.organisations import queries, service
from conference.organisations.forms import (
    LogoForm,
    MergeForm,
    StaffForm,
    country_choices,
    kind_choices,
)
from conference.organisations.models import KIND_NAMES, Organisation
from conference.web import slots
from conference.web.access import requires
from conference.web.i18n import _, lazy, words
from conference.web.tables import Choice, Search, Table

blueprint = Blueprint("organisations_desk", __name__)
EDIT = Permission.EDIT_ORGANISATIONS


def _checks() -> list[tuple[str, str]]:
    return [("waiting", _("Waiting for a look")), ("checked", _("Checked"))]


def _has_been_checked(value: str) -> Any:
    checked = Organisation.checked_at.is_not(None)
    return checked if value == "checked" else ~checked


ALL = Table(
    lambda: queries.listed().where(Organisation.merged_into_id.is_(None)),
    key=Organisation.public_id,
    sorts={
        "name": Organisation.sort_key,
        "country": Organisation.country,
        "added": Organisation.created_at,
    },
    sort="name",
    filters=[
        Search(Organisation.search_key),
        Choice("state", lazy("State"), options=_checks, where=_has_been_checked, every=lazy("All")),
        Choice("kind", lazy("What it is"), Organisation.kind, kind_choices, every=lazy("All")),
        Choice(
            "country", lazy("Country"), Organisation.country, country_choices, every=lazy("All")
        ),
    ],
)


@blueprint.get("/<edition_code>/desk/organisations")
@requires(EDIT)
def index() -> str:
    """All organisations, the unchecked ones too."""
    return render_template(
        "organisations/manage/index.html", page=ALL.page(), kind_names=KIND_NAMES
    )


@blueprint.route("/<edition_code>/desk/organisations/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Any:
    """Add one, after showing what may be the same."""
    form, near = StaffForm(), []
    if form.validate_on_submit():
        details = form.values()
        near = [] if form.sure.data else queries.near(details.name, details.country)
        try:
            if not near:
                service.add(details=details, is_member=form.is_member.data, by=g.person)
                db.session.commit()
                flash(_("Saved."), "success")
                return redirect(url_for(".index"))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    status = 422 if request.method == "POST" else 200
    return render_template("organisations/manage/new.html", form=form, near=near), status


@blueprint.route("/<edition_code>/desk/organisations/<public_id>", methods=["GET", "POST"])
@requires(EDIT)
def edit(public_id: str) -> Any:
    """Correct one."""
    organisation = queries.for_staff(public_id)
    form = StaffForm(sector=organisation.sector)
    if request.method == "GET":
        form = StaffForm.from_organisation(organisation)
    elif form.validate_on_submit():
        try:
            service.edit(organisation=organisation, details=form.values(), by=g.person)
            service.set_member(
                organisation=organisation, is_member=form.is_member.data, by=g.person
            )
            db.session.commit()
            flash(_("Saved."), "success")
            return redirect(url_for(".edit", public_id=public_id))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return _edit_page(queries.for_staff(public_id), form)


def _edit_page(organisation: Organisation, form: StaffForm) -> Any:
    near = queries.near(organisation.name, organisation.country, but=organisation)
    page = render_template(
        "organisations/manage/edit.html",
        organisation=organisation,
        form=form,
        logo_form=LogoForm(formdata=None),
        near=near,
        people=queries.people_count(organisation),
    )
    return page, 422 if form.errors or form.general_errors else 200


@blueprint.post("/<edition_code>/desk/organisations/<public_id>/check")
@requires(EDIT)
def check(public_id: str) -> Response:
    """It may stand in the public list."""
    service.check(organisation=queries.for_staff(public_id), by=g.person)
    db.session.commit()
    flash(_("Checked. Everybody sees it now."), "success")
    return redirect(url_for(".edit", public_id=public_id))


@blueprint.post("/<edition_code>/desk/organisations/<public_id>/logo")
@requires(EDIT)
def logo(public_id: str) -> Response:
    """A new logo, or none."""
    organisation = queries.for_staff(public_id)
    folder, upload = current_app.config["FILES_DIR"], request.files.get("logo")
    try:
        if "remove" in request.form:
            service.remove_logo(organisation=organisation, folder=folder, by=g.person)
        elif upload is not None and upload.filename:
            service.set_logo(
                organisation=organisation,
                upload=cast(BinaryIO, upload.stream),
                name=upload.filename,
                folder=folder,
                by=g.person,
            )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        flash(words(error), "error")
    return redirect(url_for(".edit", public_id=public_id))


@blueprint.route("/<edition_code>/desk/organisations/<public_id>/merge", methods=["GET", "POST"])
@requires(EDIT)
def merge(public_id: str) -> Any:
    """One and the same organisation, written twice: choose the one that stays."""
    organisation = queries.for_staff(public_id)
    query = request.values.get("q", organisation.name).strip()[:200]
    found = [one for one in queries.matching(query) if one.id != organisation.id]
    near = queries.near(organisation.name, organisation.country, but=organisation)
    form = MergeForm(found=[*dict.fromkeys([*near, *found])])
    if form.validate_on_submit():
        into = queries.for_staff(form.into.data)
        service.merge(organisation=organisation, into=into, by=g.person)
        db.session.commit()
        flash(_("Merged. Everything that named the one names the other now."), "success")
        return redirect(url_for(".edit", public_id=form.into.data))
    return render_template(
        "organisations/manage/merge.html", organisation=organisation, form=form, query=query
    )


@slots.desk_menu
def organisations_entry() -> slots.Entry | None:
    if not allows(g.roles, EDIT):
        return None
    return slots.Entry(_("Organisations"), url_for("organisations_desk.index"), 70)
