"""Which rows of payments belong to a person: all of them by the order that was paid."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from conference.accounts.my_data import Owner
from conference.core.errors import N_
from conference.core.retention import Term
from conference.payments.models import (
    CardDispute,
    CheckoutAttempt,
    Invoice,
    LedgerEntry,
    RefundAttempt,
)
from conference.registrations.models import BOOKS
from conference.registrations.personal import book_year_over, order_ids


def _of_orders(model: type[Any]) -> Any:
    return lambda mine: select(model).where(model.order_id.in_(order_ids(mine)))


OWNERS = [
    Owner(what=N_("Invoices"), model=Invoice, rows=_of_orders(Invoice)),
    Owner(what=N_("Payments"), model=LedgerEntry, rows=_of_orders(LedgerEntry)),
    Owner(what=N_("Payments by card"), model=CheckoutAttempt, rows=_of_orders(CheckoutAttempt)),
    Owner(what=N_("Disputed card payments"), model=CardDispute, rows=_of_orders(CardDispute)),
    Owner(what=N_("Refunds"), model=RefundAttempt, rows=_of_orders(RefundAttempt)),
]


def _books(model: type[Any]) -> Term:
    return Term(model=model, keep=BOOKS, over=lambda now: book_year_over(model.created_at, now))


TERMS = [_books(one.model) for one in OWNERS]
