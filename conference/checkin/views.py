"""The page at the door: choose a list, scan or find people, see the answer; without scripts too."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from conference.checkin import codes, short_codes
from conference.checkin.forms import ScanForm, UndoForm
from conference.checkin.judging import TONES
from conference.checkin.models import RESULT_NAMES, CheckinList
from conference.checkin.service import figures, finding, lists, outcomes, scans
from conference.checkin.wording import sentence
from conference.core import clock
from conference.core.model import new_public_id
from conference.core.permissions import Permission
from conference.core.text import plain_line
from conference.extensions import db
from conference.registrations import codes as order_codes
from conference.registrations.states import REGISTRATION_STATE_NAMES, RegistrationState
from conference.web.access import requires
from conference.web.filters import clock_time, tr
from conference.web.i18n import _

blueprint = Blueprint("checkin", __name__)
DOOR = Permission.CHECK_PEOPLE_IN


@blueprint.get("/<edition_code>/check-in")
@requires(DOOR)
def door() -> str:
    """The scanner with the list that the address names, else the first one."""
    known = lists.of(g.edition)
    chosen = _chosen(known)
    if chosen is None:
        return render_template("checkin/no_list.html")
    typed = request.args.get("q", "")
    today = clock.today(g.edition.zone)
    code = typed if typed.startswith(codes.PREFIX) else None
    found = [] if code else finding.people(g.edition, typed, checkin_list=chosen, day=today)
    form = ScanForm.on(chosen, new_public_id())
    form.text.data = code
    return render_template(
        "checkin/door.html",
        lists=known,
        chosen=chosen,
        count=figures.count(g.edition, chosen.public_id, today),
        typed=typed,
        code=code,
        found=found[: finding.MOST],
        more=len(found) > finding.MOST,
        form=form,
        **_answer(plain_line(request.args.get("scan", ""))),
        tones=TONES,
        names=RESULT_NAMES,
        state_names=REGISTRATION_STATE_NAMES,
        confirmed=RegistrationState.CONFIRMED,
        new_uid=new_public_id,
    )


@blueprint.post("/<edition_code>/check-in")
@requires(DOOR)
def check_in() -> Response:
    """A scan by a plain form; a short code is looked up first, so that somebody sees the name."""
    form = ScanForm()
    if not form.validate_on_submit():
        return _back(form.list.data)
    text = (form.text.data or "").strip()
    if not form.registration.data and _is_short(text):
        return _back(form.list.data, q=text)
    outcome = scans.check_in(
        edition=g.edition, scanned_at=clock.now(), by=g.person, **form.values()
    )
    db.session.commit()
    return _back(form.list.data, scan=outcome.uid)


@blueprint.post("/<edition_code>/check-in/undo")
@requires(DOOR)
def undo() -> Response:
    """Take a scan back by a plain form."""
    form = UndoForm()
    if not form.validate_on_submit():
        abort(400)
    outcome = scans.undo(edition=g.edition, scan=form.scan.data, uid=form.uid.data, by=g.person)
    db.session.commit()
    return _back(request.form.get("list"), scan=outcome.uid)


@blueprint.post("/<edition_code>/check-in/lists")
@requires(DOOR)
def begin() -> Response:
    """The first use of an edition: make the list for the arrival."""
    lists.ensure_lists(g.edition)
    db.session.commit()
    return redirect(url_for(".door"))


def _answer(uid: str) -> dict[str, Any]:
    outcome = outcomes.of_scan(g.edition, uid) if uid else None
    if outcome is None:
        return {"outcome": None}
    msgid, params = sentence(outcome, clock_time, tr)
    return {"outcome": outcome, "text": _(msgid, **params) if msgid else ""}


def _chosen(known: list[CheckinList]) -> CheckinList | None:
    asked = request.args.get("list")
    named = next((one for one in known if one.public_id == asked), None)
    if asked and named is None:
        abort(404)
    return named or next(iter(known), None)


def _is_short(text: str) -> bool:
    return bool(short_codes.read_short_code(text) or order_codes.read_code(text))


def _back(checkin_list: str | None, **more: Any) -> Response:
    return redirect(url_for(".door", list=checkin_list or None, **more))
