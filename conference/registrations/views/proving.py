"""After sending: look into your mail, the link that confirms, offers answered from the mail."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from conference.accounts import current, people
from conference.accounts.service import signing_in
from conference.core import tokens
from conference.core.errors import DomainError
from conference.core.tokens import LinkUsedUp
from conference.extensions import db
from conference.registrations import queries
from conference.registrations.forms import EmailForm
from conference.registrations.models import Order, Registration, RegistrationDraft
from conference.registrations.service import confirming, drafts, offering, ordering, seats, waiting
from conference.registrations.states import OrderState, RegistrationState
from conference.registrations.views.blueprint import Page, blueprint
from conference.web.access import public
from conference.web.database import reading
from conference.web.i18n import _


def _placed_order(draft_id: str) -> tuple[RegistrationDraft, Order] | None:
    draft = drafts.load(g.edition, draft_id)
    return (draft, draft.order) if draft.order is not None else None


@blueprint.get("/<edition_code>/registrations/new/<draft_id>/placed")
@public
def placed(draft_id: str) -> Page:
    """The order is there; its address is to be confirmed."""
    found = _placed_order(draft_id)
    if found is None:
        return redirect(url_for("registrations.review", draft_id=draft_id))
    return _show_placed(*found, EmailForm(formdata=None))


def _show_placed(draft: RegistrationDraft, order: Order, form: EmailForm) -> str:
    return render_template(
        "registrations/placed.html",
        draft=draft,
        order=order,
        form=form,
        registrations=queries.registrations_of(order),
        waits_for_address=order.state is OrderState.PLACED,
        lapsed=order.state is OrderState.EXPIRED,
    )


@blueprint.post("/<edition_code>/registrations/new/<draft_id>/mail-again")
@public
def mail_again(draft_id: str) -> Page:
    """Send the link once more."""
    found = _placed_order(draft_id)
    if found is not None:
        ordering.send_again(order=found[1])
        db.session.commit()
        flash(_("We have sent the message again."), "success")
    return redirect(url_for("registrations.placed", draft_id=draft_id))


@blueprint.post("/<edition_code>/registrations/new/<draft_id>/address")
@public
def correct_address(draft_id: str) -> Page:
    """The address was mistyped."""
    found, form = _placed_order(draft_id), EmailForm()
    if found is None:
        return redirect(url_for("registrations.review", draft_id=draft_id))
    if form.validate_on_submit():
        try:
            ordering.correct_address(order=found[1], email=form.email.data or "", by=g.person)
            db.session.commit()
            flash(_("The address is corrected and a new message is on its way."), "success")
            return redirect(url_for("registrations.placed", draft_id=draft_id))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return _show_placed(*found, form), 422


@blueprint.route("/<edition_code>/registrations/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> Page:
    """A page with a button, because mail programs open links by themselves; the button confirms."""
    try:
        if reading():
            kept = tokens.peek(confirming.CONFIRM, token)
            return render_template("registrations/confirm.html", email=kept.email)
        order, person = confirming.confirm_by_link(token)
    except LinkUsedUp:
        return render_template("registrations/link_used_up.html"), 404
    current.sign_in(person, method="link")
    db.session.commit()
    flash(_("Your address is confirmed."), "success")
    return redirect(_where_next(order))


def _where_next(order: Order) -> str:
    if order.state is OrderState.AWAITING_PAYMENT:
        return f"/{order.edition.code}/orders/{order.public_id}/pay"
    return url_for("registrations.order", order_id=order.public_id)


@blueprint.route("/<edition_code>/registrations/offers/<token>", methods=["GET", "POST"])
@public
def offer(token: str) -> Page:
    """A place that came free, answered from the mail."""
    try:
        kept = tokens.peek(offering.ANSWER, token)
        registration = queries.in_edition(g.edition, kept.data["registration"])
        _refuse_stale(registration, kept.email)
        if reading():
            price = seats.price_of(registration)
            return render_template(
                "registrations/offer.html", registration=registration, price=price
            )
        tokens.consume(offering.ANSWER, token)
    except LinkUsedUp:
        return render_template("registrations/link_used_up.html"), 404
    return _answer(registration, registration.email)


def _refuse_stale(registration: Registration, email: str | None) -> None:
    """The place was handed to another address since, or the offer was answered on the site."""
    answered = reading() and registration.state is not RegistrationState.OFFERED
    if answered or email != registration.email:
        raise LinkUsedUp()


def _answer(registration: Registration, email: str) -> Response:
    """Whoever holds the link of the mail owns the address: it signs them in, too."""
    person = people.find_or_make(email, locale=registration.order.locale)
    signing_in.confirm(person)
    if "accept" not in request.form:
        waiting.decline(registration=registration, by=person)
        db.session.commit()
        flash(_("You have given the place back. Thank you: the next person is told now."), "info")
        return redirect(url_for("editions.front"))
    order = waiting.accept(registration=registration, by=person)
    current.sign_in(person, method="link")
    db.session.commit()
    flash(_("The place is yours."), "success")
    if queries.is_buyer(person, order):
        return redirect(_where_next(order))
    return redirect(url_for("registrations.show", registration_id=registration.public_id))
