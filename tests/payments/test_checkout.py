"""Paying by card: attempts before calls, one charge whatever is lost, one pay page for two tabs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from conference.core import clock
from conference.core.money import Money
from conference.extensions import db
from conference.payments import exchange, jobs, provider
from conference.payments.models import CheckoutAttempt, EntryKind, Method
from conference.payments.service import charging, checkout, ledger
from conference.payments.states import AttemptState
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling
from conference.registrations.states import OrderState
from tests import factories
from tests.payments.conftest import open_page, pay


def attempts(order):
    return db.session.scalars(
        select(CheckoutAttempt).where(CheckoutAttempt.order_id == order.id)
    ).all()


def charges(stripe, *sessions):
    store = stripe.api.store
    intents = {store.get("checkout.session", s)["payment_intent"] for s in sessions}
    return [c for c in store.all("charge") if c["payment_intent"] in intents and c["paid"]]


def test_session_asks_for_what_is_owed_and_comes_back_to_the_order(unpaid, stripe, edition):
    order = unpaid(12000, people=2)
    made = stripe.api.store.get("checkout.session", open_page(order))
    assert (made["amount_total"], made["currency"]) == (24000, "eur")
    assert made["client_reference_id"] == order.public_id
    assert made["customer_email"] == order.email
    assert made["success_url"] == (
        f"http://localhost/{edition.code}/orders/{order.public_id}/pay/return"
    )


def test_attempt_is_written_down_before_the_provider_is_called(unpaid, stripe):
    order = unpaid()
    opening = checkout.prepare(order=order, by=None)
    (attempt,) = attempts(order)
    assert (attempt.state, attempt.idempotency_key) == (AttemptState.PREPARED, opening.key)
    assert attempt.request == opening.request


def test_no_call_is_made_while_a_transaction_is_open(unpaid, stripe):
    opening = checkout.prepare(order=unpaid(), by=None)
    with pytest.raises(exchange.DatabaseOpen):
        provider.open_session(opening)


def test_two_tabs_get_the_same_pay_page(unpaid, stripe):
    order = unpaid()
    assert open_page(order) == open_page(order)
    assert len(attempts(order)) == 1


def test_lost_answer_is_asked_for_again_with_the_same_key(unpaid, stripe, impatient):
    order = unpaid()
    stripe.faults(drop_answer_after_effect=1)
    opening = checkout.prepare(order=order, by=None)
    db.session.commit()
    with pytest.raises(exchange.ProviderDown):
        provider.open_session(opening)
    assert [a.state for a in attempts(order)] == [AttemptState.PREPARED]
    sessions_before = len(stripe.api.store.all("checkout.session"))
    session_id = open_page(order)
    assert len(stripe.api.store.all("checkout.session")) == sessions_before
    assert [(a.state, a.session_id) for a in attempts(order)] == [(AttemptState.OPEN, session_id)]


def test_changed_amount_closes_the_old_pay_page(unpaid, stripe):
    order = unpaid(12000, people=2)
    old = open_page(order)
    cancelling.cancel(registration=registrations_of(order)[0], by=None, reason="")
    db.session.commit()
    new = open_page(order)
    assert new != old
    assert stripe.api.store.get("checkout.session", old)["status"] == "expired"
    assert {a.session_id: a.state for a in attempts(order)} == {
        old: AttemptState.EXPIRED,
        new: AttemptState.OPEN,
    }


def test_old_pay_page_that_was_paid_meanwhile_is_noticed_instead_of_charging_twice(unpaid, stripe):
    order = unpaid(12000, people=2)
    old = pay(stripe, order)
    cancelling.cancel(registration=registrations_of(order)[0], by=None, reason="")
    opening = checkout.prepare(order=order, by=None)
    db.session.commit()
    opened = provider.open_session(opening)
    checkout.note_opened(opened)
    assert opened.url is None
    assert len(charges(stripe, old)) == 1
    assert order.state is OrderState.PAID
    assert ledger.to_give_back(order) == Money(12000, "EUR")


def test_session_that_ends_soon_is_not_used_again(unpaid, stripe, at):
    order = unpaid()
    first = open_page(order)
    at(clock.now() + timedelta(minutes=116))
    opening = checkout.prepare(order=order, by=None)
    assert opening.url is None
    assert opening.stale == (first,)


def test_refused_session_fails_and_the_next_try_is_a_new_one(unpaid, stripe):
    order = unpaid(20)  # below what the provider takes in EUR
    opening = checkout.prepare(order=order, by=None)
    db.session.commit()
    opened = provider.open_session(opening)
    checkout.note_opened(opened)
    assert opened.refused is True
    assert [a.state for a in attempts(order)] == [AttemptState.FAILED]


def test_paid_order_cannot_be_paid_by_card(unpaid, stripe):
    order = unpaid()
    ledger.book_payment(
        order=order,
        amount=Money(12000, "EUR"),
        method=Method.TRANSFER,
        source="line",
        booked_on=factories.on_day(0),
        by=None,
    )
    with pytest.raises(checkout.NothingToPay):
        checkout.prepare(order=order, by=None)


@pytest.mark.parametrize("reason", ["payee", "currency", "keys"])
def test_cards_are_not_offered_where_nobody_takes_them(unpaid, stripe, edition, reason):
    order = unpaid()
    if reason == "payee":
        edition.payee.takes_cards = False
    elif reason == "currency":
        order.currency = "ISK"
    else:
        provider.configure(key=None, api_base=stripe.url, webhook_secret=None)
    assert checkout.takes_cards(order) is False
    with pytest.raises(checkout.CardsNotTaken):
        checkout.prepare(order=order, by=None)


def test_lost_webhook_is_made_good_by_asking(unpaid, stripe, at):
    order = unpaid()
    session_id = pay(stripe, order)
    jobs.reconcile()
    assert order.state is OrderState.AWAITING_PAYMENT  # asked about a moment ago
    at(clock.now() + timedelta(minutes=4))
    jobs.reconcile()
    assert order.state is OrderState.PAID
    jobs.reconcile_all()
    assert [e.kind for e in ledger.entries(order)] == [EntryKind.CHARGE, EntryKind.PAYMENT]
    assert len(charges(stripe, session_id)) == 1


def test_pay_page_of_a_cancelled_order_is_closed_by_itself(unpaid, stripe):
    order = unpaid()
    session_id = open_page(order)
    cancelling.cancel(registration=registrations_of(order)[0], by=None, reason="")
    db.session.commit()
    jobs.reconcile_all()
    assert stripe.api.store.get("checkout.session", session_id)["status"] == "expired"
    assert [a.state for a in attempts(order)] == [AttemptState.EXPIRED]


def test_card_and_transfer_both_paid_leaves_one_to_give_back(unpaid, stripe):
    order = unpaid()
    pay(stripe, order)
    ledger.book_payment(
        order=order,
        amount=Money(12000, "EUR"),
        method=Method.TRANSFER,
        source="line",
        booked_on=factories.on_day(0),
        by=None,
    )
    db.session.commit()
    jobs.reconcile_all()
    assert ledger.to_give_back(order) == Money(12000, "EUR")


def test_stripe_out_of_reach_leaves_everything_as_it_was(unpaid, stripe):
    order = unpaid()
    pay(stripe, order)
    provider.configure(key="sk_test_1", api_base="http://127.0.0.1:5739", webhook_secret="x")
    jobs.reconcile_all()
    assert order.state is OrderState.AWAITING_PAYMENT
    assert [a.state for a in attempts(order)] == [AttemptState.OPEN]


def test_attempt_that_nobody_ever_saw_lapses(unpaid, stripe, at):
    order = unpaid()
    checkout.prepare(order=order, by=None)
    db.session.commit()
    at(clock.now() + timedelta(hours=3))
    jobs.reconcile_all()
    assert [a.state for a in attempts(order)] == [AttemptState.EXPIRED]


def test_reminder_is_sent_once_before_the_due_date(unpaid, at):
    from conference.core import outbox

    order = unpaid()
    at(order.due_at - timedelta(days=2))
    jobs.remind()
    jobs.remind()
    names = [mail.name for mail in outbox.about(order.public_id)]
    assert names.count("payment-reminder") == 1
    charging.awaits_payment(order)
    assert order.reminded_at is None
