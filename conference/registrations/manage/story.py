"""One registration's whole story, and what staff may do with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, current_app, flash, g, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from conference.core import files
from conference.core.errors import DomainError
from conference.core.files import StoredFile
from conference.core.money import Money
from conference.core.permissions import Permission
from conference.core.states import can
from conference.extensions import db
from conference.questions import service as questions
from conference.questions.kinds import Asked, Kind, display
from conference.registrations import acts, codes
from conference.registrations.manage.blueprint import FIELD_NAMES, ORDER_TONES, TONES, blueprint
from conference.registrations.manage.forms import CancelForm
from conference.registrations.models import CATEGORY_NAMES, OrderLine, Registration
from conference.registrations.service import cancelling, desk
from conference.registrations.states import (
    ORDER_STATE_NAMES,
    REGISTRATION_STATE_NAMES,
    REGISTRATION_TRANSITIONS,
    RegistrationState,
)
from conference.web import i18n, slots
from conference.web.access import requires
from conference.web.filters import tr
from conference.web.headers import send_download
from conference.web.i18n import _, words

SEE, EDIT = Permission.SEE_REGISTRATIONS, Permission.EDIT_REGISTRATIONS
HERE = "/<edition_code>/desk/registrations/<public_id>"


@blueprint.get(HERE)
@requires(SEE)
def show(public_id: str) -> str:
    """Person, answers, order, money, mails, scans and everything that happened."""
    registration = g.registration = desk.one(g.edition, public_id)
    asked = questions.ever_asked(g.edition)
    cards = list(slots.story)
    order = registration.order
    return render_template(
        "registrations/manage/show.html",
        registration=registration,
        order=order,
        code=codes.show_code(order.code),
        lines=_lines(registration),
        total=Money(order.total_minor, order.currency),
        companions=desk.companions(registration),
        answers=_answers(registration, asked),
        cards=cards,
        events=_timeline(registration, asked, cards),
        may_cancel=can(registration, RegistrationState.CANCELLED, REGISTRATION_TRANSITIONS),
        may_repeat=desk.may_repeat_mail(registration),
        state=_(REGISTRATION_STATE_NAMES[registration.state]),
        tone=TONES[registration.state],
        order_state=_(ORDER_STATE_NAMES[order.state]),
        order_tone=ORDER_TONES[order.state],
        category=_(CATEGORY_NAMES[registration.ticket_type.category]),
    )


def _lines(registration: Registration) -> list[tuple[OrderLine, Money]]:
    currency = registration.order.currency
    return [
        (line, Money(line.amount_minor * line.quantity, currency))
        for line in desk.lines(registration)
    ]


def _answers(registration: Registration, asked: list[Asked]) -> list[tuple[Asked, str, str | None]]:
    """What was answered: the question, the answer in words, where its file is."""
    found = []
    for question in asked:
        answer = (registration.answers or {}).get(question.key)
        if answer is not None:
            url = None
            if question.kind is Kind.FILE:
                url = url_for(".file", public_id=registration.public_id, key=question.key)
            found.append((question, display(question, answer, i18n.current()), url))
    return found


def _timeline(
    registration: Registration, asked: list[Asked], cards: list[slots.Card]
) -> list[dict[str, Any]]:
    """What happened, newest first; features above bring theirs as values["events"] of a card."""
    labels = {f"answers.{question.key}": dict(question.label) for question in asked}
    events = [_event(one, labels) for one in desk.happenings(registration)]
    for card in cards:
        events.extend(card.values.get("events", ()))
    return sorted(events, key=lambda event: event["at"], reverse=True)


def _event(one: acts.Happening, labels: Mapping[str, dict[str, str]]) -> dict[str, Any]:
    names = [
        _(FIELD_NAMES[name]) if name in FIELD_NAMES else tr(labels.get(name, {"en": name}))
        for name in one.fields
    ]
    return {
        "at": one.at,
        "title": _(one.text, **(one.facts or {})) if one.facts else _(one.text),
        "text": ", ".join(names),
        "who": one.who,
        "tone": one.tone,
    }


@blueprint.get(HERE + "/files/<key>")
@requires(SEE)
def file(public_id: str, key: str) -> Response:
    """A file that somebody sent with an answer."""
    registration = desk.one(g.edition, public_id)
    answer = (registration.answers or {}).get(key)
    wanted = answer.get("file") if isinstance(answer, Mapping) else None
    found = db.session.scalars(select(StoredFile).where(StoredFile.public_id == wanted)).first()
    if found is None:
        abort(404)
    content = files.read(found, folder=current_app.config["FILES_DIR"])
    return send_download(content, name=found.name, content_type=found.content_type)


@blueprint.route(HERE + "/cancel", methods=["GET", "POST"])
@requires(EDIT)
def cancel(public_id: str) -> Any:
    """Cancel a place, with a reason that the person reads."""
    registration = desk.one(g.edition, public_id)
    form = CancelForm.from_consequence(cancelling.consequence(registration))
    if form.validate_on_submit():
        try:
            cancelling.cancel(registration=registration, by=g.person, **form.values())
            db.session.commit()
            flash(_("The registration is cancelled, and the person is told by mail."), "success")
            return redirect(url_for(".show", public_id=public_id))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            registration = desk.one(g.edition, public_id)
    page = render_template(
        "registrations/manage/cancel.html",
        form=form,
        registration=registration,
        consequence=cancelling.consequence(registration),
        possible=can(registration, RegistrationState.CANCELLED, REGISTRATION_TRANSITIONS),
    )
    return page, 422 if form.errors or form.general_errors else 200


@blueprint.post(HERE + "/repeat-mail")
@requires(EDIT)
def repeat_mail(public_id: str) -> Answer:
    """Send the mail that fits the state once more."""
    registration = desk.one(g.edition, public_id)
    try:
        address = desk.repeat_mail(registration=registration, by=g.person)
        db.session.commit()
        flash(_("The mail is on its way to %(address)s.", address=address), "success")
    except DomainError as error:
        db.session.rollback()
        flash(words(error), "error")
    return redirect(url_for(".show", public_id=public_id))
