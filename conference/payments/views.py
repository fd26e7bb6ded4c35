"""Pages of the buyer: ways to pay, the pay page of the card provider, papers to download."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from conference.core.errors import NotFound
from conference.core.money import Money
from conference.documents import qr
from conference.extensions import db
from conference.payments import papers, provider, transfers
from conference.payments.exchange import ProviderDown
from conference.payments.models import INVOICE_KIND_NAMES, InvoiceKind
from conference.payments.service import checkout, events, invoices, ledger, queries
from conference.registrations import codes
from conference.registrations.models import Order
from conference.registrations.queries import order_for
from conference.registrations.states import ORDER_STATE_NAMES, OrderState
from conference.web import i18n, slots
from conference.web.access import signed_in
from conference.web.filters import tr
from conference.web.headers import send_download
from conference.web.i18n import _

blueprint = Blueprint("payments", __name__)
HERE = "/<edition_code>/orders/<order_id>"
ASK_AGAIN = 6  # times that the page asks by itself; then the buyer presses the button


def _order(order_id: str) -> Order:
    order = order_for(g.person, order_id)
    if order.edition_id != g.edition.id:
        raise NotFound()
    return order


@blueprint.get(f"{HERE}/pay")
@signed_in
def pay(order_id: str) -> str:
    """What is to be paid, until when, and how."""
    order = _order(order_id)
    sums = ledger.account(order)
    bill = [
        (tr(line.text), Money(line.amount_minor * line.quantity, order.currency), who.name)
        for line, who in queries.lines(order)
        if line.amount_minor
    ]
    return render_template(
        "payments/pay.html",
        order=order,
        code=codes.show_code(order.code),
        bill=bill,
        total=Money(sums.price, order.currency),
        received=Money(sums.received, order.currency),
        left=Money(max(0, sums.balance), order.currency),
        back=ledger.to_give_back(order),
        asked=order.state is OrderState.AWAITING_PAYMENT,
        state=_(ORDER_STATE_NAMES[order.state]),
        cards=checkout.takes_cards(order),
        invoice=invoices.last(order, InvoiceKind.INVOICE),
    )


@blueprint.post(f"{HERE}/pay/card")
@signed_in
def by_card(order_id: str) -> Response:
    """On to the provider's page. The attempt is committed before the call, its outcome after it."""
    order = _order(order_id)
    ways = url_for(".pay", order_id=order_id)
    returned = url_for(".returned", order_id=order_id)
    opening = checkout.prepare(order=order, by=g.person)
    db.session.commit()
    if opening.url is not None and not opening.stale:
        return redirect(opening.url, 303)
    try:
        opened = provider.open_session(opening)
    except ProviderDown as refusal:
        flash(i18n.words(refusal), "error")
        return redirect(ways, 303)
    checkout.note_opened(opened)
    db.session.commit()
    if opened.refused:
        flash(_("This amount cannot be paid by card. Please pay by bank transfer."), "error")
    return redirect(opened.url or (ways if opened.refused else returned), 303)


@blueprint.get(f"{HERE}/pay/transfer")
@signed_in
def by_transfer(order_id: str) -> str | Response:
    """The bank details with a code to scan."""
    order = _order(order_id)
    left = ledger.balance(order)
    if order.state is not OrderState.AWAITING_PAYMENT or left.minor <= 0:
        return redirect(url_for(".pay", order_id=order_id))
    slip = transfers.slip(order, invoices.payee_of(order), left)
    title = _("Code to scan with your bank's application")
    return render_template(
        "payments/transfer.html",
        order=order,
        code=codes.show_code(order.code),
        slip=slip,
        account=transfers.show_account(slip),
        picture=Markup(qr.svg(slip.code, title=title)) if slip.code else "",  # noqa: S704
        proforma=invoices.last(order, InvoiceKind.PROFORMA),
    )


@blueprint.get(f"{HERE}/pay/return")
@signed_in
def returned(order_id: str) -> str | Response:
    """Back from the provider's page. Only what the provider tells us itself counts."""
    order = _order(order_id)
    if order.state is OrderState.PAID:
        return redirect(url_for(".pay", order_id=order_id))
    asked = min(request.args.get("asked", 0, type=int), 99)
    return render_template(
        "payments/returned.html",
        order=order,
        code=codes.show_code(order.code),
        asked=max(0, asked),
        by_itself=0 <= asked < ASK_AGAIN,
    )


@blueprint.post(f"{HERE}/pay/check")
@signed_in
def check(order_id: str) -> Response:
    """Ask the provider now instead of waiting for its message."""
    order = _order(order_id)
    asked = min(request.form.get("asked", 0, type=int), 99)
    back = url_for(".returned", order_id=order_id, asked=asked + 1)
    sessions = checkout.sessions_to_ask(order)
    db.session.commit()
    try:
        found = [seen for one in sessions if (seen := provider.find_session(one))]
    except ProviderDown as refusal:
        flash(i18n.words(refusal), "error")
        return redirect(back, 303)
    for seen in found:
        events.apply(seen)
    db.session.commit()
    return redirect(back, 303)


@blueprint.get(f"{HERE}/documents")
@signed_in
def documents(order_id: str) -> str:
    """The papers of an order."""
    order = _order(order_id)
    return render_template(
        "payments/documents.html",
        order=order,
        code=codes.show_code(order.code),
        papers=invoices.issued(order)[::-1],
        kinds=INVOICE_KIND_NAMES,
    )


@blueprint.get(f"{HERE}/documents/<invoice_id>")
@signed_in
def document(order_id: str, invoice_id: str) -> Response:
    """One paper as PDF."""
    paper = papers.attachment(invoices.of_order(_order(order_id), invoice_id))
    return send_download(paper.content, name=paper.name, content_type=paper.content_type)


# -- pieces of other pages


@slots.order_cards
def order_card() -> slots.Card | None:
    """On the buyer's page of an order: what is paid, what is missing, where to pay."""
    order: Order = g.order
    sums = ledger.account(order)
    if not sums.charged:
        return None
    return slots.Card(
        "payments/_order_card.html",
        {
            "order": order,
            "total": Money(sums.price, order.currency),
            "received": Money(sums.received, order.currency),
            "left": Money(max(0, sums.balance), order.currency),
            "back": ledger.to_give_back(order),
            "asked": order.state is OrderState.AWAITING_PAYMENT,
            "papers": invoices.issued(order)[::-1],
            "kinds": INVOICE_KIND_NAMES,
        },
        order=20,
    )
