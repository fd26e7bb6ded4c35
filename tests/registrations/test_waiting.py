"""The waiting list and what lapses by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from conference.core import clock
from conference.core.outbox import OutboundMail
from conference.extensions import db
from conference.registrations import hooks, refusals
from conference.registrations.models import Invitation, Order, OrderLine
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling, waiting
from conference.registrations.states import OrderState, RegistrationState
from conference.registrations.wishes import Buyer
from tests import factories
from tests.registrations.wishing import order, wish


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    found = []
    monkeypatch.setattr(hooks, "order_awaits_payment", [found.append])
    return found


def registered(edition, kind, name, **overrides):
    """One registration of a person who is signed in, so that the address is proven."""
    person = factories.make_person(email=f"{name}@example.org", given_name=name)
    placed = order(
        edition,
        wish(kind, given_name=name, **overrides),
        by=person,
        buyer=Buyer(email=person.email),
    )
    return registrations_of(placed)[0]


def mails(name):
    db.session.flush()
    rows = db.session.scalars(select(OutboundMail).where(OutboundMail.name == name))
    return [mail.to for mail in rows]


@pytest.mark.sql
def test_freed_place_is_offered_to_the_first_in_line_with_a_deadline(edition):
    kind = factories.make_ticket_type(edition, quota=1)
    holder, first, second = (registered(edition, kind, name) for name in ("a", "b", "c"))
    before = clock.now()
    cancelling.give_up(registration=holder, by=None)
    assert first.state is RegistrationState.OFFERED
    assert second.state is RegistrationState.WAITING
    assert first.offered_until_at - before == pytest.approx(
        timedelta(hours=edition.offer_hours), abs=timedelta(minutes=1)
    )
    assert mails("place-offered") == ["b@example.org"]
    assert (edition.places_taken, kind.taken) == (1, 1)


@pytest.mark.sql
def test_accepted_offer_of_a_free_place_confirms_it(edition):
    kind = factories.make_ticket_type(edition, quota=1)
    holder, first = (registered(edition, kind, name) for name in ("a", "b"))
    cancelling.give_up(registration=holder, by=None)
    placed = waiting.accept(registration=first, by=None)
    assert (first.state, placed.state) == (RegistrationState.CONFIRMED, OrderState.PAID)


@pytest.mark.sql
def test_accepted_offer_with_a_price_asks_for_the_price_agreed_when_ordering(edition, asked):
    kind = factories.make_ticket_type(edition, amount=12000, quota=0)
    first = registered(edition, kind, "b")
    kind.prices[0].amount_minor = 20000
    kind.quota = 1
    waiting.promote(edition)
    placed = waiting.accept(registration=first, by=None)
    assert (placed.total_minor, placed.state) == (12000, OrderState.AWAITING_PAYMENT)
    assert asked == [placed]
    assert first.state is RegistrationState.PENDING


def test_offer_in_an_order_that_others_pay_gets_an_order_of_its_own(edition, asked):
    kind = factories.make_ticket_type(edition, amount=12000, quota=1)
    person = factories.make_person(email="a@example.org")
    both = order(edition, wish(kind), wish(kind), by=person, buyer=Buyer(email=person.email))
    second = registrations_of(both)[1]
    kind.quota = 2
    waiting.promote(edition)
    own = waiting.accept(registration=second, by=person)
    assert own is not both
    assert (both.total_minor, own.total_minor) == (12000, 12000)
    assert (own.email, own.person, own.confirmed_at) == (both.email, person, both.confirmed_at)
    lines = db.session.scalars(select(OrderLine).where(OrderLine.order_id == own.id)).all()
    assert [line.registration for line in lines] == [second]


@pytest.mark.sql
def test_declined_offer_goes_to_the_next_in_line(edition):
    kind = factories.make_ticket_type(edition, quota=1)
    holder, first, second = (registered(edition, kind, name) for name in ("a", "b", "c"))
    cancelling.give_up(registration=holder, by=None)
    waiting.decline(registration=first, by=None)
    assert (first.state, second.state) == (RegistrationState.CANCELLED, RegistrationState.OFFERED)


@pytest.mark.sql
def test_offer_that_nobody_answered_goes_to_the_next_in_line(edition, at):
    kind = factories.make_ticket_type(edition, quota=1)
    holder, first, second = (registered(edition, kind, name) for name in ("a", "b", "c"))
    cancelling.give_up(registration=holder, by=None)
    at(first.offered_until_at - timedelta(seconds=1))
    assert waiting.expire_offers() == 0
    at(first.offered_until_at)
    assert waiting.expire_offers() == 1
    assert (first.state, second.state) == (RegistrationState.EXPIRED, RegistrationState.OFFERED)
    assert first.order.state is OrderState.EXPIRED
    assert mails("offer-expired") == ["b@example.org"]
    with pytest.raises(refusals.OfferLapsed):
        waiting.accept(registration=first, by=None)


def test_offer_cannot_be_accepted_after_its_deadline_though_no_job_ran(edition, at):
    kind = factories.make_ticket_type(edition, quota=1)
    holder, first = (registered(edition, kind, name) for name in ("a", "b"))
    cancelling.give_up(registration=holder, by=None)
    at(first.offered_until_at)
    with pytest.raises(refusals.OfferLapsed):
        waiting.accept(registration=first, by=None)


def test_full_type_does_not_keep_others_of_the_edition_waiting(app):
    edition = factories.make_edition(places=2)
    small = factories.make_ticket_type(edition, quota=1)
    large = factories.make_ticket_type(edition)
    registered(edition, small, "a")
    holder = registered(edition, large, "b")
    for_small = registered(edition, small, "c")
    for_large = registered(edition, large, "d")
    cancelling.give_up(registration=holder, by=None)
    assert for_small.state is RegistrationState.WAITING
    assert for_large.state is RegistrationState.OFFERED


def test_newcomer_does_not_pass_those_who_wait(edition):
    kind = factories.make_ticket_type(edition, quota=1)
    holder, first = (registered(edition, kind, name) for name in ("a", "b"))
    cancelling.give_up(registration=holder, by=None)
    newcomer = registered(edition, kind, "c")
    assert first.state is RegistrationState.OFFERED
    assert newcomer.state is RegistrationState.WAITING


def test_nothing_is_offered_once_the_edition_has_begun(edition, at):
    kind = factories.make_ticket_type(edition, quota=1)
    holder, first = (registered(edition, kind, name) for name in ("a", "b"))
    at(factories.in_days(61))
    cancelling.cancel(registration=holder, by=None, reason="did not come")
    assert first.state is RegistrationState.WAITING


def test_extra_that_is_gone_when_the_place_is_offered_is_left_out_of_the_price(edition, asked):
    kind = factories.make_ticket_type(edition, amount=12000, quota=0)
    dinner = factories.make_extra(edition, amount_minor=4500, quota=1)
    first = registered(edition, kind, "b", extras={dinner.public_id: 1})
    dinner.quota = 0
    kind.quota = 1
    waiting.promote(edition)
    assert waiting.accept(registration=first, by=None).total_minor == 12000


@pytest.mark.sql
def test_unconfirmed_order_lapses_after_a_day_and_frees_its_place(edition, at):
    kind = factories.make_ticket_type(edition, quota=1)
    placed = order(edition, wish(kind))
    second = registered(edition, kind, "b")
    at(placed.confirm_by_at - timedelta(seconds=1))
    assert waiting.expire_orders() == 0
    at(placed.confirm_by_at)
    assert waiting.expire_orders() == 1
    assert placed.state is OrderState.EXPIRED
    assert registrations_of(placed)[0].state is RegistrationState.EXPIRED
    assert second.state is RegistrationState.OFFERED
    assert mails("order-expired") == []  # nobody proved that the address is theirs


@pytest.mark.sql
def test_unpaid_order_lapses_after_its_due_date_and_some_grace(edition, at):
    kind = factories.make_ticket_type(edition, amount=12000)
    registration = registered(edition, kind, "a")
    registration.order.due_at = due = factories.in_days(14)
    db.session.flush()
    at(due + waiting.GRACE - timedelta(seconds=1))
    assert waiting.expire_orders() == 0
    at(due + waiting.GRACE)
    assert waiting.expire_orders() == 1
    assert registration.state is RegistrationState.EXPIRED
    assert (edition.places_taken, kind.taken) == (0, 0)
    assert mails("order-expired") == ["a@example.org"]


def test_paid_order_does_not_lapse(edition, at):
    registration = registered(edition, factories.make_ticket_type(edition), "a")
    at(factories.in_days(40))
    assert waiting.expire_orders() == 0
    assert registration.state is RegistrationState.CONFIRMED


def test_who_waits_in_an_order_that_others_did_not_pay_goes_on_waiting(edition, at):
    kind = factories.make_ticket_type(edition, amount=12000, quota=1)
    person = factories.make_person(email="a@example.org")
    both = order(edition, wish(kind), wish(kind), by=person, buyer=Buyer(email=person.email))
    both.due_at = factories.in_days(14)
    db.session.flush()
    at(both.due_at + waiting.GRACE)
    waiting.expire_orders()
    held, second = registrations_of(both)
    assert held.state is RegistrationState.EXPIRED
    assert second.state is RegistrationState.OFFERED
    assert waiting.accept(registration=second, by=person).total_minor == 12000
    assert db.session.scalars(select(Order)).all() != [both]


@pytest.mark.sql
def test_invitation_whose_offer_lapsed_can_be_used_again(edition, at):
    kind = factories.make_ticket_type(edition, quota=0, by_invitation=True)
    guest = factories.make_person(email="guest@example.org")
    invited = Invitation(edition_id=edition.id, email=guest.email)
    db.session.add(invited)
    db.session.flush()
    made = order(edition, wish(kind), by=guest, buyer=Buyer(email=guest.email))
    kind.quota = 1
    waiting.promote(edition)
    at(clock.now() + timedelta(hours=edition.offer_hours, minutes=1))
    waiting.expire_offers()
    assert registrations_of(made)[0].state is RegistrationState.EXPIRED
    again = order(edition, wish(kind), by=guest, buyer=Buyer(email=guest.email))
    assert again.state is OrderState.PAID
