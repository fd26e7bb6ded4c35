"""Settings of an edition that stand in its own row: basics, texts, registration, contact."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import current_app, g, redirect, request, url_for

from conference.core.errors import N_, Invalid
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

BOTH = ["GET", "POST"]
NO_FILE = N_("Please choose a file.")


@blueprint.route("/<edition_code>/desk/edition", methods=BOTH)
@requires(EDIT)
def basics() -> Page:
    """Kind, name, dates, city, zone, code; beside them series and logo."""
    sent = request.method == "POST"
    form = BasicsForm(zone=g.edition.zone) if sent else BasicsForm.from_edition(g.edition)
    edition = g.edition
    if saved(form, lambda: making.edit_basics(edition=edition, basics=form.values(), by=g.person)):
        return redirect(url_for(".basics", edition_code=edition.code))
    return _basics(form=form)


@blueprint.post("/<edition_code>/desk/edition/logo")
@requires(EDIT)
def logo() -> Page:
    """A new logo, or none."""
    form = LogoForm()
    if not saved(form, lambda: _new_logo(form)):
        return _basics(logo_form=form)
    return redirect(url_for(".basics"))


def _new_logo(form: LogoForm) -> None:
    folder, upload = current_app.config["FILES_DIR"], form.logo.data
    if "remove" in request.form:
        making.remove_logo(edition=g.edition, folder=folder, by=g.person)
        return
    if not getattr(upload, "filename", ""):
        raise Invalid(NO_FILE, field="logo")
    making.set_logo(
        edition=g.edition,
        upload=cast(BinaryIO, upload.stream),
        name=upload.filename,
        folder=folder,
        by=g.person,
    )


def _further_series() -> list[Series]:
    """Those in which the edition does not stand yet."""
    held = {one.series_id for one in queries.series_of(g.edition)}
    return [one for one in queries.all_series() if one.id not in held]


def _basics(**forms: Any) -> Page:
    """The page with its three forms, one of which was sent."""
    empty = {
        "form": BasicsForm.from_edition(g.edition) if "form" not in forms else None,
        "logo_form": LogoForm(formdata=None),
        "series_form": SeriesForm(formdata=None, found=_further_series()),
    }
    return shown("basics", in_series=queries.series_of(g.edition), **{**empty, **forms})


@blueprint.post("/<edition_code>/desk/edition/series")
@requires(EDIT)
def series() -> Page:
    """The edition stands in a series, with a number."""
    found = _further_series()
    form = SeriesForm(found=found)
    chosen = next((one for one in found if one.public_id == form.series.data), None)
    name = {"en": form.name_en.data or "", "sr": form.name_sr.data or ""}
    if not saved(
        form,
        lambda: site.put_in_series(
            edition=g.edition, series=chosen, name=name, number=form.number.data, by=g.person
        ),
    ):
        return _basics(series_form=form)
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
