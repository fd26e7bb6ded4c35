"""Correcting what somebody typed: two organisers at once never overwrite each other."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, url_for

from conference.core.errors import DomainError, Invalid
from conference.core.geo import country_name
from conference.core.permissions import Permission
from conference.extensions import db
from conference.questions import service as questions
from conference.questions.engine import REQUIRED, REQUIRED_FILE
from conference.questions.forms import Answering
from conference.questions.kinds import Answer, Asked, display
from conference.registrations.manage.blueprint import FIELD_NAMES, blueprint
from conference.registrations.manage.forms import CorrectForm
from conference.registrations.manage.story import HERE
from conference.registrations.models import Registration
from conference.registrations.service import desk
from conference.web import i18n
from conference.web.access import requires
from conference.web.filters import tr
from conference.web.i18n import _


@blueprint.route(HERE + "/change", methods=["GET", "POST"])
@requires(Permission.EDIT_REGISTRATIONS)
def change(public_id: str) -> Any:
    """Correct names, addresses and answers."""
    registration = desk.one(g.edition, public_id)
    form = CorrectForm.from_registration(registration)
    answering, other = _answering(registration), []
    if form.is_submitted() and form.validate() & _read(answering, registration):
        values, answers = form.values(), _answers(answering, registration)
        try:
            changed = desk.correct(
                registration=registration, answers=answers, by=g.person, **values
            )
            db.session.commit()
            flash(_("Saved.") if changed else _("Nothing was changed."), "success")
            return redirect(url_for(".show", public_id=public_id))
        except desk.ChangedMeanwhile as error:
            db.session.rollback()
            registration = desk.one(g.edition, public_id)
            form.refuse(error)
            form.seen.data = desk.stamp(registration)
            other = _differences(error.now, {**values["values"], "answers": answers})
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return _page(registration, form, answering, other)


def _page(
    registration: Registration, form: CorrectForm, answering: Answering, other: list[Any]
) -> tuple[str, int]:
    status = (
        409 if other else 422 if form.errors or form.general_errors or answering.errors else 200
    )
    page = render_template(
        "registrations/manage/change.html",
        registration=registration,
        form=form,
        answering=answering,
        other=other,
    )
    return page, status


def _answering(registration: Registration) -> Answering:
    kind = registration.ticket_type
    return Answering(
        questions.asked(g.edition),
        prefix="",
        context={
            "ticket_type": kind.public_id,
            "category": kind.category.value,
            "country": registration.country,
        },
        answers=registration.answers,
    )


def _read(answering: Answering, registration: Registration) -> bool:
    """What was never answered does not keep staff from correcting something else."""
    answering.read()
    for key, error in list(answering.errors.items()):
        never = key not in registration.answers
        if never and isinstance(error, Invalid) and error.message in (REQUIRED, REQUIRED_FILE):
            del answering.errors[key]
    return not answering.errors


def _answers(answering: Answering, registration: Registration) -> dict[str, Answer]:
    """The new answers, and those to questions that are asked no more."""
    asked = {question.key for question in answering.asked}
    kept = {key: old for key, old in registration.answers.items() if key not in asked}
    return {**kept, **answering.answers}


def _differences(now: dict[str, Any], typed: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What stands there now and what was typed, where they differ."""
    rows = [
        (_(FIELD_NAMES[name]), _shown(name, now[name]), _shown(name, typed[name]))
        for name in FIELD_NAMES
        if name in typed and now[name] != typed[name]
    ]
    for question in questions.ever_asked(g.edition):
        old, new = now["answers"].get(question.key), typed["answers"].get(question.key)
        if old != new:
            rows.append((tr(dict(question.label)), _answer(question, old), _answer(question, new)))
    return rows


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if name == "country":
        return country_name(value, i18n.current())
    return str(value) or "–"


def _answer(question: Asked, answer: Answer) -> str:
    return display(question, answer, i18n.current()) or "–"
