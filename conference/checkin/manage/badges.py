"""Printing badges, and replacing one that was lost."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import force_locale

from conference.checkin.forms import OneBadgeForm, PrintForm, ReplaceForm
from conference.checkin.models import BadgeRun
from conference.checkin.service import badges, finding
from conference.checkin.service.badges import Reason, Which
from conference.core.errors import DomainError
from conference.core.permissions import Permission, allows
from conference.core.text import slug
from conference.documents import words
from conference.extensions import db
from conference.registrations.models import Registration
from conference.registrations.states import REGISTRATION_STATE_NAMES, RegistrationState
from conference.web import slots
from conference.web.access import requires
from conference.web.headers import send_download
from conference.web.i18n import LANGUAGES, _, ngettext

blueprint = Blueprint("checkin_badges", __name__)
PRINT = Permission.PRINT_BADGES
AGAIN = "again-"  # two forms on one page, each with a language


@blueprint.get("/<edition_code>/desk/badges")
@requires(PRINT)
def index() -> str:
    """What to print, what was printed, and one person's badge."""
    return _index(None)


@blueprint.post("/<edition_code>/desk/badges")
@requires(PRINT)
def print_many() -> Any:
    """Make a print run of many badges."""
    form = _print_form()
    if form.validate_on_submit():
        try:
            run = badges.print_many(
                edition=g.edition,
                which=Which(form.which.data),
                locale=form.locale.data,
                by=g.person,
            )
            db.session.commit()
            return _ready(run)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return _index(form), 422


def _print_form() -> PrintForm:
    counts = badges.waiting(g.edition)
    return PrintForm(new=counts.new, every=counts.every)


def _index(form: PrintForm | None) -> str:
    typed = request.args.get("q", "")
    found = finding.people(g.edition, typed)
    return render_template(
        "checkin/manage/badges.html",
        form=form or _print_form(),
        runs=badges.runs(g.edition),
        ready=request.args.get("ready"),
        languages_of_badges=dict(LANGUAGES),
        typed=typed,
        found=found[: finding.MOST],
        more=len(found) > finding.MOST,
        state_names=REGISTRATION_STATE_NAMES,
        confirmed=RegistrationState.CONFIRMED,
        most=badges.MOST,
    )


@blueprint.get("/<edition_code>/desk/badges/runs/<public_id>.pdf")
@requires(PRINT)
def file(public_id: str) -> Response:
    """The PDF of a print run, as often as the printer needs it."""
    run = badges.find_run(g.edition, public_id)
    with force_locale(run.locale):
        labels = words.badge(_)
    content = badges.paper(run, g.edition, labels)
    name = f"{g.edition.code}-{slug(_('badges'))}-{run.made_at:%Y%m%d-%H%M}.pdf"
    return send_download(content, name=name, content_type="application/pdf")


@blueprint.get("/<edition_code>/desk/badges/people/<public_id>")
@requires(PRINT)
def person(public_id: str) -> str:
    """One person's badge: printed when, print again, replace."""
    return _person(badges.find_registration(g.edition, public_id), ReplaceForm(formdata=None))


def _person(registration: Registration, form: ReplaceForm) -> str:
    return render_template(
        "checkin/manage/badge.html",
        registration=registration,
        prints=badges.prints_of(registration),
        print_form=OneBadgeForm(formdata=None, prefix=AGAIN),
        form=form,
        is_confirmed=registration.state is RegistrationState.CONFIRMED,
        state_names=REGISTRATION_STATE_NAMES,
    )


@blueprint.post("/<edition_code>/desk/badges/people/<public_id>/print")
@requires(PRINT)
def print_one(public_id: str) -> Any:
    """The same badge once more."""
    registration = badges.find_registration(g.edition, public_id)
    form = OneBadgeForm(prefix=AGAIN)
    if not form.validate_on_submit():
        return _person(registration, ReplaceForm(formdata=None)), 422
    run = badges.print_one(registration=registration, locale=form.locale.data, by=g.person)
    db.session.commit()
    return _ready(run)


@blueprint.post("/<edition_code>/desk/badges/people/<public_id>/replace")
@requires(PRINT)
def replace(public_id: str) -> Any:
    """A badge with a new code; the old one opens nothing any more."""
    registration = badges.find_registration(g.edition, public_id)
    form = ReplaceForm()
    if not form.validate_on_submit():
        return _person(registration, form), 422
    badges.replace(registration=registration, reason=Reason(form.reason.data), by=g.person)
    run = badges.print_one(registration=registration, locale=form.locale.data, by=g.person)
    db.session.commit()
    flash(_("The old badge is worth nothing from now on. Print the new one."), "success")
    return _ready(run)


def _ready(run: BadgeRun) -> Any:
    said = ngettext("%(num)s badge is ready.", "%(num)s badges are ready.", run.badges)
    flash(said, "success")
    return redirect(url_for(".index", ready=run.public_id))


@slots.desk_menu
def badges_entry() -> slots.Entry | None:
    if not allows(g.roles, PRINT):
        return None
    return slots.Entry(_("Badges"), url_for("checkin_badges.index"), 41)
