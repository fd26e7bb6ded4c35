"""Webhooks: forged ones change nothing, repeated ones act once, their order does not matter."""

from __future__ import annotations

import itertools
import json
import time

import pytest
from sqlalchemy import func, select

from conference.extensions import db
from conference.payments import provider
from conference.payments.models import EntryKind, StripeEvent
from conference.payments.service import ledger
from conference.registrations.states import OrderState
from tests.payments.conftest import deliver, events_of, open_page, pay


def kept():
    return db.session.scalar(select(func.count(StripeEvent.id)))


def completed(stripe, session_id):
    (event,) = [
        e for e in events_of(stripe, session_id) if e["type"] == "checkout.session.completed"
    ]
    return event


def test_webhook_of_a_paid_session_pays_the_order(unpaid, stripe, browse):
    order = unpaid()
    session_id = pay(stripe, order)
    assert deliver(browse(), stripe, completed(stripe, session_id)).status_code == 200
    assert order.state is OrderState.PAID
    (entry,) = [e for e in ledger.entries(order) if e.kind is EntryKind.PAYMENT]
    assert (entry.amount_minor, entry.currency, entry.method) == (12000, "EUR", "card")


def test_repeated_webhook_acts_once(unpaid, stripe, browse):
    order = unpaid()
    event = completed(stripe, pay(stripe, order))
    client = browse()
    for _ in range(3):
        assert deliver(client, stripe, event).status_code == 200
    assert kept() == 1
    assert len(ledger.entries(order)) == 2


def test_every_order_of_arrival_gives_the_same_account(unpaid, stripe, browse):
    client = browse()
    for order_of_arrival in list(itertools.permutations(range(4)))[::5]:
        order = unpaid()
        events = events_of(stripe, pay(stripe, order))
        assert len(events) == 4
        for number in order_of_arrival:
            assert deliver(client, stripe, events[number]).status_code == 200
        assert order.state is OrderState.PAID
        assert [e.kind for e in ledger.entries(order)] == [EntryKind.CHARGE, EntryKind.PAYMENT]


def test_webhook_before_the_answer_was_noted_finds_its_attempt(unpaid, stripe, browse):
    from conference.payments.service import checkout

    order = unpaid()
    opening = checkout.prepare(order=order, by=None)
    db.session.commit()
    opened = provider.open_session(opening)
    stripe.pay(opened.session.id)
    deliver(browse(), stripe, completed(stripe, opened.session.id))
    assert order.state is OrderState.PAID
    checkout.note_opened(opened)  # old news
    assert order.state is OrderState.PAID
    assert len(ledger.entries(order)) == 2


def test_webhook_is_only_a_hint_and_the_object_is_believed(unpaid, stripe, browse):
    order = unpaid()
    session_id = open_page(order)
    lie = {
        "id": "evt_lie",
        "type": "checkout.session.completed",
        "data": {"object": {"id": session_id, "payment_status": "paid", "amount_total": 12000}},
    }
    assert deliver(browse(), stripe, lie).status_code == 200
    assert order.state is OrderState.AWAITING_PAYMENT


FORGERIES = ["no signature", "other secret", "changed body", "too old", "from the future", "noise"]


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_webhook_is_refused_and_changes_nothing(unpaid, stripe, browse, forgery):
    from tests.sandbox.stripe import signed

    order = unpaid()
    event = completed(stripe, pay(stripe, order))
    body, headers = stripe.sign(event)
    if forgery == "no signature":
        headers = {}
    elif forgery == "other secret":
        body, headers = signed(event, "whsec_other")
    elif forgery == "changed body":
        body = body.replace(b"12000", b"12001")
    elif forgery == "too old":
        body, headers = stripe.sign(event, int(time.time()) - 400)
    elif forgery == "from the future":
        body, headers = stripe.sign(event, int(time.time()) + 400)
    else:
        body = b"\xff\xfe\x00"
    answer = browse().post("/payments/stripe/webhook", data=body, headers=headers)
    assert answer.status_code == 400
    assert order.state is OrderState.AWAITING_PAYMENT
    assert kept() == 0


def test_webhook_about_things_that_are_not_ours_is_answered_and_kept(stripe, browse):
    client = browse()
    for number, kind in enumerate(
        ["checkout.session.completed", "charge.refunded", "refund.updated", "customer.created"]
    ):
        event = {"id": f"evt_{number}", "type": kind, "data": {"object": {"id": "other_1"}}}
        assert deliver(client, stripe, event).status_code == 200
    assert kept() == 4


def test_signed_nonsense_is_refused_without_an_error(stripe, browse):
    from tests.payments.conftest import SECRET
    from tests.sandbox.stripe import signed

    for nonsense in ([], {"id": "evt_1"}, {"id": 1, "type": 2, "data": {"object": None}}, "x"):
        body, headers = signed(nonsense, SECRET)
        assert json.loads(body) == nonsense
        answer = browse().post("/payments/stripe/webhook", data=body, headers=headers)
        assert answer.status_code == 400


def test_stripe_out_of_reach_asks_for_the_webhook_again(unpaid, stripe, browse):
    order = unpaid()
    event = completed(stripe, pay(stripe, order))
    provider.configure(
        key="sk_test_1", api_base="http://127.0.0.1:5739", webhook_secret=stripe.webhook_secret
    )
    assert deliver(browse(), stripe, event).status_code == 503
    assert kept() == 0


def test_expired_session_does_not_undo_a_payment(unpaid, stripe, browse):
    order = unpaid()
    session_id = pay(stripe, order)
    client = browse()
    deliver(client, stripe, completed(stripe, session_id))
    late = {
        "id": "evt_late",
        "type": "checkout.session.expired",
        "data": {"object": {"id": session_id}},
    }
    assert deliver(client, stripe, late).status_code == 200
    assert order.state is OrderState.PAID
