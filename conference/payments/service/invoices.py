"""Papers of an order: proforma while it waits, invoice when paid, credit note when less is owed.

Content is frozen when a paper is issued; nothing ever changes an issued paper.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from conference.core import audit, clock, geo
from conference.core.errors import N_, DomainError, NotFound
from conference.core.money import Money
from conference.core.text import in_language
from conference.editions.models import Payee
from conference.extensions import db
from conference.payments import transfers
from conference.payments.models import Invoice, InvoiceKind
from conference.payments.service import numbering
from conference.registrations.models import Order, OrderLine, Registration
from conference.registrations.states import RegistrationState

WITH_PLACE = frozenset(
    {RegistrationState.PENDING, RegistrationState.CONFIRMED, RegistrationState.CANCELLED}
)


class NoPayee(DomainError):
    """Money is asked for, but the edition does not say who receives it."""

    message = N_("The organiser has not entered yet who receives payments. Please write to them.")


def payee_of(order: Order) -> Payee:
    """Who receives the money of an order."""
    if order.edition.payee is None:
        raise NoPayee()
    return order.edition.payee


# -- issuing


def issue_proforma(*, order: Order, price: Money, left: Money) -> Invoice:
    """What the buyer is asked to pay, with how to pay it."""
    lines = _lines_worth(order, price, _lines(order))
    slip = transfers.slip(order, payee_of(order), left)
    payment = {
        **{key: value for key, value in asdict(slip).items() if key not in _NOT_PRINTED},
        "iban": transfers.show_account(slip) if slip.iban else "",
        "account": "" if slip.iban else transfers.show_account(slip),
        "amount_minor": left.minor,
    }
    return _issue(
        order,
        InvoiceKind.PROFORMA,
        lines,
        price,
        due_on=_day(order),
        payment=payment if left.minor > 0 else None,
        paid_minor=price.minor - left.minor if left < price else None,
    )


_NOT_PRINTED = frozenset({"address", "amount", "plain_reference", "iban", "account"})


def issue_invoice(*, order: Order, price: Money) -> Invoice | None:
    """The invoice for what is paid and not invoiced yet; None when all of it is."""
    done = issued(order, InvoiceKind.INVOICE)
    open_minor = price.minor - _sum(done) + _sum(issued(order, InvoiceKind.CREDIT_NOTE))
    if open_minor <= 0:
        return None
    known = {line_id for paper in done for line_id in paper.data["line_ids"]}
    fresh = [line for line in _lines(order) if line.id not in known]
    return _issue(
        order,
        InvoiceKind.INVOICE,
        _lines_worth(order, Money(open_minor, price.currency), fresh),
        Money(open_minor, price.currency),
        supplied_on=order.edition.ends_on,
        paid_minor=open_minor,
    )


def issue_credit_note(
    *, order: Order, amount: Money, registration: Registration | None = None, reason: str = ""
) -> Invoice | None:
    """Takes back a part of what was invoiced; None when nothing was invoiced yet."""
    done = issued(order, InvoiceKind.INVOICE)
    left = _sum(done) - _sum(issued(order, InvoiceKind.CREDIT_NOTE))
    if not done or left <= 0:
        return None
    amount = min(amount, Money(left, amount.currency))
    corrected = _invoice_with(done, registration)
    lines = _lines_worth(
        order, amount, _lines(order, registration) if registration else [], detail=reason
    )
    return _issue(
        order,
        InvoiceKind.CREDIT_NOTE,
        lines,
        amount,
        corrects=corrected,
        refers_to=corrected.label,
    )


def _invoice_with(papers: list[Invoice], registration: Registration | None) -> Invoice:
    """The invoice that a registration stands on; the last one when that cannot be said."""
    if registration is not None:
        ids = {line.id for line in _lines(registration.order, registration)}
        for paper in papers:
            if ids & set(paper.data["line_ids"]):
                return paper
    return papers[-1]


def _issue(
    order: Order,
    kind: InvoiceKind,
    lines: list[dict[str, Any]],
    total: Money,
    *,
    due_on: date | None = None,
    supplied_on: date | None = None,
    payment: dict[str, Any] | None = None,
    paid_minor: int | None = None,
    corrects: Invoice | None = None,
    refers_to: str = "",
) -> Invoice:
    # Who has issued an invoice corrects it, whoever is paid for the edition by now.
    payee = corrects.payee if corrects else payee_of(order)
    today = clock.today(order.edition.zone)
    number = numbering.take(payee, kind, today.year)
    paper = Invoice(
        payee_id=payee.id,
        order_id=order.id,
        kind=kind,
        year=today.year,
        number=number,
        label=numbering.label(payee, kind, today.year, number),
        issued_on=today,
        locale=order.locale,
        currency=total.currency,
        total_minor=total.minor,
        corrects_id=corrects.id if corrects else None,
        data={
            "seller": _seller(payee, order.locale),
            "buyer": _buyer(order),
            "lines": lines,
            "line_ids": [line["line_id"] for line in lines if line["line_id"]],
            "vat_permille": payee.vat_permille,
            "vat_note": in_language(payee.vat_note, order.locale),
            "due_on": due_on.isoformat() if due_on else None,
            "supplied_on": supplied_on.isoformat() if supplied_on else None,
            "payment": payment,
            "paid_minor": paid_minor,
            "refers_to": refers_to,
        },
    )
    db.session.add(paper)
    db.session.flush()
    audit.record(f"order.{kind.value}_issued", about=order, by=None, number=paper.label)
    return paper


# -- content


def _seller(payee: Payee, locale: str) -> dict[str, Any]:
    return {
        "name": payee.name,
        "address": _address(payee.address, payee.country, locale),
        "tax_id": payee.tax_id,
        "registration_number": payee.registration_number,
        "email": payee.email,
    }


def _buyer(order: Order) -> dict[str, Any]:
    return {
        "name": buyer_name(order),
        "address": _address(order.invoice_address, order.invoice_country, order.locale),
        "tax_id": order.invoice_tax_id,
    }


def buyer_name(order: Order) -> str:
    """Who the paper is for: as asked for, else who ordered, else the first participant."""
    if order.invoice_name:
        return order.invoice_name
    if order.person is not None and order.person.name:
        return order.person.name
    first = db.session.scalars(
        select(Registration).where(Registration.order_id == order.id).order_by(Registration.id)
    ).first()
    return first.name if first is not None else order.email


def _address(text: str, country: str | None, locale: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    name = geo.country_name(country, locale) if country else ""
    if name and name.casefold() not in {line.casefold() for line in lines}:
        lines.append(name)
    return lines


def _lines(order: Order, registration: Registration | None = None) -> list[OrderLine]:
    """What was ordered and costs something; of one registration also what it dropped."""
    query = (
        select(OrderLine)
        .join(Registration, OrderLine.registration_id == Registration.id)
        .where(OrderLine.order_id == order.id, OrderLine.amount_minor > 0)
        .order_by(OrderLine.id)
    )
    if registration is not None:
        query = query.where(OrderLine.registration_id == registration.id)
    else:
        query = query.where(OrderLine.dropped_at.is_(None), Registration.state.in_(WITH_PLACE))
    return list(db.session.scalars(query))


def _lines_worth(
    order: Order, total: Money, lines: list[OrderLine], *, detail: str = ""
) -> list[dict[str, Any]]:
    """The lines when they add up to the total, else one line of that amount for the edition."""
    name = in_language(order.edition.name, order.locale)
    if lines and sum(line.amount_minor * line.quantity for line in lines) == total.minor:
        return [
            {
                "line_id": line.id,
                "description": f"{name}: {in_language(line.text, order.locale)}",
                "detail": line.registration.name,
                "quantity": line.quantity,
                "unit_minor": line.amount_minor,
            }
            for line in lines
        ]
    who = detail or (lines[0].registration.name if lines else "")
    return [
        {
            "line_id": None,
            "description": name,
            "detail": who,
            "quantity": 1,
            "unit_minor": total.minor,
        }
    ]


def _day(order: Order) -> date | None:
    return order.due_at.astimezone(ZoneInfo(order.edition.zone)).date() if order.due_at else None


def _sum(papers: list[Invoice]) -> int:
    return sum(paper.total_minor for paper in papers)


# -- looking up


def issued(order: Order, kind: InvoiceKind | None = None) -> list[Invoice]:
    """The papers of an order, oldest first."""
    query = select(Invoice).where(Invoice.order_id == order.id).order_by(Invoice.id)
    if kind is not None:
        query = query.where(Invoice.kind == kind)
    return list(db.session.scalars(query))


def last(order: Order, kind: InvoiceKind) -> Invoice | None:
    """The newest paper of a kind."""
    papers = issued(order, kind)
    return papers[-1] if papers else None


def of_order(order: Order, public_id: str) -> Invoice:
    """A paper of an order that was found for the person already."""
    paper: Invoice | None = db.session.scalars(
        select(Invoice).where(Invoice.order_id == order.id, Invoice.public_id == public_id)
    ).first()
    if paper is None or not paper.data:  # emptied when the time of keeping books is over
        raise NotFound()
    return paper
