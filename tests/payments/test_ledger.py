"""The account of an order: what is charged, paid, credited and to be given back."""

from __future__ import annotations

import pytest

from conference.core import outbox
from conference.core.errors import DomainError
from conference.core.money import Money
from conference.editions.service import payees
from conference.extensions import db
from conference.payments.models import EntryKind, InvoiceKind, Method
from conference.payments.service import charging, invoices, ledger, refunds
from conference.registrations.models import Registration
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling, waiting
from conference.registrations.states import OrderState, RegistrationState
from tests import factories


def book(order, minor, *, source="line-1", currency="EUR", by=None):
    return ledger.book_payment(
        order=order,
        amount=Money(minor, currency),
        method=Method.TRANSFER,
        source=source,
        booked_on=factories.on_day(0),
        by=by,
    )


def mails(order):
    return [mail.name for mail in outbox.about(order.public_id)]


@pytest.mark.sql
def test_order_that_awaits_payment_is_charged_once_and_told_how_to_pay(unpaid):
    order = unpaid(12000, people=2)
    assert [(e.kind, e.amount_minor) for e in ledger.entries(order)] == [(EntryKind.CHARGE, 24000)]
    assert ledger.balance(order) == Money(24000, "EUR")
    assert order.reference is not None
    assert order.due_at is not None
    charging.awaits_payment(order)
    assert len(ledger.entries(order)) == 1
    assert mails(order)[0] == "payment-due"


@pytest.mark.sql
def test_payment_in_full_confirms_the_places_and_issues_one_invoice(unpaid):
    order = unpaid(12000)
    book(order, 12000)
    assert order.state is OrderState.PAID
    assert [r.state for r in registrations_of(order)] == [RegistrationState.CONFIRMED]
    assert [(i.kind, i.total_minor) for i in invoices.issued(order)] == [
        (InvoiceKind.PROFORMA, 12000),
        (InvoiceKind.INVOICE, 12000),
    ]
    assert mails(order).count("payment-received") == 1


@pytest.mark.sql
def test_the_same_movement_is_booked_once(unpaid):
    order = unpaid(12000)
    first = book(order, 12000)
    assert book(order, 12000) is first
    assert len(ledger.entries(order)) == 2
    assert len(invoices.issued(order, InvoiceKind.INVOICE)) == 1
    assert mails(order).count("payment-received") == 1


def test_a_movement_booked_on_another_order_is_refused(unpaid):
    book(unpaid(12000), 12000)
    other = unpaid(12000)
    with pytest.raises(ledger.AlreadyBooked):
        book(other, 12000)
    assert ledger.balance(other) == Money(12000, "EUR")


def test_settling_twice_does_nothing_the_second_time(unpaid):
    order = unpaid(12000)
    book(order, 12000)
    before = (len(mails(order)), len(invoices.issued(order)))
    assert ledger.settle_if_paid(order=order, by=None) is True
    assert (len(mails(order)), len(invoices.issued(order))) == before


def test_money_in_another_currency_is_refused_in_words(unpaid):
    order = unpaid(12000)
    with pytest.raises(ledger.OtherCurrency) as refusal:
        book(order, 12000, currency="RSD")
    assert refusal.value.field == "amount"
    assert "EUR" in str(refusal.value)
    assert ledger.balance(order) == Money(12000, "EUR")


@pytest.mark.parametrize("minor", [0, -100])
def test_nothing_and_less_than_nothing_are_refused(unpaid, minor):
    with pytest.raises(DomainError):
        book(unpaid(12000), minor)


def test_a_date_that_has_not_come_is_refused(unpaid):
    with pytest.raises(ledger.NotYet):
        ledger.book_payment(
            order=unpaid(12000),
            amount=Money(12000, "EUR"),
            method=Method.TRANSFER,
            source="line-1",
            booked_on=factories.on_day(2),
            by=None,
        )


def test_too_little_money_leaves_the_order_waiting_with_the_rest(unpaid):
    order = unpaid(12000)
    book(order, 11500)
    assert order.state is OrderState.AWAITING_PAYMENT
    assert ledger.balance(order) == Money(500, "EUR")
    assert invoices.issued(order, InvoiceKind.INVOICE) == []
    (mail,) = [m for m in outbox.about(order.public_id) if m.name == "payment-received"]
    assert mail.values["left"] == "€5.00"
    book(order, 500, source="line-2")
    assert order.state is OrderState.PAID


def test_too_much_money_pays_the_order_and_shows_what_is_to_be_given_back(unpaid):
    order = unpaid(12000)
    book(order, 15000)
    assert order.state is OrderState.PAID
    assert ledger.to_give_back(order) == Money(3000, "EUR")
    assert invoices.last(order, InvoiceKind.INVOICE).total_minor == 12000


def lapse(order, edition, *, others=0):
    """The order expires unpaid; others take places meanwhile."""
    order.due_at = factories.in_days(-10)
    db.session.flush()
    waiting.expire_orders()
    assert order.state is OrderState.EXPIRED
    for _ in range(others):
        factories.make_registration(edition)


def test_late_money_takes_the_place_up_again_while_it_is_free(unpaid, edition):
    order = unpaid(12000)
    lapse(order, edition)
    book(order, 12000)
    assert order.state is OrderState.PAID
    assert ledger.to_give_back(order) == Money(0, "EUR")


