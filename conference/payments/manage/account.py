"""The account of one order, its papers, and its part in a registration's story."""

from __future__ import annotations

from typing import Any

from flask import g, render_template
from werkzeug.wrappers import Response

from conference.core.money import Money
from conference.core.permissions import allows
from conference.payments import papers, references
from conference.payments.manage.blueprint import (
    ATTEMPT_TONES,
    DISPUTE_TONES,
    ORDER,
    SEE,
    TONES,
    blueprint,
)
from conference.payments.models import (
    ENTRY_NAMES,
    INVOICE_KIND_NAMES,
    METHOD_NAMES,
    TAKES_AWAY,
    EntryKind,
    LedgerEntry,
)
from conference.payments.service import disputes, invoices, ledger, queries, refunds
from conference.payments.states import (
    ATTEMPT_STATE_NAMES,
    DISPUTE_REASONS,
    DISPUTE_STATE_NAMES,
    NO_REASON,
)
from conference.registrations import codes
from conference.registrations.models import Order
from conference.registrations.queries import registrations_of
from conference.registrations.states import ORDER_STATE_NAMES
from conference.web import i18n, slots
from conference.web.access import requires
from conference.web.headers import send_download
from conference.web.i18n import _

ENTRY_TONES = {
    EntryKind.PAYMENT: "good",
    EntryKind.DISPUTE: "bad",
    EntryKind.DISPUTE_WON: "good",
}


@blueprint.get(ORDER)
@requires(SEE)
def account(order_id: str) -> str:
    """Everything about the money of one order."""
    order = queries.in_edition(g.edition, order_id)
    sums = ledger.account(order)
    return render_template(
        "payments/manage/account.html",
        order=order,
        code=codes.show_code(order.code),
        buyer=invoices.buyer_name(order),
        people=registrations_of(order),
        entries=ledger.entries(order),
        refunds=refunds.of_order(order),
        disputes=disputes.of_order(order),
        needs_evidence=disputes.needs_evidence,
        takes_away=TAKES_AWAY,
        dispute_reason=_reason,
        dispute_states=DISPUTE_STATE_NAMES,
        dispute_tones=DISPUTE_TONES,
        papers=invoices.issued(order),
        price=Money(sums.price, order.currency),
        received=Money(sums.received, order.currency),
        left=Money(sums.balance, order.currency),
        back=ledger.to_give_back(order),
        kinds=ENTRY_NAMES,
        methods=METHOD_NAMES,
        paper_kinds=INVOICE_KIND_NAMES,
        attempt_states=ATTEMPT_STATE_NAMES,
        attempt_tones=ATTEMPT_TONES,
        state=_(ORDER_STATE_NAMES[order.state]),
        tone=TONES[order.state],
        show_reference=references.show_rf,
    )


def _reason(word: str) -> str:
    return str(_(DISPUTE_REASONS.get(word, NO_REASON)))


@blueprint.get(f"{ORDER}/documents/<invoice_id>")
@requires(SEE)
def document(order_id: str, invoice_id: str) -> Response:
    """One paper as PDF."""
    order = queries.in_edition(g.edition, order_id)
    paper = papers.attachment(invoices.of_order(order, invoice_id))
    return send_download(paper.content, name=paper.name, content_type=paper.content_type)


@slots.story
def story() -> slots.Card | None:
    """What happened with the money of a registration's order."""
    if not allows(g.roles, SEE):
        return None
    order: Order = g.registration.order
    sums = ledger.account(order)
    if not sums.charged:
        return None
    return slots.Card(
        "payments/manage/_story.html",
        {
            "events": [_event(entry) for entry in ledger.entries(order)],
            "papers": invoices.issued(order),
            "kinds": INVOICE_KIND_NAMES,
            "received": Money(sums.received, order.currency),
            "price": Money(sums.price, order.currency),
            "back": ledger.to_give_back(order),
            "order_id": order.public_id,
        },
        order=30,
    )


def _event(entry: LedgerEntry) -> dict[str, Any]:
    amount = Money(entry.amount_minor, entry.currency).format(i18n.current())
    how = _(METHOD_NAMES[entry.method]) if entry.method else ""
    return {
        "at": entry.created_at,
        "title": f"{_(ENTRY_NAMES[entry.kind])}: {amount}",
        "text": ", ".join(part for part in (how, entry.note) if part) or None,
        "who": entry.by.display_name if entry.by else None,
        "tone": ENTRY_TONES.get(entry.kind, "quiet"),
    }
