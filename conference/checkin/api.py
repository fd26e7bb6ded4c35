"""What the scanner's page asks for: one scan, one undo, the live count."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, jsonify, request
from werkzeug.wrappers import Response

from conference.checkin.judging import TONES
from conference.checkin.models import RESULT_NAMES
from conference.checkin.service import figures, scans
from conference.checkin.service.outcomes import Outcome
from conference.checkin.wording import sentence
from conference.core import clock
from conference.core.errors import Invalid
from conference.core.permissions import Permission
from conference.core.text import plain_line
from conference.extensions import db
from conference.web.access import requires, sent_object
from conference.web.filters import clock_time, country, tr
from conference.web.i18n import _

blueprint = Blueprint("checkin_api", __name__)
UID = re.compile(r"[A-Za-z0-9-]{16,40}")
MEANS = frozenset({"camera", "scanner", "search", "typed"})
OLDEST = timedelta(days=30)


@blueprint.post("/<edition_code>/check-in/scans")
@requires(Permission.CHECK_PEOPLE_IN)
def scan() -> Response:
    """One scan. The same uid again is answered again and changes nothing."""
    sent = sent_object()
    outcome = scans.check_in(
        edition=g.edition,
        checkin_list=_text(sent, "list", 22),
        uid=_uid(sent, "uid"),
        scanned_at=clock.now() - _age(sent),
        means=sent["means"] if sent.get("means") in MEANS else "typed",
        device=_text(sent, "device", scans.DEVICE_LENGTH, ""),
        text=_text(sent, "text", 1000) if "text" in sent else None,
        registration=_text(sent, "registration", 22) if "registration" in sent else None,
        by=g.person,
    )
    answer = _answer(outcome)
    db.session.commit()
    return answer


@blueprint.post("/<edition_code>/check-in/undone-scans")
@requires(Permission.CHECK_PEOPLE_IN)
def undo() -> Response:
    """Take back a scan."""
    sent = sent_object()
    outcome = scans.undo(
        edition=g.edition,
        scan=_uid(sent, "scan"),
        uid=_uid(sent, "uid"),
        device=_text(sent, "device", scans.DEVICE_LENGTH, ""),
        by=g.person,
    )
    answer = _answer(outcome)
    db.session.commit()
    return answer


@blueprint.get("/<edition_code>/check-in/count")
@requires(Permission.CHECK_PEOPLE_IN)
def count() -> Response:
    """How many are in today on a list."""
    today = clock.today(g.edition.zone)
    found = figures.count(g.edition, plain_line(request.args.get("list", "")), today)
    return jsonify(inside=found.inside, confirmed=found.confirmed)


def _answer(outcome: Outcome) -> Response:
    """What the page shows, in words of the language of who asks."""
    msgid, params = sentence(outcome, clock_time, tr)
    return jsonify(
        uid=outcome.uid,
        result=outcome.result.value,
        tone=TONES[outcome.result],
        words=_(RESULT_NAMES[outcome.result]),
        name=outcome.name,
        latin_name=outcome.latin_name if outcome.latin_name != outcome.name else "",
        organisation=outcome.organisation,
        country=country(outcome.country),
        ticket_type=tr(outcome.ticket_type),
        text=_(msgid, **params) if msgid else "",
        foot=f"{clock_time(outcome.scanned_at)} · {tr(outcome.list_name)}",
        can_be_undone=outcome.can_be_undone,
    )


def _text(sent: dict[str, Any], name: str, longest: int, otherwise: str | None = None) -> str:
    value = sent.get(name, otherwise)
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise Invalid()
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Invalid() from None
    return value


def _uid(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str) or not UID.fullmatch(value):
        raise Invalid()
    return value


def _age(sent: dict[str, Any]) -> timedelta:
    """How long ago it was, in seconds. Only differences are taken from a device's clock."""
    value = sent.get("age", 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        return timedelta()
    return min(timedelta(seconds=value), OLDEST)
