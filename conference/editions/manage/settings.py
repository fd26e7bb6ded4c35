"""Settings of an edition that stand in its own row: basics, texts, registration, contact."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import current_app, flash, g, redirect, request, url_for

from conference.core.errors import DomainError
from conference.editions import queries
from conference.editions.forms.basics import (
    BasicsForm,
    ContactForm,
    LogoForm,
    RulesForm,
    SeriesForm,
    TextsForm,
)
from conference.editions.manage.blueprint import EDIT, Page, blueprint, shown
from conference.editions.models import Series
from conference.editions.service import making, site
from conference.extensions import db
from conference.web.access import requires
from conference.web.forms import saved
from conference.web.i18n import words

BOTH = ["GET", "POST"]


@blueprint.route("/<edition_code>/desk/edition", methods=BOTH)
@requires(EDIT)
def basics() -> Page:
    """Kind, name, dates, city, zone, code; beside them series and logo."""
    sent = request.method == "POST"
    form = BasicsForm(zone=g.edition.zone) if sent else BasicsForm.from_edition(g.edition)
    edition = g.edition
    if saved(form, lambda: making.edit_basics(edition=edition, basics=form.values(), by=g.person)):
        return redirect(url_for(".basics", edition_code=edition.code))
    return shown(
        "basics",
        form=form,
        logo_form=LogoForm(formdata=None),
        series_form=SeriesForm(formdata=None, found=queries.all_series()),
        in_series=queries.series_of(edition),
    )


@blueprint.post("/<edition_code>/desk/edition/logo")
@requires(EDIT)
def logo() -> Page:
    """A new logo, or none."""
    folder, upload = current_app.config["FILES_DIR"], request.files.get("logo")
    try:
        if "remove" in request.form:
            making.remove_logo(edition=g.edition, folder=folder, by=g.person)
        elif upload is not None and upload.filename:
            making.set_logo(
                edition=g.edition,
                upload=cast(BinaryIO, upload.stream),
                name=upload.filename,
                folder=folder,
                by=g.person,
            )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        flash(words(error), "error")
    return redirect(url_for(".basics"))


@blueprint.post("/<edition_code>/desk/edition/series")
@requires(EDIT)
def series() -> Page:
    """The edition stands in a series, with a number."""
    found = queries.all_series()
    form = SeriesForm(found=found)
    chosen = next((one for one in found if one.public_id == form.series.data), None)
    name = {"en": form.name_en.data or "", "sr": form.name_sr.data or ""}
    if not saved(
        form,
        lambda: site.put_in_series(
            edition=g.edition, series=chosen, name=name, number=form.number.data, by=g.person
        ),
    ):
        return shown(
            "basics",
            form=BasicsForm.from_edition(g.edition),
            logo_form=LogoForm(formdata=None),
            series_form=form,
            in_series=queries.series_of(g.edition),
        )
    return redirect(url_for(".basics"))


@blueprint.post("/<edition_code>/desk/edition/series/<public_id>/remove")
@requires(EDIT)
def leave_series(public_id: str) -> Page:
    """The edition does not stand in that series."""
    site.take_out_of_series(
        edition=g.edition, series=queries.anywhere(Series, public_id), by=g.person
    )
    db.session.commit()
    return redirect(url_for(".basics"))


@blueprint.route("/<edition_code>/desk/edition/texts", methods=BOTH)
@requires(EDIT)
def texts() -> Page:
    """What visitors read."""
    form = TextsForm() if request.method == "POST" else TextsForm.from_edition(g.edition)
    if saved(form, lambda: making.edit_texts(edition=g.edition, texts=form.values(), by=g.person)):
        return redirect(url_for(".texts"))
    return shown("texts", form=form)


@blueprint.route("/<edition_code>/desk/edition/registration", methods=BOTH)
@requires(EDIT)
def registration() -> Page:
    """Who may register, from when until when, how many."""
    form = RulesForm() if request.method == "POST" else RulesForm.from_edition(g.edition)
    if saved(form, lambda: making.edit_rules(edition=g.edition, rules=form.values(), by=g.person)):
        return redirect(url_for(".registration"))
    return shown("registration", form=form)


@blueprint.route("/<edition_code>/desk/edition/contact", methods=BOTH)
@requires(EDIT)
def contact() -> Page:
    """Whom delegates may ask."""
    form = ContactForm() if request.method == "POST" else ContactForm.from_edition(g.edition)
    if saved(form, lambda: making.edit_contact(edition=g.edition, by=g.person, **form.values())):
        return redirect(url_for(".contact"))
    return shown("contact", form=form)
