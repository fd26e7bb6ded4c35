"""Giving money back to the card: reserved first, once, never above what was paid."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from conference.core import clock, outbox
from conference.core.money import Money
from conference.extensions import db
from conference.payments import jobs, provider
from conference.payments.models import EntryKind
from conference.payments.service import checkout, ledger, refunds
from conference.payments.states import AttemptState
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling
from tests.payments.conftest import deliver, events_of, pay


@pytest.fixture
def paid(unpaid, stripe):
    """An order of two that was paid by card, one of them cancelled: 120.00 is to be given back."""
    order = unpaid(12000, people=2)
    pay(stripe, order)
    jobs.reconcile_all()
    cancelling.cancel(registration=registrations_of(order)[0], by=None, reason="")
    db.session.commit()
    return order


def give_back(order, finance, minor=None):
    amount = None if minor is None else Money(minor, "EUR")
    calls = refunds.prepare(order=order, amount=amount, reason="Cancelled", by=finance)
    db.session.commit()
    for call in calls:
        done = provider.refund(call)
        refunds.note(done)
        db.session.commit()
    return calls


def refunded_at_stripe(stripe, order):
    (payment,) = checkout.paid_by_card(order)
    return sum(
        r["amount"]
        for r in stripe.api.store.all("refund")
        if r["payment_intent"] == payment.payment_intent and r["status"] != "failed"
    )


def states(order):
    return [attempt.state for attempt in refunds.of_order(order)]


def test_whole_amount_goes_back_to_the_card(paid, stripe, finance):
    give_back(paid, finance)
    assert states(paid) == [AttemptState.SUCCEEDED]
    assert ledger.to_give_back(paid) == Money(0, "EUR")
    assert refunded_at_stripe(stripe, paid) == 12000
    assert [m.name for m in outbox.about(paid.public_id)].count("refund-made") == 1


def test_a_part_goes_back_and_the_rest_stays_open(paid, stripe, finance):
    give_back(paid, finance, 5000)
    assert ledger.to_give_back(paid) == Money(7000, "EUR")
    give_back(paid, finance)
    assert refunded_at_stripe(stripe, paid) == 12000


def test_more_than_is_open_is_refused(paid, stripe, finance):
    with pytest.raises(refunds.NothingToGiveBack) as refusal:
        refunds.prepare(order=paid, amount=Money(12001, "EUR"), reason="", by=finance)
    assert refusal.value.field == "amount"
    assert refunded_at_stripe(stripe, paid) == 0


def test_second_click_while_the_first_is_under_way_is_refused(paid, finance):
    refunds.prepare(order=paid, amount=None, reason="", by=finance)
    with pytest.raises(ledger.NotAnAmountToBook):
        refunds.prepare(order=paid, amount=None, reason="", by=finance)
    with pytest.raises(refunds.NothingToGiveBack):
        refunds.prepare(order=paid, amount=Money(100, "EUR"), reason="", by=finance)


def test_database_itself_refuses_more_refunds_than_payments(paid):
    (payment,) = checkout.paid_by_card(paid)
    payment.refunded_minor = payment.amount_minor + 1
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_lost_answer_gives_money_back_once(paid, stripe, impatient, finance, at):
    stripe.faults(drop_answer_after_effect=1)
    give_back(paid, finance)
    assert states(paid) == [AttemptState.PREPARED]
    assert ledger.to_give_back(paid) == Money(0, "EUR")  # reserved
    at(clock.now() + timedelta(minutes=2))
    jobs.reconcile()
    assert states(paid) == [AttemptState.SUCCEEDED]
    assert refunded_at_stripe(stripe, paid) == 12000
    assert [e.kind for e in ledger.entries(paid)].count(EntryKind.REFUND) == 1


def test_call_that_never_arrived_is_made_again(paid, stripe, impatient, finance, at):
    stripe.faults(drop_before_effect=1)
    give_back(paid, finance)
    assert refunded_at_stripe(stripe, paid) == 0
    at(clock.now() + timedelta(minutes=2))
    jobs.reconcile()
    assert refunded_at_stripe(stripe, paid) == 12000


def test_pending_refund_is_booked_when_it_arrives(paid, stripe, finance, browse):
    stripe.api.effects.refund_states = ["pending"]
    give_back(paid, finance)
    assert states(paid) == [AttemptState.OPEN]
    assert EntryKind.REFUND not in [e.kind for e in ledger.entries(paid)]
    (attempt,) = refunds.of_order(paid)
    stripe.api.effects.finish_refund(attempt.refund_id, "succeeded")
    jobs.reconcile()
    assert states(paid) == [AttemptState.SUCCEEDED]


def test_refund_that_comes_back_stands_open_again(paid, stripe, finance, browse):
    give_back(paid, finance)
    (attempt,) = refunds.of_order(paid)
    stripe.api.effects.finish_refund(attempt.refund_id, "failed")
    (payment,) = checkout.paid_by_card(paid)
    client = browse()
    for event in events_of(stripe, payment.session_id)[::-1]:
        assert deliver(client, stripe, event).status_code == 200
    assert states(paid) == [AttemptState.FAILED]
    assert ledger.to_give_back(paid) == Money(12000, "EUR")
    give_back(paid, finance)
    assert ledger.to_give_back(paid) == Money(0, "EUR")


def test_refund_made_in_the_providers_own_pages_is_written_down(paid, stripe, browse):
    (payment,) = checkout.paid_by_card(paid)
    made = stripe.api.effects.refund({"payment_intent": payment.payment_intent, "amount": 12000})
    client = browse()
    for event in events_of(stripe, payment.session_id):
        deliver(client, stripe, event)
    (attempt,) = refunds.of_order(paid)
    assert (attempt.refund_id, attempt.state) == (made["id"], AttemptState.SUCCEEDED)
    assert ledger.to_give_back(paid) == Money(0, "EUR")


def test_refused_refund_frees_its_reservation(paid, stripe, finance):
    (payment,) = checkout.paid_by_card(paid)
    stripe.api.effects.refund({"payment_intent": payment.payment_intent, "amount": 24000})
    give_back(paid, finance)
    assert states(paid) == [AttemptState.FAILED]
    assert ledger.to_give_back(paid) == Money(12000, "EUR")
