"""My data: take it away, have it erased."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import current_app, flash, g, redirect, render_template, session
from werkzeug.wrappers import Response

from conference.accounts import erasures, my_data, people
from conference.accounts.forms.security import EraseForm
from conference.accounts.views.blueprint import Page, blueprint, fresh, refused
from conference.core import clock
from conference.core.errors import N_, DomainError, Invalid
from conference.core.text import in_language
from conference.extensions import db
from conference.web import i18n
from conference.web.access import signed_in
from conference.web.headers import send_download
from conference.web.i18n import _

log = logging.getLogger(__name__)

ERASE = "accounts/erase.html"
NOT_THE_ADDRESS = N_("This is not the address of your account.")


@blueprint.get("/account/data", endpoint="my_data")
@signed_in
def show_my_data() -> Page:
    """What is kept, and the two ways out."""
    kinds = list(dict.fromkeys(_(owner.what) for owner in my_data.owners))
    return render_template("accounts/my_data.html", kinds=kinds)


@blueprint.get("/account/data/download")
@signed_in
@fresh
def download_my_data() -> Response:
    """A ZIP with all of it."""
    content = my_data.export(g.person, folder=current_app.config["FILES_DIR"])
    name = f"my-data-{clock.now():%Y-%m-%d}.zip"
    return send_download(content, name=name, content_type="application/zip")


@blueprint.route("/account/erase", methods=["GET", "POST"])
@signed_in
@fresh
def erase() -> Page:
    """What goes and what stays, then the word that makes it happen."""
    form = EraseForm()
    if not form.validate_on_submit():
        return render_template(ERASE, **_shown(form)), 422 if form.errors else 200
    try:
        if people.normal_email(form.word.data) != g.person.email:
            raise Invalid(NOT_THE_ADDRESS, field="word")
        my_data.erase(g.person, by=g.person, folder=current_app.config["FILES_DIR"])
    except DomainError as error:
        form.refuse(error)
        return refused(ERASE, error, **_shown(form))
    db.session.commit()
    _keep_note()
    session.clear()
    flash(_("Your account is gone, and what we knew about you."), "success")
    return redirect("/")


def _keep_note() -> None:
    """Beside the database, at once; the hourly job does it where the disk refuses now."""
    try:
        erasures.copy_out(current_app.config["DATA_DIR"])
    except OSError:
        log.exception("the journal of erasures could not be written")
    db.session.rollback()  # it has only read


def _shown(form: EraseForm) -> dict[str, Any]:
    stays: dict[str, list[str]] = {}
    for one in my_data.would_stay(g.person):
        stays.setdefault(_(one.until), []).append(_(one.what))
    return {
        "form": form,
        "stays": stays,
        "hindrances": [_in_words(one) for one in my_data.hindrances(g.person)],
    }


def _in_words(obstacle: my_data.Obstacle) -> str:
    params = {
        key: in_language(value, i18n.current()) if isinstance(value, Mapping) else value
        for key, value in obstacle.params.items()
    }
    return str(_(obstacle.words, **params))
