"""Disputes: what a buyer's bank takes back stands in the books once, with a date for evidence."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
import requests
from sqlalchemy import select

from conference.core import clock
from conference.core.errors import DomainError
from conference.core.money import Money
from conference.core.outbox import OutboundMail
from conference.extensions import db
from conference.payments import jobs, provider
from conference.payments.models import CardDispute, EntryKind
from conference.payments.service import checkout, disputes, ledger, queries, refunds
from conference.payments.states import DisputeState
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling
from conference.registrations.states import OrderState
from tests.payments.conftest import deliver, events_of, pay

pytestmark = pytest.mark.sql

MONEY = (EntryKind.DISPUTE, EntryKind.DISPUTE_WON)


@pytest.fixture
def paid(unpaid, stripe):
    order = unpaid(12000)
    pay(stripe, order)
    jobs.reconcile_all()
    return order


def ask(stripe, path, **values):
    answer = requests.post(f"{stripe.url}/_sandbox/{path}", json=values, timeout=5)
    assert answer.status_code == 200
    return answer.json()


def intent_of(order):
    (payment,) = checkout.paid_by_card(order)
    return payment.payment_intent


def begin(stripe, order, **values):
    return ask(stripe, f"payments/{intent_of(order)}/dispute", **values)["id"]


def decide(stripe, dispute_id, status):
    return ask(stripe, f"disputes/{dispute_id}", status=status)


def news(stripe, order):
    (payment,) = checkout.paid_by_card(order)
    found = events_of(stripe, payment.session_id)
    return [event for event in found if event["type"].startswith("charge.dispute")]


def tell(browse, stripe, events):
    client = browse()
    for event in events:
        assert deliver(client, stripe, event).status_code == 200


def moves(order):
    return [(e.kind, e.amount_minor) for e in ledger.entries(order) if e.kind in MONEY]


def mails(order=None):
    found = db.session.scalars(select(OutboundMail).where(OutboundMail.name == "card-dispute"))
    return [(mail.to, mail.values["state"]) for mail in found]


def test_disputed_payment_is_taken_back_in_the_books_and_owed_again(paid, stripe, browse):
    begin(stripe, paid)
    assert [e["type"] for e in news(stripe, paid)] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    ]
    tell(browse, stripe, news(stripe, paid))
    assert moves(paid) == [(EntryKind.DISPUTE, 12000)]
    assert ledger.balance(paid) == Money(12000, "EUR")
    assert ledger.account(paid).received == 0
    assert paid.state is OrderState.PAID  # whether the place stays, a person decides
    (dispute,) = disputes.of_order(paid)
    assert (dispute.state, dispute.taken_minor) == (DisputeState.OPEN, 12000)


@pytest.mark.parametrize("status", ["won", "lost"])
def test_every_order_and_repetition_of_webhooks_gives_the_same_books(
    unpaid, stripe, browse, status
):
    wanted = [(EntryKind.DISPUTE, 12000)]
    if status == "won":
        wanted.append((EntryKind.DISPUTE_WON, 12000))
    for arrival in list(itertools.permutations(range(3)))[::2]:
        order = unpaid(12000)
        pay(stripe, order)
        jobs.reconcile_all()
        decide(stripe, begin(stripe, order), status)
        events = news(stripe, order)
        tell(browse, stripe, [events[number] for number in (*arrival, *arrival)])
        assert moves(order) == wanted
        (dispute,) = disputes.of_order(order)
        assert (dispute.state.value, dispute.taken_minor) == (
            status,
            0 if status == "won" else 12000,
        )


def test_news_that_come_one_by_one_book_each_movement_once(paid, stripe, browse):
    dispute_id = begin(stripe, paid)
    tell(browse, stripe, news(stripe, paid))
    decide(stripe, dispute_id, "under_review")
    decide(stripe, dispute_id, "won")
    tell(browse, stripe, news(stripe, paid)[::-1])
    assert moves(paid) == [(EntryKind.DISPUTE, 12000), (EntryKind.DISPUTE_WON, 12000)]
    assert ledger.balance(paid) == Money(0, "EUR")


def test_hourly_round_finds_disputes_whose_webhooks_were_lost(paid, stripe, at):
    dispute_id = begin(stripe, paid)
    jobs.reconcile_all()
    jobs.reconcile_all()
    assert moves(paid) == [(EntryKind.DISPUTE, 12000)]
    decide(stripe, dispute_id, "won")
    at(clock.now() + timedelta(days=30))  # longer ago than the provider's list is asked for
    jobs.reconcile_all()
    assert moves(paid) == [(EntryKind.DISPUTE, 12000), (EntryKind.DISPUTE_WON, 12000)]
    assert disputes.to_ask() == []


def test_dispute_that_is_heard_of_before_its_payment_is_booked_later(unpaid, stripe, browse):
    order = unpaid(12000)
    pay(stripe, order)
    session = stripe.api.store.all("checkout.session")[-1]
    ask(stripe, f"payments/{session['payment_intent']}/dispute")
    tell(
        browse,
        stripe,
        [e for e in events_of(stripe, session["id"]) if "dispute" in e["type"]],
    )
    assert db.session.scalars(select(CardDispute)).all() == []
    jobs.reconcile_all()
    assert moves(order) == [(EntryKind.DISPUTE, 12000)]


def test_inquiry_moves_no_money_until_it_becomes_a_claim(paid, stripe, browse):
    dispute_id = begin(stripe, paid, status="warning_needs_response")
    tell(browse, stripe, news(stripe, paid))
    assert moves(paid) == []
    assert [d.state for d in disputes.of_order(paid)] == [DisputeState.OPEN]
    decide(stripe, dispute_id, "needs_response")
    tell(browse, stripe, news(stripe, paid))
    assert moves(paid) == [(EntryKind.DISPUTE, 12000)]


def test_closed_inquiry_asks_for_nothing_more(paid, stripe, browse):
    decide(stripe, begin(stripe, paid, status="warning_needs_response"), "warning_closed")
    tell(browse, stripe, news(stripe, paid))
    (dispute,) = disputes.of_order(paid)
    assert dispute.state is DisputeState.CLOSED
    assert not disputes.needs_evidence(dispute)
    assert ledger.balance(paid) == Money(0, "EUR")


def test_money_that_the_bank_holds_is_not_given_back_a_second_time(paid, stripe, finance):
    cancelling.cancel(registration=registrations_of(paid)[0], by=None, reason="")
    db.session.commit()
    assert refunds.card_left(paid) == Money(12000, "EUR")
    dispute_id = begin(stripe, paid)
    jobs.reconcile_all()
    assert refunds.card_left(paid) == Money(0, "EUR")
    assert ledger.to_give_back(paid) == Money(0, "EUR")
    with pytest.raises(DomainError):
        refunds.prepare(order=paid, amount=Money(12000, "EUR"), reason="", by=finance)
    db.session.rollback()
    decide(stripe, dispute_id, "won")
    jobs.reconcile_all()
    assert ledger.to_give_back(paid) == Money(12000, "EUR")
    for call in refunds.prepare(order=paid, amount=None, reason="", by=finance):
        db.session.commit()
        refunds.note(provider.refund(call))
    assert ledger.to_give_back(paid) == Money(0, "EUR")


def test_part_of_a_payment_is_disputed(paid, stripe):
    begin(stripe, paid, amount=5000, reason="product_unacceptable")
    jobs.reconcile_all()
    assert moves(paid) == [(EntryKind.DISPUTE, 5000)]
    assert refunds.card_left(paid) == Money(7000, "EUR")


def test_finance_is_told_once_when_it_begins_and_when_it_is_decided(
    paid, stripe, browse, finance, organiser
):
    dispute_id = begin(stripe, paid)
    tell(browse, stripe, news(stripe, paid) * 2)
    jobs.reconcile_all()
    assert mails() == [(finance.email, "open")]
    decide(stripe, dispute_id, "lost")
    tell(browse, stripe, news(stripe, paid))
    assert mails() == [(finance.email, "open"), (finance.email, "lost")]


def test_where_nobody_does_finance_the_organisers_are_told(paid, stripe, organiser):
    begin(stripe, paid)
    jobs.reconcile_all()
    assert mails() == [(organiser.email, "open")]


def test_order_page_and_lists_say_until_when_evidence_is_due(paid, unpaid, stripe, finance, browse):
    other = unpaid(5000)
    dispute_id = begin(stripe, paid, reason="product_not_received")
    due = stripe.api.store.get("dispute", dispute_id)["evidence_details"]["due_by"]
    jobs.reconcile_all()
    (dispute,) = disputes.of_order(paid)
    assert dispute.evidence_due_at == datetime.fromtimestamp(due, UTC)
    client, desk = browse(finance), f"/{paid.edition.code}/desk/payments"
    page = client.get(f"{desk}/orders/{paid.public_id}").text
    assert "The buyer disputes €120.00 at their bank. Evidence is due by" in page
    assert "The buyer says they got nothing for it" in page
    assert "Taken back by the buyer&#39;s bank" in page or "Taken back by the buyer's bank" in page
    listed = client.get(desk, query_string={"show": "disputed"}).text
    assert paid.code[:4] in listed
    assert "evidence by" in listed
    assert f"orders/{other.public_id}" not in listed
    moved = client.get(f"{desk}/movements").text
    assert "−€120.00" in moved
    decide(stripe, dispute_id, "won")
    jobs.reconcile_all()
    page = client.get(f"{desk}/orders/{paid.public_id}").text
    assert "Evidence is due by" not in page
    assert "Returned by the buyer" in page
    assert "evidence by" not in client.get(desk, query_string={"show": "disputed"}).text


def test_sums_of_the_edition_count_what_the_bank_took(paid, edition, stripe):
    before = queries.totals(edition)
    begin(stripe, paid)
    jobs.reconcile_all()
    after = queries.totals(edition)
    assert (before.received, before.open, before.disputed) == (12000, 0, 0)
    assert (after.received, after.open, after.disputed) == (0, 12000, 1)


def test_card_of_the_sandbox_is_disputed_as_soon_as_it_pays(unpaid, stripe, browse):
    from tests.payments.conftest import open_page

    order = unpaid(12000)
    session_id = open_page(order)
    assert stripe.pay(session_id, "4000000000000259").status_code == 200
    tell(browse, stripe, events_of(stripe, session_id))
    assert order.state is OrderState.PAID
    assert moves(order) == [(EntryKind.DISPUTE, 12000)]
