"""Numbers of papers: one after another without gaps, per payee, kind and year."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from conference.editions.models import Payee
from conference.extensions import db
from conference.payments.models import InvoiceKind, NumberSeries

_LETTERS = {InvoiceKind.PROFORMA: "P", InvoiceKind.INVOICE: "", InvoiceKind.CREDIT_NOTE: "C"}


def take(payee: Payee, kind: InvoiceKind, year: int) -> int:
    """The next number. The row stays locked until this transaction ends: a number that is rolled
    back is given to the next."""
    number = _raise(payee, kind, year)
    while number is None:
        try:
            with db.session.begin_nested():
                db.session.add(NumberSeries(payee_id=payee.id, kind=kind, year=year, last=0))
                db.session.flush()
        except IntegrityError:
            pass  # somebody else has begun the series in this moment
        number = _raise(payee, kind, year)
    return number


def _raise(payee: Payee, kind: InvoiceKind, year: int) -> int | None:
    number: int | None = db.session.scalar(
        update(NumberSeries)
        .where(
            NumberSeries.payee_id == payee.id,
            NumberSeries.kind == kind,
            NumberSeries.year == year,
        )
        .values(last=NumberSeries.last + 1)
        .returning(NumberSeries.last)
        .execution_options(synchronize_session=False)
    )
    return number


def label(payee: Payee, kind: InvoiceKind, year: int, number: int) -> str:
    """As it is printed: "CH-2026-00042", "CH-P-2026-00042", "CH-C-2026-00042"."""
    parts = (payee.invoice_prefix, _LETTERS[kind], str(year), f"{number:05d}")
    return "-".join(part for part in parts if part)
