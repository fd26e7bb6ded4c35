"""Several at once, on a database of their own: no gaps in numbers, money booked once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from conference.app import create_app
from conference.core.errors import DomainError
from conference.core.money import Money
from conference.editions.models import Payee, SiteStamp
from conference.extensions import db
from conference.payments.models import (
    CheckoutAttempt,
    EntryKind,
    Invoice,
    InvoiceKind,
    LedgerEntry,
    Method,
    RefundAttempt,
)
from conference.payments.service import charging, ledger, numbering, refunds
from conference.payments.states import AttemptState
from conference.registrations.models import Order
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling
from conference.registrations.states import RegistrationState
from tests import databases, factories
from tests.conftest import SETTINGS

pytestmark = pytest.mark.sql
THREADS = 8


@pytest.fixture
def own_app(database: str, tmp_path: Path) -> Iterator[Any]:
    """An application whose commits are real."""
    app = create_app(
        SQLALCHEMY_DATABASE_URI=databases.fresh(database, tmp_path),
        DATA_DIR=tmp_path,
        FILES_DIR=tmp_path / "files",
        **SETTINGS,
    )
    with app.app_context():
        db.create_all()
        db.session.add(SiteStamp(id=1, version=1))
        db.session.commit()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def at_once(app: Any, work: Callable[[int], Any], times: int) -> list[Any]:
    """What `work` answered, or refused with, in as many threads."""

    def one(number: int) -> Any:
        with app.app_context():
            try:
                answer = work(number)
                db.session.commit()
                return answer
            except DomainError as refusal:
                db.session.rollback()
                return type(refusal)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(times)))


def one_order(people: int = 1) -> int:
    edition = factories.make_edition()
    order = factories.make_order(edition, due_at=None)
    kind = factories.make_ticket_type(edition, amount=12000)
    for _ in range(people):
        factories.make_registration(
            edition, ticket_type=kind, order=order, state=RegistrationState.PENDING
        )
    charging.awaits_payment(order)
    db.session.commit()
    return int(order.id)


def book(order: Order, minor: int, source: str) -> LedgerEntry:
    return ledger.book_payment(
        order=order,
        amount=Money(minor, "EUR"),
        method=Method.CARD,
        source=source,
        booked_on=factories.on_day(0),
        by=None,
    )


def test_numbers_have_no_gaps_even_when_some_transactions_are_rolled_back(own_app):
    with own_app.app_context():
        payee_id = factories.make_payee().id
        db.session.commit()

    def take(number: int) -> int | None:
        payee = db.session.get(Payee, payee_id)
        taken = numbering.take(payee, InvoiceKind.INVOICE, 2026)
        if number % 4 == 0:
            db.session.rollback()
            return None
        return taken

    taken = [number for number in at_once(own_app, take, 40) if number is not None]
    assert sorted(taken) == list(range(1, 31))


def test_series_of_payee_kind_and_year_are_counted_apart(own_app):
    with own_app.app_context():
        payee, other = factories.make_payee(), factories.make_payee()
        taken = [
            numbering.take(payee, InvoiceKind.INVOICE, 2026),
            numbering.take(payee, InvoiceKind.PROFORMA, 2026),
            numbering.take(payee, InvoiceKind.INVOICE, 2027),
            numbering.take(other, InvoiceKind.INVOICE, 2026),
            numbering.take(payee, InvoiceKind.INVOICE, 2026),
        ]
        assert taken == [1, 1, 1, 1, 2]
        db.session.rollback()


def test_orders_paid_at_once_get_invoices_without_gaps(own_app):
    with own_app.app_context():
        payee = factories.make_payee()
        orders = []
        for _ in range(12):
            edition = factories.make_edition(payee=payee)
            registration = factories.make_registration(
                edition,
                ticket_type=factories.make_ticket_type(edition, amount=12000),
                state=RegistrationState.PENDING,
            )
            registration.order.due_at = None
            charging.awaits_payment(registration.order)
            orders.append(registration.order_id)
        db.session.commit()
    at_once(own_app, lambda n: book(db.session.get(Order, orders[n]), 12000, f"line-{n}").id, 12)
    with own_app.app_context():
        numbers = db.session.scalars(
            select(Invoice.number).where(Invoice.kind == InvoiceKind.INVOICE)
        ).all()
        assert sorted(numbers) == list(range(1, 13))


def test_one_movement_that_is_booked_by_many_at_once_is_booked_once(own_app):
    with own_app.app_context():
        order_id = one_order()
    ids = at_once(own_app, lambda _n: book(db.session.get(Order, order_id), 12000, "pi_1").id, 16)
    assert len(set(ids)) == 1
    with own_app.app_context():
        assert (
            db.session.scalar(
                select(func.count(LedgerEntry.id)).where(LedgerEntry.kind == EntryKind.PAYMENT)
            )
            == 1
        )
        assert (
            db.session.scalar(
                select(func.count(Invoice.id)).where(Invoice.kind == InvoiceKind.INVOICE)
            )
            == 1
        )


def test_many_refund_clicks_at_once_never_reserve_more_than_was_paid(own_app):
    with own_app.app_context():
        order_id = one_order(people=2)
        order = db.session.get(Order, order_id)
        db.session.add(
            CheckoutAttempt(
                order_id=order_id,
                state=AttemptState.SUCCEEDED,
                idempotency_key="k",
                amount_minor=24000,
                currency="EUR",
                session_id="cs_1",
                payment_intent="pi_1",
                expires_at=factories.in_days(1),
            )
        )
        book(order, 24000, "stripe:pi_1")
        cancelling.cancel(registration=registrations_of(order)[0], by=None, reason="")
        person_id = factories.make_person().id
        db.session.commit()

    def click(_number: int) -> str:
        from conference.accounts.models import Person

        refunds.prepare(
            order=db.session.get(Order, order_id),
            amount=Money(5000, "EUR"),
            reason="",
            by=db.session.get(Person, person_id),
        )
        return "reserved"

    answers = at_once(own_app, click, 16)
    assert answers.count("reserved") == 2
    assert answers.count(refunds.NothingToGiveBack) == 14
    with own_app.app_context():
        assert db.session.scalar(select(func.sum(RefundAttempt.amount_minor))) == 10000
        assert db.session.scalar(select(CheckoutAttempt.refunded_minor)) == 10000
