"""What finance writes down: money that came in, prices that were lowered, money given back."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from conference.core import clock
from conference.core.errors import DomainError
from conference.core.money import Money
from conference.extensions import db
from conference.payments import provider
from conference.payments.forms import BookForm, CreditForm, GiveBackForm
from conference.payments.manage.blueprint import BOOK, HERE, ORDER, blueprint
from conference.payments.models import Method
from conference.payments.service import charging, ledger, queries, refunds
from conference.registrations import codes
from conference.registrations.models import Order
from conference.web.access import requires
from conference.web.i18n import _


@blueprint.route(f"{HERE}/book", methods=["GET", "POST"])
@requires(BOOK)
def book() -> Any:
    """Money that has come in, by the reference on the bank statement."""
    if request.method == "GET":
        return render_template("payments/manage/book.html", form=_book_form())
    form = BookForm()
    try:
        if form.validate_on_submit():
            order = _book(form)
            db.session.commit()
            flash(_("Booked."), "success")
            return redirect(url_for(".account", order_id=order.public_id))
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
    return render_template("payments/manage/book.html", form=form), 422


def _book_form() -> BookForm:
    wanted = request.args.get("order", "")
    order = queries.in_edition(g.edition, wanted) if wanted else None
    return BookForm.for_order(order, ledger.balance(order) if order else None, _today())


def _today() -> date:
    return clock.today(g.edition.zone)


def _book(form: BookForm) -> Order:
    order = queries.by_reference(g.edition, form.reference.data or "")
    ledger.book_payment(
        order=order,
        amount=form.money(order.currency),
        method=Method(form.method.data),
        source=f"form:{form.token.data}",
        booked_on=form.booked_on.data or _today(),
        note=form.note.data or "",
        by=g.person,
    )
    return order


@blueprint.route(f"{ORDER}/credit", methods=["GET", "POST"])
@requires(BOOK)
def credit(order_id: str) -> Any:
    """Lower what an order costs, with a credit note when it was invoiced."""
    order = queries.in_edition(g.edition, order_id)
    form = CreditForm()
    if form.validate_on_submit():
        try:
            charging.credit(
                order=order,
                amount=form.money(order.currency),
                reason=form.reason.data or "",
                token=form.token.data or "",
                by=g.person,
            )
            db.session.commit()
            flash(_("Booked."), "success")
            return redirect(url_for(".account", order_id=order_id))
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _shown("credit", order, form)


def _shown(name: str, order: Order, form: Any) -> tuple[str, int]:
    page = render_template(
        f"payments/manage/{name}.html",
        form=form,
        order=order,
        code=codes.show_code(order.code),
        price=Money(ledger.account(order).price, order.currency),
        back=ledger.to_give_back(order),
        by_card=refunds.card_left(order),
    )
    return page, 422 if request.method == "POST" else 200


@blueprint.route(f"{ORDER}/give-back", methods=["GET", "POST"])
@requires(BOOK)
def give_back(order_id: str) -> Any:
    """Money back to the card, or a note that it was transferred."""
    order = queries.in_edition(g.edition, order_id)
    form = GiveBackForm.for_order(ledger.to_give_back(order), _today())
    form.offer(by_card=refunds.card_left(order).minor > 0)
    if form.validate_on_submit():
        try:
            if form.way.data == Method.CARD:
                return _to_card(order, form)
            _transferred(order, form)
            db.session.commit()
            flash(_("Booked."), "success")
            return redirect(url_for(".account", order_id=order_id))
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _shown("give_back", order, form)


def _transferred(order: Order, form: GiveBackForm) -> None:
    refunds.book_transfer(
        order=order,
        amount=form.money(order.currency),
        booked_on=form.booked_on.data or _today(),
        token=form.token.data or "",
        note=form.reason.data or "",
        by=g.person,
    )


def _to_card(order: Order, form: GiveBackForm) -> Response:
    """The reservation is committed before the call, its outcome after it."""
    back = url_for(".account", order_id=order.public_id)
    wanted = refunds.prepare(
        order=order,
        amount=form.money(order.currency),
        reason=form.reason.data or "",
        by=g.person,
        token=form.token.data,
    )
    db.session.commit()
    done = [provider.refund(one) for one in wanted]
    for one in done:
        refunds.note(one)
    db.session.commit()
    if any(one.refused for one in done):
        flash(_("The card provider has refused. Please give this back by bank transfer."), "error")
    elif any(one.seen is None for one in done):
        flash(
            _(
                "The card provider did not answer. We ask again by ourselves; please do not"
                " give this back a second time."
            ),
            "warning",
        )
    else:
        flash(_("The money is on its way back to the card."), "success")
    return redirect(back)
