"""Proforma invoice, invoice, credit note: what they say and the sums that must add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from babel.numbers import format_decimal

from conference.core.money import Money
from conference.documents.formats import code, day

Labels = Mapping[str, str]


class Kind(StrEnum):
    """The papers of an order."""

    PROFORMA = "proforma"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Seller or buyer, as the law wants them named."""

    name: str
    address: Sequence[str] = ()
    tax_id: str = ""
    registration_number: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`amount` is quantity x unit price; both with or both without VAT, as the invoice says."""

    description: str
    quantity: int
    unit_price: Money
    amount: Money
    detail: str = ""
    vat_rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRow:
    """One rate: what it was taken of and how much it is."""

    rate: Decimal
    base: Money
    vat: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """How to pay by transfer. `code` is the text of the payment QR, see payments/qr.py."""

    payee: str
    reference: str
    amount: Money
    account: str = ""
    iban: str = ""
    bic: str = ""
    bank: str = ""
    purpose: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceData:
    """Everything on a proforma, an invoice or a credit note; amounts are computed by the caller.

    `prices_include_vat` says whether the lines add up to the total or to the sum before VAT.
    """

    kind: Kind
    number: str
    seller: Party
    buyer: Party
    issued_on: date
    lines: Sequence[Line]
    total: Money
    supplied_on: date | None = None
    due_on: date | None = None
    place: str = ""
    refers_to: str = ""
    vat: Sequence[VatRow] = ()
    prices_include_vat: bool = True
    paid: Money | None = None
    payment: Payment | None = None
    vat_note: str = ""
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        """A paper with sums that do not add up must never leave the house."""
        for line in self.lines:
            if line.unit_price * line.quantity != line.amount:
                raise ValueError(f"{line.description}: quantity x price is not the amount")
        if self.subtotal + (self.vat_sum if not self.prices_include_vat else self.zero) != (
            self.total
        ):
            raise ValueError(f"{self.number}: the lines do not add up to the total")

    @property
    def zero(self) -> Money:
        return Money.zero(self.total.currency)

    @property
    def subtotal(self) -> Money:
        return Money.total((line.amount for line in self.lines), self.total.currency)

    @property
    def vat_sum(self) -> Money:
        return Money.total((row.vat for row in self.vat), self.total.currency)


def content(paper: InvoiceData, labels: Labels, locale: str) -> dict[str, object]:
    """What templates/papers/invoice.typ gets: every figure and date as it is printed."""

    def shown(amount: Money) -> str:
        return amount.format(locale)

    dates = {
        "issued": paper.issued_on,
        "supplied": paper.supplied_on,
        "due": paper.due_on if paper.kind is not Kind.CREDIT_NOTE else None,
    }
    facts = [[labels[key], day(value, locale)] for key, value in dates.items() if value]
    if paper.place:
        facts.append([labels["place"], paper.place])
    if paper.refers_to:
        facts.append([labels["refers_to"], paper.refers_to])
    sums: list[list[str]] = []
    if paper.vat and not paper.prices_include_vat:
        sums.append([labels["subtotal"], shown(paper.subtotal)])
        sums += [
            [f"{labels['vat']} {_percent(row.rate, locale)}", shown(row.vat)] for row in paper.vat
        ]
    after: list[list[str]] = []
    if paper.paid is not None:
        after = [
            [labels["paid"], shown(paper.paid)],
            [labels["left"], shown(paper.total - paper.paid)],
        ]
    return {
        "labels": dict(labels),
        "kind": labels[paper.kind.value],
        "kind_note": labels["proforma_note"] if paper.kind is Kind.PROFORMA else "",
        "number": paper.number,
        "seller": _party(paper.seller, labels),
        "buyer": _party(paper.buyer, labels),
        "facts": facts,
        "with_vat": any(line.vat_rate is not None for line in paper.lines),
        "lines": [
            {
                "description": line.description,
                "detail": line.detail,
                "quantity": format_decimal(line.quantity, locale=locale),
                "price": shown(line.unit_price),
                "vat": _percent(line.vat_rate, locale) if line.vat_rate is not None else "",
                "amount": shown(line.amount),
            }
            for line in paper.lines
        ],
        "sums": sums,
        "total": shown(paper.total),
        "after": after,
        "vat_rows": [
            [_percent(row.rate, locale), shown(row.base), shown(row.vat)] for row in paper.vat
        ]
        if paper.prices_include_vat
        else [],
        "payment": _payment(paper.payment, paper.due_on, labels, locale) if paper.payment else None,
        "vat_note": paper.vat_note,
        "notes": list(paper.notes),
    }


def _percent(rate: Decimal, locale: str) -> str:
    return f"{format_decimal(rate.normalize() + 0, locale=locale)} %"


def _party(party: Party, labels: Labels) -> dict[str, object]:
    numbers = [
        [labels["tax_id"], party.tax_id],
        [labels["registration"], party.registration_number],
    ]
    return {
        "name": party.name,
        "address": list(party.address),
        "numbers": [pair for pair in numbers if pair[1]],
        "contact": [text for text in (party.email, party.phone) if text],
    }


def _payment(
    payment: Payment, due_on: date | None, labels: Labels, locale: str
) -> dict[str, object]:
    rows = [
        [labels["payee"], payment.payee],
        [labels["account"], payment.account],
        [labels["iban"], payment.iban],
        [labels["bic"], payment.bic],
        [labels["bank"], payment.bank],
        [labels["purpose"], payment.purpose],
        [labels["pay_amount"], payment.amount.format(locale)],
        [labels["pay_until"], day(due_on, locale) if due_on else ""],
    ]
    return {
        "rows": [row for row in rows if row[1]],
        "reference": payment.reference,
        "qr": code(payment.code, labels["scan_to_pay"]) if payment.code else None,
    }
