"""Money where several things meet: lowered prices, lapsed places, extras that are gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conference import backup
from conference.core import clock
from conference.core.money import Money
from conference.extensions import db
from conference.features import tell
from conference.payments import jobs, provider
from conference.payments.exchange import ProviderDown
from conference.payments.models import Method
from conference.payments.service import charging, invoices, ledger, refunds
from conference.registrations import places
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling, offering, waiting
from conference.registrations.states import OrderState, RegistrationState
from conference.registrations.wishes import Buyer
from tests import factories
from tests.payments.conftest import pay
from tests.registrations.wishing import order, wish


def book(placed, minor, finance, source="statement-1"):
    return ledger.book_payment(
        order=placed,
        amount=Money(minor, "EUR"),
        method=Method.TRANSFER,
        source=source,
        booked_on=clock.today("UTC") - timedelta(days=1),
        by=finance,
    )


def placed_by(person, edition, *wishes):
    return order(edition, *wishes, by=person, buyer=Buyer(email=person.email))


@pytest.mark.sql
def test_cancelled_place_whose_price_was_lowered_gives_back_what_was_paid(unpaid, finance):
    placed = unpaid(12000)
    charging.credit(order=placed, amount=Money(2000, "EUR"), reason="Sorry", token="t", by=finance)
    book(placed, 10000, finance)
    (one,) = registrations_of(placed)
    dropped = cancelling.cancel(registration=one, by=finance, reason="")
    assert dropped == Money(10000, "EUR")
    assert (placed.total_minor, placed.state) == (0, OrderState.CANCELLED)
    assert ledger.to_give_back(placed) == Money(10000, "EUR")


@pytest.mark.sql
def test_page_before_cancelling_names_the_lowered_price(unpaid, finance):
    placed = unpaid(12000)
    charging.credit(order=placed, amount=Money(2000, "EUR"), reason="Sorry", token="t", by=finance)
    book(placed, 10000, finance)
    (one,) = registrations_of(placed)
    assert cancelling.consequence(one).given_back == Money(10000, "EUR")


@pytest.mark.sql
def test_price_that_is_waived_whole_confirms_the_places(unpaid, finance, at):
    placed = unpaid(12000)
    charging.credit(order=placed, amount=Money(12000, "EUR"), reason="Guest", token="t", by=finance)
    (one,) = registrations_of(placed)
    assert (placed.state, one.state) == (OrderState.PAID, RegistrationState.CONFIRMED)
    at(clock.now() + timedelta(days=50))
    waiting.expire_orders()
    assert one.state is RegistrationState.CONFIRMED


@pytest.mark.sql
def test_late_money_does_not_seat_who_let_an_offer_lapse(edition, finance, at):
    kind = factories.make_ticket_type(edition, amount=12000, quota=1)
    buyer = factories.make_person()
    placed = placed_by(buyer, edition, wish(kind, given_name="A"), wish(kind, given_name="B"))
    first, second = registrations_of(placed)
    assert (first.state, second.state) == (RegistrationState.PENDING, RegistrationState.WAITING)
    kind.quota = 2
    offering.promote(edition)
    at(clock.now() + timedelta(days=3))
    waiting.expire_offers()
    at(clock.now() + timedelta(days=30))
    waiting.expire_orders()
    assert (first.state, second.state) == (RegistrationState.EXPIRED, RegistrationState.EXPIRED)
    book(placed, 12000, finance)
    assert (placed.state, placed.total_minor) == (OrderState.PAID, 12000)
    assert (first.state, second.state) == (RegistrationState.CONFIRMED, RegistrationState.EXPIRED)
    assert (kind.taken, edition.places_taken) == (1, 1)


@pytest.mark.sql
def test_late_money_for_an_extra_that_is_gone_is_given_back(edition, finance, at):
    kind = factories.make_ticket_type(edition, amount=10000)
    dinner = factories.make_extra(edition, amount_minor=2000, quota=1)
    buyer = factories.make_person()
    placed = placed_by(buyer, edition, wish(kind, extras={dinner.public_id: 1}))
    at(clock.now() + timedelta(days=30))
    waiting.expire_orders()
    assert places.take(dinner)
    book(placed, 12000, finance)
    assert placed.state is OrderState.PAID
    assert placed.total_minor == 10000
    assert ledger.to_give_back(placed) == Money(2000, "EUR")
    (invoice,) = invoices.issued(placed, invoices.InvoiceKind.INVOICE)
    assert invoice.total_minor == 10000
    db.session.flush()


def test_second_press_gives_the_same_money_back_once(unpaid, finance, stripe, browse, edition):
    placed = unpaid(12000)
    pay(stripe, placed)
    jobs.reconcile_all()
    cancelling.cancel(registration=registrations_of(placed)[0], by=finance, reason="")
    form = {"way": "card", "amount": "40.00", "token": "pressed-once", "reason": "Half"}
    client = browse(finance)
    for _press in range(2):
        answer = client.post(
            f"/{edition.code}/desk/payments/orders/{placed.public_id}/give-back", data=form
        )
        assert answer.status_code == 302
    assert ledger.account(placed).refunded == 4000
    assert ledger.to_give_back(placed) == Money(8000, "EUR")


def test_lost_refund_is_not_given_up_while_the_provider_cannot_be_asked(
    unpaid, finance, stripe, impatient, at
):
    placed = unpaid(12000)
    pay(stripe, placed)
    jobs.reconcile_all()
    cancelling.cancel(registration=registrations_of(placed)[0], by=finance, reason="")
    (wanted,) = refunds.prepare(order=placed, amount=None, reason="", by=finance)
    db.session.commit()
    stripe.faults(drop_answer_after_effect=1)
    refunds.note(provider.refund(wanted))
    db.session.commit()
    at(clock.now() + timedelta(days=3))
    stripe.faults(fail_before_effect=50)
    jobs.reconcile_all()
    assert ledger.to_give_back(placed) == Money(0, "EUR")
    stripe.heal()
    jobs.reconcile_all()
    assert ledger.account(placed).refunded == 12000


@pytest.mark.sql
def test_credit_note_comes_from_who_has_issued_the_invoice(unpaid, finance, edition):
    placed = unpaid(12000)
    book(placed, 12000, finance)
    first = edition.payee
    edition.payee = factories.make_payee(name="Another house", invoice_prefix="AH")
    cancelling.cancel(registration=registrations_of(placed)[0], by=finance, reason="")
    (note,) = invoices.issued(placed, invoices.InvoiceKind.CREDIT_NOTE)
    assert (note.payee_id, note.label[:4]) == (first.id, "CH-C")
    assert note.data["seller"]["name"] == first.name


@pytest.mark.sql
def test_group_in_a_small_currency_costs_more_than_two_thousand_million_minor_units(
    edition, finance
):
    edition.payee.currency = "HUF"
    edition.max_per_order = 50
    kind = factories.make_ticket_type(edition, amount=55_000_000)
    buyer = factories.make_person()
    placed = placed_by(buyer, edition, *[wish(kind, given_name="A") for _ in range(50)])
    assert placed.total_minor == 2_750_000_000
    assert ledger.balance(placed) == Money(2_750_000_000, "HUF")


def test_restored_copy_asks_the_provider_for_nothing_until_it_is_resumed(app, stripe):
    settings = {
        "STRIPE_SECRET_KEY": "sk_test_1",
        "STRIPE_API_BASE": stripe.url,
        "STRIPE_WEBHOOK_SECRET": "whsec_payments",
    }
    tell({**app.config, **settings})
    mark = app.config["DATA_DIR"] / backup.HOLD
    mark.touch()
    try:
        with pytest.raises(ProviderDown):
            provider.find_session("cs_unknown")
    finally:
        mark.unlink()
    assert provider.find_session("cs_unknown") is None
