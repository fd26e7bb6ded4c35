"""What is mine: my registrations, one of them, an order, changes, giving up, files."""

from __future__ import annotations

from typing import Any

from flask import (
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from conference.core import files
from conference.core.errors import DomainError, NotFound
from conference.core.files import StoredFile
from conference.core.money import Money
from conference.core.outbox import Attachment
from conference.documents import qr
from conference.extensions import db
from conference.questions import service as questions
from conference.questions.kinds import Kind, display
from conference.registrations import codes, queries, tickets
from conference.registrations.forms import ReasonlessForm
from conference.registrations.models import Order, OrderLine, Registration
from conference.registrations.service import cancelling, catalogue, changing, seats, waiting
from conference.registrations.states import ORDER_STATE_NAMES, RegistrationState
from conference.registrations.views.blueprint import ORDER_TONES, Page, blueprint
from conference.registrations.views.editing import ChangeScreen
from conference.registrations.views.telling import by_order, tell, tell_all
from conference.web import i18n, slots
from conference.web.access import signed_in
from conference.web.headers import send_download
from conference.web.i18n import _


def _own(registration_id: str) -> Registration:
    """A registration of this person in this edition."""
    found = queries.registration_for(g.person, registration_id)
    if found.edition_id != g.edition.id:
        raise NotFound()
    return found


@blueprint.get("/<edition_code>/registrations/mine")
@signed_in
def mine() -> Page:
    """What this person has in this edition."""
    told = tell_all(queries.mine(g.person, g.edition), g.person)
    is_open = catalogue.window(g.edition) is catalogue.Window.OPEN
    return render_template(
        "registrations/mine.html", orders=by_order(told), told=told, is_open=is_open
    )


@blueprint.get("/<edition_code>/registrations/<registration_id>")
@signed_in
def show(registration_id: str) -> Page:
    """One registration: what is paid, what is missing, what comes next."""
    registration = _own(registration_id)
    confirmed = registration.state is RegistrationState.CONFIRMED and registration.name
    is_offered = registration.state is RegistrationState.OFFERED
    code = tickets.badge_code(registration) if confirmed else ""
    asked = questions.ever_asked(g.edition)
    return render_template(
        "registrations/show.html",
        told=tell(registration, g.person),
        registration=registration,
        order=registration.order,
        lines=seats.lines_of(registration),
        price=seats.price_of(registration) if is_offered else None,
        qr=qr.svg(code, title=_("Code for the entrance")) if code else "",
        short_code=tickets.short_code(registration) if code else "",
        answers=[
            (one, display(one, registration.answers[one.key], i18n.current()))
            for one in asked
            if registration.answers.get(one.key) is not None
        ],
        file_kind=Kind.FILE,
        may_change=changing.may_change(registration),
        may_give_up=cancelling.consequence(registration).possible,
        form=ReasonlessForm(),
    )


@blueprint.route("/<edition_code>/registrations/<registration_id>/change", methods=["GET", "POST"])
@signed_in
def change(registration_id: str) -> Page:
    """Names, organisation, needs, answers."""
    registration = _own(registration_id)
    screen = ChangeScreen(registration)
    if request.method == "POST" and screen.read():
        try:
            changing.change_details(
                registration=registration,
                values=screen.form.values(),
                answers=screen.questions.answers,
                by=g.person,
            )
            db.session.commit()
            flash(_("Your changes are saved."), "success")
            return redirect(url_for("registrations.show", registration_id=registration.public_id))
        except DomainError as error:
            db.session.rollback()
            screen.form.refuse(error)
    status = 200 if changing.may_change(registration) else 409
    return render_template(
        "registrations/change.html", screen=screen, registration=registration
    ), status


@blueprint.route("/<edition_code>/registrations/<registration_id>/cancel", methods=["GET", "POST"])
@signed_in
def cancel(registration_id: str) -> Page:
    """Say first what giving the place up means, then do it."""
    registration, form = _own(registration_id), ReasonlessForm()
    if form.validate_on_submit():
        cancelling.give_up(registration=registration, by=g.person)
        db.session.commit()
        flash(_("The place is given up."), "success")
        return redirect(url_for("registrations.show", registration_id=registration.public_id))
    return render_template(
        "registrations/cancel.html",
        registration=registration,
        meaning=cancelling.consequence(registration),
        refund_until=catalogue.refund_until(g.edition),
        form=form,
    )


@blueprint.post("/<edition_code>/registrations/<registration_id>/offer")
@signed_in
def answer_offer(registration_id: str) -> Page:
    """Take or give back the offered place."""
    registration = _own(registration_id)
    if "accept" not in request.form:
        waiting.decline(registration=registration, by=g.person)
        db.session.commit()
        flash(_("You have given the place back. Thank you: the next person is told now."), "info")
        return redirect(url_for("registrations.show", registration_id=registration_id))
    order = waiting.accept(registration=registration, by=g.person)
    db.session.commit()
    flash(_("The place is yours."), "success")
    if queries.is_buyer(g.person, order):
        return redirect(url_for("registrations.order", order_id=order.public_id))
    return redirect(url_for("registrations.show", registration_id=registration_id))


@blueprint.get("/<edition_code>/registrations/<registration_id>/ticket.pdf")
@signed_in
def ticket(registration_id: str) -> Response:
    """The ticket on paper."""
    return _send(tickets.ticket_pdf(_confirmed(registration_id), i18n.current()))


@blueprint.get("/<edition_code>/registrations/<registration_id>/calendar.ics")
@signed_in
def calendar(registration_id: str) -> Response:
    """The event and what was booked, for a calendar."""
    return _send(tickets.calendar(_confirmed(registration_id), i18n.current()))


def _confirmed(registration_id: str) -> Registration:
    registration = _own(registration_id)
    if registration.state is not RegistrationState.CONFIRMED or not registration.name:
        raise NotFound()
    return registration


def _send(made: Attachment) -> Response:
    return send_download(made.content, name=made.name, content_type=made.content_type)


@blueprint.get("/<edition_code>/registrations/<registration_id>/files/<key>")
@signed_in
def answer_file(registration_id: str, key: str) -> Response:
    """A file that was given as an answer."""
    answer: Any = _own(registration_id).answers.get(key)
    if not isinstance(answer, dict) or "file" not in answer:
        raise NotFound()
    row = db.session.scalars(
        select(StoredFile).where(StoredFile.public_id == answer["file"])
    ).first()
    if row is None:
        raise NotFound()
    content = files.read(row, folder=current_app.config["FILES_DIR"])
    return send_download(content, name=row.name, content_type=row.content_type)


@blueprint.get("/<edition_code>/orders/<order_id>")
@signed_in
def order(order_id: str) -> Page:
    """An order: who is in it, what it costs, what is paid."""
    g.order = found = queries.order_for(g.person, order_id)
    if found.edition_id != g.edition.id:
        raise NotFound()
    return make_response(
        render_template(
            "registrations/order.html",
            order=found,
            code=codes.show_code(found.code),
            told=tell_all(queries.registrations_of(found), g.person),
            bill=_bill(found),
            total=Money(found.total_minor, found.currency),
            state_words=_(ORDER_STATE_NAMES[found.state]),
            tone=ORDER_TONES[found.state],
            cards=list(slots.order_cards),
        )
    )


def _bill(order: Order) -> list[tuple[Any, Money, str]]:
    """The lines that count: those of people who hold a place."""
    counted = {RegistrationState.PENDING, RegistrationState.CONFIRMED}
    lines = db.session.scalars(
        select(OrderLine)
        .where(OrderLine.order_id == order.id, OrderLine.dropped_at.is_(None))
        .options(joinedload(OrderLine.registration))
        .order_by(OrderLine.registration_id, OrderLine.id)
    )
    return [
        (line, Money(line.amount_minor * line.quantity, order.currency), line.registration.name)
        for line in lines
        if line.registration.state in counted
    ]
