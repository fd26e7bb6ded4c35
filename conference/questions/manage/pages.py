"""The organiser's pages of questions: what is asked, in which order, one question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, url_for

from conference.core.permissions import Permission, allows
from conference.editions.models import Edition
from conference.extensions import db
from conference.questions import service
from conference.questions.kinds import KIND_NAMES, Asked, Kind
from conference.questions.manage.forms import QuestionForm
from conference.questions.models import Question
from conference.web import slots
from conference.web.access import requires
from conference.web.forms import saved
from conference.web.i18n import _

blueprint = Blueprint("questions_desk", __name__)
EDIT = Permission.EDIT_EDITION
HERE = "/<edition_code>/desk/questions"


def _no_tickets(_edition: Edition) -> list[tuple[str, str]]:
    return []


further_contexts: Callable[[Edition], list[tuple[str, str]]] = _no_tickets
"""The tickets for which a question may be asked alone; registrations say which there are."""


@blueprint.get(HERE)
@requires(EDIT)
def index() -> str:
    """What is asked, and what was asked once."""
    rows = service.rows(g.edition, archived=True)
    return render_template(
        "questions/index.html",
        asked=[row for row in rows if row.archived_at is None],
        archived=[row for row in rows if row.archived_at is not None],
        kind_names=KIND_NAMES,
    )


@blueprint.route(HERE + "/new/<kind>", methods=["GET", "POST"])
@requires(EDIT)
def new(kind: str) -> Any:
    """Ask something more."""
    if kind not in set(Kind):
        abort(404)
    form = QuestionForm(
        kind=Kind(kind), before=service.asked(g.edition), tickets=further_contexts(g.edition)
    )

    def act() -> None:
        service.add(edition=g.edition, values=form.values(), by=g.person)

    if saved(form, act):
        return redirect(url_for(".index"))
    return _show(form, None)


@blueprint.route(HERE + "/<public_id>", methods=["GET", "POST"])
@requires(EDIT)
def question(public_id: str) -> Any:
    """Change a question."""
    row = service.one(g.edition, public_id)
    form = QuestionForm.from_question(row, before=_before(row), tickets=further_contexts(g.edition))

    def act() -> None:
        service.change(edition=g.edition, question=row, values=form.values(), by=g.person)

    if saved(form, act):
        return redirect(url_for(".index"))
    return _show(form, row)


def _before(row: Question) -> list[Asked]:
    """The questions asked earlier: only on their answers can this one depend."""
    found: list[Asked] = []
    for asked in service.asked(g.edition):
        if asked.key == row.key:
            break
        found.append(asked)
    return found


def _show(form: QuestionForm, row: Question | None) -> tuple[str, int]:
    page = render_template(
        "questions/question.html", form=form, row=row, kind_name=KIND_NAMES[form.kind]
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.post(HERE + "/<public_id>/<any(up, down, archive, again):act>")
@requires(EDIT)
def move(public_id: str, act: str) -> Any:
    """Earlier, later, no more, or again."""
    row = service.one(g.edition, public_id)
    if act in {"up", "down"}:
        service.move(edition=g.edition, question=row, up=act == "up", by=g.person)
    elif act == "archive":
        service.archive(edition=g.edition, question=row, by=g.person)
    else:
        service.ask_again(edition=g.edition, question=row, by=g.person)
    db.session.commit()
    return redirect(url_for(".index"))


@slots.desk_menu
def menu() -> slots.Entry | None:
    """For those who may edit the edition."""
    if not allows(g.roles, EDIT):
        return None
    return slots.Entry(_("Questions"), url_for("questions_desk.index"), 45)