def test_late_money_for_a_taken_place_waits_to_be_given_back(unpaid, edition):
    edition.places, edition.has_waiting_list = 1, False
    order = unpaid(12000)
    lapse(order, edition, others=1)
    book(order, 12000)
    assert order.state is OrderState.EXPIRED
    assert ledger.to_give_back(order) == Money(12000, "EUR")
    assert invoices.issued(order, InvoiceKind.INVOICE) == []
    (mail,) = [m for m in outbox.about(order.public_id) if m.name == "payment-received"]
    assert (mail.values["late"], mail.values["waits"]) == (True, False)


def test_late_money_joins_the_waiting_list_and_never_jumps_the_queue(unpaid, edition):
    edition.places = 1
    order = unpaid(12000)
    lapse(order, edition, others=1)
    before = factories.make_registration(
        edition,
        state=RegistrationState.WAITING,
        queue_number=7,
        order=factories.make_order(edition),
    )
    book(order, 12000)
    assert order.state is OrderState.WAITING
    (registration,) = registrations_of(order)
    assert registration.queue_number > before.queue_number
    assert ledger.to_give_back(order) == Money(12000, "EUR")


def test_money_for_a_place_that_comes_free_later_pays_it_at_once(unpaid, edition):
    edition.places = 1
    order = unpaid(12000)
    lapse(order, edition, others=1)
    book(order, 12000)
    edition.places = 2
    db.session.flush()
    waiting.promote(edition)
    (registration,) = registrations_of(order)
    waiting.accept(registration=registration, by=None)
    assert order.state is OrderState.PAID
    assert ledger.balance(order) == Money(0, "EUR")
    assert [e.kind for e in ledger.entries(order)] == [EntryKind.CHARGE, EntryKind.PAYMENT]


def test_cancelling_one_of_two_unpaid_places_lowers_what_is_owed(unpaid):
    order = unpaid(12000, people=2)
    cancelling.cancel(registration=registrations_of(order)[0], by=None, reason="")
    assert ledger.balance(order) == Money(12000, "EUR")
    papers = invoices.issued(order)
    assert [(p.kind, p.total_minor) for p in papers] == [
        (InvoiceKind.PROFORMA, 24000),
        (InvoiceKind.PROFORMA, 12000),
    ]


def test_cancelling_a_paid_place_credits_it_and_asks_to_give_money_back(unpaid):
    order = unpaid(12000, people=2)
    book(order, 24000)
    cancelling.cancel(registration=registrations_of(order)[0], by=None, reason="")
    assert ledger.to_give_back(order) == Money(12000, "EUR")
    note = invoices.last(order, InvoiceKind.CREDIT_NOTE)
    assert (note.total_minor, note.data["refers_to"]) == (
        12000,
        invoices.last(order, InvoiceKind.INVOICE).label,
    )


def test_cancelling_after_the_deadline_keeps_the_money(unpaid):
    order = unpaid(12000)
    book(order, 12000)
    (registration,) = registrations_of(order)
    cancelling.cancel(registration=registration, by=None, reason="", refunds=False)
    assert order.state is OrderState.CANCELLED
    assert ledger.to_give_back(order) == Money(0, "EUR")
    assert invoices.issued(order, InvoiceKind.CREDIT_NOTE) == []


def test_money_for_a_cancelled_order_waits_to_be_given_back(unpaid):
    order = unpaid(12000)
    cancelling.cancel(registration=registrations_of(order)[0], by=None, reason="")
    book(order, 12000)
    assert order.state is OrderState.CANCELLED
    assert ledger.to_give_back(order) == Money(12000, "EUR")


def test_credit_by_finance_lowers_the_price_with_a_credit_note(unpaid, finance):
    order = unpaid(12000)
    book(order, 12000)
    for _ in range(2):  # the form sent twice
        charging.credit(
            order=order, amount=Money(2000, "EUR"), reason="Speaker", token="t1", by=finance
        )
    assert ledger.to_give_back(order) == Money(2000, "EUR")
    assert [n.total_minor for n in invoices.issued(order, InvoiceKind.CREDIT_NOTE)] == [2000]


def test_credit_above_the_price_is_refused(unpaid, finance):
    order = unpaid(12000)
    with pytest.raises(charging.NothingLeftToCredit):
        charging.credit(order=order, amount=Money(12001, "EUR"), reason="", token="t1", by=finance)


def test_transfer_given_back_is_booked_once_and_never_above_what_is_open(unpaid, finance):
    order = unpaid(12000)
    book(order, 15000)

    def give_back(minor, token):
        return refunds.book_transfer(
            order=order,
            amount=Money(minor, "EUR"),
            booked_on=factories.on_day(0),
            token=token,
            note="",
            by=finance,
        )

    with pytest.raises(refunds.NothingToGiveBack):
        give_back(3001, "t1")
    first = give_back(3000, "t2")
    assert give_back(3000, "t2") is first
    assert ledger.to_give_back(order) == Money(0, "EUR")
    with pytest.raises(refunds.NothingToGiveBack):
        give_back(1, "t3")
    assert mails(order).count("refund-made") == 1


def test_free_order_never_sees_payment(edition):
    from conference.registrations.service import confirming

    registration = factories.make_registration(edition, state=RegistrationState.PENDING)
    confirming.ask_for_money(registration.order, by=None)
    assert db.session.get(Registration, registration.id).state is RegistrationState.CONFIRMED
    assert ledger.entries(registration.order) == []
    assert invoices.issued(registration.order) == []


def test_currency_stays_even_when_the_order_that_was_charged_is_over(unpaid, edition):
    lapse(unpaid(12000), edition)
    assert payees.is_fixed(edition.payee) is True
