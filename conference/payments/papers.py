"""Proforma, invoice and credit note from their frozen content: the same content, the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from conference.core.money import Money
from conference.core.outbox import Attachment, makers
from conference.documents import papers, words
from conference.extensions import db
from conference.payments.models import Invoice, InvoiceKind

_KINDS = {
    InvoiceKind.PROFORMA: papers.Kind.PROFORMA,
    InvoiceKind.INVOICE: papers.Kind.INVOICE,
    InvoiceKind.CREDIT_NOTE: papers.Kind.CREDIT_NOTE,
}


def _untranslated(_locale: str) -> Mapping[str, str]:
    return words.invoice(str)


labels_in: Callable[[str], Mapping[str, str]] = _untranslated
"""The words on a paper in a language; the application puts its translations here."""


def pdf(invoice: Invoice) -> bytes:
    """The paper in the language in which it was issued, whoever asks."""
    return papers.invoice(paper(invoice), labels_in(invoice.locale), invoice.locale)


def attachment(invoice: Invoice) -> Attachment:
    """The paper as a file."""
    return Attachment(file_name(invoice), "application/pdf", pdf(invoice))


def _make(invoice: str) -> Attachment:
    query = select(Invoice).where(Invoice.public_id == invoice)
    return attachment(db.session.scalars(query).one())


makers["invoice"] = _make


def file_name(invoice: Invoice) -> str:
    """How the file is called: plain letters, whatever the payee is called."""
    kind = invoice.kind.value.replace("_", "-")
    label = "".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in invoice.label)
    return f"{kind}-{label}.pdf"


def paper(invoice: Invoice) -> papers.InvoiceData:
    """The frozen content as the paper's own type, which checks that its sums add up."""
    data = invoice.data

    def money(minor: int) -> Money:
        return Money(minor, invoice.currency)

    return papers.InvoiceData(
        kind=_KINDS[invoice.kind],
        number=invoice.label,
        seller=_party(data["seller"]),
        buyer=_party(data["buyer"]),
        issued_on=invoice.issued_on,
        supplied_on=_date(data["supplied_on"]),
        due_on=_date(data["due_on"]),
        refers_to=data["refers_to"],
        lines=[
            papers.Line(
                description=line["description"],
                detail=line["detail"],
                quantity=line["quantity"],
                unit_price=money(line["unit_minor"]),
                amount=money(line["unit_minor"] * line["quantity"]),
                vat_rate=_rate(data["vat_permille"]) if data["vat_permille"] else None,
            )
            for line in data["lines"]
        ],
        total=money(invoice.total_minor),
        vat=_vat(data, money(invoice.total_minor)),
        paid=None if data["paid_minor"] is None else money(data["paid_minor"]),
        payment=_payment(data["payment"], invoice.currency),
        vat_note=data["vat_note"],
    )


def _rate(permille: int) -> Decimal:
    return Decimal(permille) / 10


def _vat(data: Mapping[str, Any], total: Money) -> list[papers.VatRow]:
    """Prices are gross; the VAT inside them is taken once, of the total."""
    if not data["vat_permille"]:
        return []
    rate = _rate(data["vat_permille"])
    return [papers.VatRow(rate=rate, base=total.net(rate), vat=total.vat_part(rate))]


def _party(data: Mapping[str, Any]) -> papers.Party:
    return papers.Party(
        name=data["name"],
        address=data["address"],
        tax_id=data["tax_id"],
        registration_number=data.get("registration_number", ""),
        email=data.get("email", ""),
    )


def _payment(data: Mapping[str, Any] | None, currency: str) -> papers.Payment | None:
    if data is None:
        return None
    return papers.Payment(
        payee=data["payee"],
        reference=data["reference"],
        amount=Money(data["amount_minor"], currency),
        account=data["account"],
        iban=data["iban"],
        bic=data["bic"],
        bank=data["bank"],
        purpose=data["purpose"],
        code=data["code"],
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
