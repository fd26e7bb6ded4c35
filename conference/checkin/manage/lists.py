"""The organiser's side of check-in: lists, counts of each day, the log of scans and its export."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from sqlalchemy import Select, func, select

from conference.accounts.models import Person
from conference.checkin.forms import ListForm
from conference.checkin.judging import TONES
from conference.checkin.models import RESULT_NAMES, Scan, ScanResult
from conference.checkin.service import figures, lists
from conference.core import clock
from conference.core.errors import DomainError
from conference.core.permissions import Permission, Role, allows
from conference.core.text import full_name, in_language, slug
from conference.editions import queries
from conference.extensions import db
from conference.registrations.models import Registration
from conference.web import i18n, slots
from conference.web.access import requires
from conference.web.exports import as_csv
from conference.web.i18n import _, lazy
from conference.web.tables import Choice, Search, Table

blueprint = Blueprint("checkin_desk", __name__)
MEANS_NAMES = {
    "camera": lazy("Camera"),
    "scanner": lazy("Hardware scanner"),
    "search": lazy("Search"),
    "typed": lazy("Typed"),
    "undo": lazy("By hand"),
}


@blueprint.get("/<edition_code>/desk/check-in")
@requires(Permission.CHECK_PEOPLE_IN)
def index() -> str:
    """Every list with how many came on which day."""
    return _index(ListForm(formdata=None))


@blueprint.post("/<edition_code>/desk/check-in")
@requires(Permission.EDIT_EDITION)
def add() -> Any:
    """Another list."""
    form = ListForm()
    if form.validate_on_submit():
        try:
            lists.add(edition=g.edition, name=form.values(), by=g.person)
            db.session.commit()
            flash(_("The list is there. It can be used at the door at once."), "success")
            return redirect(url_for(".index"))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return _index(form), 422


def _index(form: ListForm) -> str:
    days: dict[int, list[Any]] = {}
    for row in figures.by_list_and_day(g.edition):
        days.setdefault(row.list_id, []).append(row)
    return render_template(
        "checkin/manage/index.html",
        lists=lists.of(g.edition),
        days=days,
        today=figures.arrived(g.edition, clock.today(g.edition.zone)),
        form=form,
        may_edit=allows(g.roles, Permission.EDIT_EDITION),
    )


@blueprint.route("/<edition_code>/desk/check-in/<public_id>/name", methods=["GET", "POST"])
@requires(Permission.EDIT_EDITION)
def rename(public_id: str) -> Any:
    """Another name for a list."""
    chosen = lists.find(g.edition, public_id)
    form = ListForm() if ListForm().is_submitted() else ListForm.from_list(chosen)
    if form.validate_on_submit():
        try:
            lists.rename(checkin_list=chosen, name=form.values(), by=g.person)
            db.session.commit()
            flash(_("Saved."), "success")
            return redirect(url_for(".index"))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    status = 422 if form.is_submitted() else 200
    return render_template("checkin/manage/rename.html", chosen=chosen, form=form), status


def _scans() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Scan.scanned_at,
        Scan.on_date,
        Scan.result,
        Scan.device,
        Scan.means,
        Registration.given_name,
        Registration.family_name,
        Registration.organisation_name,
        func.coalesce(Person.given_name, "").label("by_given_name"),
        func.coalesce(Person.family_name, "").label("by_family_name"),
    )
    query = select(*columns).outerjoin(Registration, Registration.id == Scan.registration_id)
    query = query.outerjoin(Person, Person.id == Scan.by_id)
    return query.where(Scan.list_id == g.checkin_list.id)


def _results() -> list[tuple[str, str]]:
    return [(result.value, _(RESULT_NAMES[result])) for result in ScanResult]


LOG = Table(
    _scans,
    key=Scan.uid,
    sorts={"time": Scan.scanned_at},
    sort="-time",
    filters=[
        Search(func.coalesce(Registration.search_key, "")),
        Choice("result", lazy("Result"), Scan.result, options=_results, every=lazy("All")),
    ],
)


@blueprint.get("/<edition_code>/desk/check-in/<public_id>")
@requires(Permission.CHECK_PEOPLE_IN)
def log(public_id: str) -> str:
    """What was scanned on a list, newest first."""
    g.checkin_list = lists.find(g.edition, public_id)
    return render_template(
        "checkin/manage/log.html",
        chosen=g.checkin_list,
        page=LOG.page(),
        names=RESULT_NAMES,
        tones=TONES,
        means=MEANS_NAMES,
        may_export=allows(g.roles, Permission.EXPORT_REGISTRATIONS),
    )


@blueprint.get("/<edition_code>/desk/check-in/<public_id>/scans.csv")
@requires(Permission.EXPORT_REGISTRATIONS)
def export(public_id: str) -> Response:
    """The same rows to take away."""
    g.checkin_list = lists.find(g.edition, public_id)
    head = (
        _("Time"), _("Day"), _("Given name"), _("Family name"), _("Organisation"),
        _("Result"), _("How"), _("Door or device"), _("Who scanned"),
    )  # fmt: skip
    rows = (
        (
            row.scanned_at, row.on_date, row.given_name, row.family_name, row.organisation_name,
            _(RESULT_NAMES[row.result]), MEANS_NAMES.get(row.means, row.means), row.device,
            full_name(row.by_given_name, row.by_family_name),
        )
        for row in LOG.every()
    )  # fmt: skip
    name = slug(in_language(g.checkin_list.name, i18n.current())) or "list"
    return as_csv(f"{g.edition.code}-{name}", head, rows)


@slots.desk_menu
def check_in_entry() -> slots.Entry | None:
    if not allows(g.roles, Permission.CHECK_PEOPLE_IN):
        return None
    return slots.Entry(_("Check-in"), url_for("checkin_desk.index"), 40)


@slots.desk_cards
def arrived_today() -> slots.Card | None:
    """How many of the confirmed ones are here today."""
    if not allows(g.roles, Permission.CHECK_PEOPLE_IN):
        return None
    count = figures.arrived(g.edition, clock.today(g.edition.zone))
    if not count.confirmed:
        return None
    return slots.Card("checkin/manage/_today.html", {"count": count}, 45)


@slots.home_cards
def at_the_door_next() -> slots.Card | None:
    """The way to the door for who checks people in: at eight in the morning it is one tap."""
    coming = queries.running_with_role(g.person, Role.CHECK_IN)
    return slots.Card("checkin/_my_door.html", {"edition": coming[0]}, 5) if coming else None


STORY_TONES = {"good": "good", "again": "info", "wait": "open", "bad": "bad"}


@slots.story
def at_the_door() -> slots.Card | None:
    """What happened to a registration at the doors."""
    told = figures.scans_of(g.registration)
    if not told:
        return None
    return slots.Card("checkin/manage/_story.html", {"events": [_event(scan) for scan in told]}, 60)


def _event(scan: Any) -> dict[str, Any]:
    """A scan as the story tells it."""
    where = (in_language(scan.list_name, i18n.current()), scan.device)
    return {
        "at": scan.scanned_at,
        "title": _(RESULT_NAMES[scan.result]),
        "text": ", ".join(part for part in where if part),
        "who": full_name(scan.given_name, scan.family_name),
        "tone": STORY_TONES.get(TONES[scan.result], "quiet"),
    }
