"""From the mailed link to a confirmed place, and money that comes too late."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from conference.accounts import people
from conference.core import tokens
from conference.core.outbox import OutboundMail
from conference.extensions import db
from conference.registrations import hooks
from conference.registrations.queries import registrations_of
from conference.registrations.service import confirming, ordering, waiting
from conference.registrations.states import OrderState, RegistrationState
from conference.registrations.wishes import Buyer
from tests import factories
from tests.registrations.wishing import order, wish


@pytest.fixture
def asked(monkeypatch):
    """The orders for which payments were asked to collect money."""
    found = []
    monkeypatch.setattr(hooks, "order_awaits_payment", [found.append])
    return found


def link_of(name="confirm-registration"):
    """The raw token of the last mail of a name."""
    db.session.flush()
    mail = db.session.scalars(
        select(OutboundMail).where(OutboundMail.name == name).order_by(OutboundMail.id.desc())
    ).first()
    return re.search(r"/([^/]+)$", mail.secrets["link"]).group(1)


def mails(name):
    db.session.flush()
    return db.session.scalars(select(OutboundMail).where(OutboundMail.name == name)).all()


@pytest.mark.sql
def test_link_of_the_mail_confirms_and_makes_the_person_known(edition, asked):
    placed = order(edition, wish(factories.make_ticket_type(edition)))
    confirmed, person = confirming.confirm_by_link(link_of())
    (registration,) = registrations_of(placed)
    assert confirmed is placed
    assert (placed.state, placed.person) == (OrderState.PAID, person)
    assert (registration.state, registration.person) == (RegistrationState.CONFIRMED, person)
    assert (person.email, person.name) == ("milica@example.org", "Milica Đorđević")
    assert person.confirmed_at is not None
    assert asked == []


@pytest.mark.sql
def test_link_works_once(edition):
    order(edition, wish(factories.make_ticket_type(edition)))
    raw = link_of()
    confirming.confirm_by_link(raw)
    with pytest.raises(tokens.LinkUsedUp):
        confirming.confirm_by_link(raw)


def test_known_person_keeps_their_profile_and_gets_the_order(edition):
    known = factories.make_person(email="milica@example.org", given_name="Mila")
    order(edition, wish(factories.make_ticket_type(edition)))
    _, person = confirming.confirm_by_link(link_of())
    assert (person, person.given_name) == (known, "Mila")


def test_link_to_an_address_that_was_corrected_since_is_useless(edition):
    placed = order(edition, wish(factories.make_ticket_type(edition)))
    raw = link_of()
    ordering.correct_address(order=placed, email="mila@example.org")
    with pytest.raises(tokens.LinkUsedUp):
        confirming.confirm_by_link(raw)
    assert people.by_email("milica@example.org") is None


def test_order_with_a_price_asks_payments_for_the_money(edition, asked):
    placed = order(edition, wish(factories.make_ticket_type(edition, amount=12000)))
    confirming.confirm_by_link(link_of())
    (registration,) = registrations_of(placed)
    assert (placed.state, asked) == (OrderState.AWAITING_PAYMENT, [placed])
    assert registration.state is RegistrationState.PENDING
    assert mails("registration-confirmed") == []


@pytest.mark.sql
def test_money_confirms_every_place_and_sends_each_address_its_tickets(edition, asked):
    kind = factories.make_ticket_type(edition, amount=12000)
    placed = order(
        edition,
        wish(kind),
        wish(kind, given_name="Ana", email="ana@example.org"),
        wish(kind, given_name="", family_name=""),
    )
    confirming.confirm_by_link(link_of())
    assert confirming.settle(order=placed, by=None) is True
    states = {one.state for one in registrations_of(placed)}
    assert states == {RegistrationState.CONFIRMED}
    sent = {
        mail.to: [a["kind"] for a in mail.attachments] for mail in mails("registration-confirmed")
    }
    # The place without a name has no ticket yet.
    assert sent == {
        "milica@example.org": ["ticket", "calendar"],
        "ana@example.org": ["ticket", "calendar"],
    }


def test_settling_twice_changes_and_sends_nothing_more(edition, asked):
    placed = order(edition, wish(factories.make_ticket_type(edition, amount=12000)))
    confirming.confirm_by_link(link_of())
    assert confirming.settle(order=placed, by=None)
    assert confirming.settle(order=placed, by=None)
    assert len(mails("registration-confirmed")) == 1


def test_order_of_people_who_all_wait_asks_for_no_money(edition, asked):
    kind = factories.make_ticket_type(edition, amount=12000, quota=0)
    placed = order(edition, wish(kind))
    confirming.confirm_by_link(link_of())
    assert (placed.state, asked) == (OrderState.WAITING, [])
    assert [mail.to for mail in mails("waiting-list")] == ["milica@example.org"]


def test_place_that_came_free_before_the_address_was_confirmed_is_offered_at_once(edition):
    kind = factories.make_ticket_type(edition, quota=0)
    placed = order(edition, wish(kind))
    kind.quota = 1
    assert waiting.promote(edition) == 0  # nobody knows yet whose address it is
    confirming.confirm_by_link(link_of())
    (registration,) = registrations_of(placed)
    assert registration.state is RegistrationState.OFFERED


@pytest.fixture
def lapsed(edition, asked, at):
    """An order for the one place of its type that was not paid in time."""
    kind = factories.make_ticket_type(edition, amount=12000, quota=1)
    placed = order(edition, wish(kind))
    confirming.confirm_by_link(link_of())
    placed.due_at = factories.in_days(14)
    db.session.flush()
    at(placed.due_at + waiting.GRACE + timedelta(seconds=1))
    assert waiting.expire_orders() == 1
    assert placed.state is OrderState.EXPIRED
    return placed


@pytest.mark.sql
def test_late_money_takes_the_place_up_again_while_it_is_free(lapsed):
    assert confirming.settle(order=lapsed, by=None) is True
    (registration,) = registrations_of(lapsed)
    assert (lapsed.state, registration.state) == (OrderState.PAID, RegistrationState.CONFIRMED)
    assert registration.ticket_type.taken == 1


@pytest.mark.sql
def test_late_money_for_a_place_that_is_gone_goes_to_the_end_of_the_waiting_list(lapsed):
    kind = registrations_of(lapsed)[0].ticket_type
    order(lapsed.edition, wish(kind), buyer=Buyer(email="next@example.org"))
    assert confirming.settle(order=lapsed, by=None) is False
    (registration,) = registrations_of(lapsed)
    assert (lapsed.state, registration.state) == (OrderState.WAITING, RegistrationState.WAITING)
    assert kind.taken == 1


def test_late_money_without_a_waiting_list_stays_to_be_given_back(lapsed):
    edition, kind = lapsed.edition, registrations_of(lapsed)[0].ticket_type
    order(edition, wish(kind), buyer=Buyer(email="next@example.org"))
    edition.has_waiting_list = False
    assert confirming.settle(order=lapsed, by=None) is False
    assert lapsed.state is OrderState.EXPIRED


def test_order_that_lapsed_unconfirmed_cannot_be_confirmed(edition, at):
    placed = order(edition, wish(factories.make_ticket_type(edition)))
    raw = link_of()
    at(placed.confirm_by_at + timedelta(seconds=1))
    waiting.expire_orders()
    with pytest.raises(tokens.LinkUsedUp):
        confirming.confirm_by_link(raw)
