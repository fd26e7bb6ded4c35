"""Giving up a place: what is given back, and who gets the place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from conference.core import audit
from conference.core.errors import InvalidTransition
from conference.core.outbox import OutboundMail
from conference.editions.kinds import Audience
from conference.extensions import db
from conference.registrations import hooks, refusals
from conference.registrations.models import Invitation
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling, confirming
from conference.registrations.states import OrderState, RegistrationState
from conference.registrations.wishes import Buyer
from tests import factories
from tests.registrations.wishing import euros, order, wish


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What payments were told: amounts dropped."""
    found = []
    monkeypatch.setattr(hooks, "order_awaits_payment", [])
    monkeypatch.setattr(
        hooks, "registration_cancelled", [lambda _place, dropped, _by: found.append(dropped)]
    )
    return found


@pytest.fixture
def buyer(app):
    return factories.make_person(email="milica@example.org")


@pytest.fixture
def paid(edition, buyer):
    """Two places at 120 euros, one with a dinner for 45, all paid."""
    kind = factories.make_ticket_type(edition, amount=12000)
    dinner = factories.make_extra(edition, amount_minor=4500, quota=10)
    placed = order(
        edition,
        wish(kind, extras={dinner.public_id: 1}),
        wish(kind, given_name="Ana", email="ana@example.org"),
        by=buyer,
    )
    confirming.settle(order=placed, by=None)
    return placed


@pytest.mark.sql
def test_place_given_up_in_time_is_paid_back_with_its_extras(edition, paid, buyer, told):
    first, second = registrations_of(paid)
    assert cancelling.give_up(registration=first, by=buyer) == euros("165")
    assert (paid.total_minor, paid.state) == (12000, OrderState.PAID)
    assert told == [euros("165")]
    assert (first.state, second.state) == (
        RegistrationState.CANCELLED,
        RegistrationState.CONFIRMED,
    )
    assert (edition.places_taken, first.ticket_type.taken) == (1, 1)


def test_place_given_up_too_late_is_free_but_not_paid_back(edition, paid, buyer, told, at):
    at(edition.cancel_until_at)
    first, _second = registrations_of(paid)
    assert cancelling.consequence(first).kept == euros("165")
    assert cancelling.give_up(registration=first, by=buyer) == euros("0")
    assert (paid.total_minor, told) == (28500, [euros("0")])
    assert edition.places_taken == 1


def test_last_second_before_the_deadline_pays_back(edition, paid, buyer, at):
    at(edition.cancel_until_at - timedelta(seconds=1))
    first, _second = registrations_of(paid)
    assert cancelling.consequence(first).given_back == euros("165")
    assert cancelling.give_up(registration=first, by=buyer) == euros("165")


def test_place_that_was_not_paid_is_never_asked_for_again(edition, buyer, told, at):
    kind = factories.make_ticket_type(edition, amount=12000)
    placed = order(edition, wish(kind), by=buyer)
    at(edition.cancel_until_at)
    (registration,) = registrations_of(placed)
    assert cancelling.give_up(registration=registration, by=buyer) == euros("120")
    assert (placed.state, placed.total_minor) == (OrderState.CANCELLED, 0)


def test_nobody_gives_a_place_up_once_the_edition_has_begun(paid, buyer, at):
    at(factories.in_days(60.5))
    first, _second = registrations_of(paid)
    assert cancelling.consequence(first).possible is False
    with pytest.raises(refusals.DeadlinePassed):
        cancelling.give_up(registration=first, by=buyer)


def test_staff_cancels_at_any_time_and_says_why(paid, organiser, at):
    at(factories.in_days(61))
    first, _second = registrations_of(paid)
    assert cancelling.cancel(registration=first, by=organiser, reason="ill") == euros("165")
    mail = db.session.scalars(
        select(OutboundMail).where(OutboundMail.name == "registration-cancelled")
    ).one()
    assert (mail.to, mail.values["reason"]) == ("milica@example.org", "ill")


def test_buyer_is_told_when_another_persons_place_is_cancelled(paid, buyer):
    _first, second = registrations_of(paid)
    cancelling.give_up(registration=second, by=buyer)
    told = {
        mail.to: mail.values["dropped"]
        for mail in db.session.scalars(
            select(OutboundMail).where(OutboundMail.name == "registration-cancelled")
        )
    }
    assert told == {"ana@example.org": "", "milica@example.org": "€120.00"}


def test_order_ends_with_its_last_place(paid, buyer):
    for registration in registrations_of(paid):
        cancelling.give_up(registration=registration, by=buyer)
    assert paid.state is OrderState.CANCELLED
    assert paid.cancelled_at is not None
    assert "order.cancelled" in [entry.act for entry in audit.about(paid)]


def test_free_place_that_stays_is_confirmed_when_the_unpaid_one_goes(edition, buyer):
    costly = factories.make_ticket_type(edition, amount=12000)
    free = factories.make_ticket_type(edition)
    placed = order(edition, wish(costly), wish(free), by=buyer)
    first, second = registrations_of(placed)
    cancelling.give_up(registration=first, by=buyer)
    assert (placed.state, second.state) == (OrderState.PAID, RegistrationState.CONFIRMED)


def test_cancelled_place_cannot_be_cancelled_again(paid, buyer):
    first, _second = registrations_of(paid)
    cancelling.give_up(registration=first, by=buyer)
    with pytest.raises(InvalidTransition):
        cancelling.give_up(registration=first, by=buyer)


def test_person_on_the_waiting_list_can_leave_it(edition, buyer, told):
    kind = factories.make_ticket_type(edition, amount=12000, quota=0)
    placed = order(edition, wish(kind), by=buyer)
    (registration,) = registrations_of(placed)
    assert cancelling.give_up(registration=registration, by=buyer) == euros("0")
    assert placed.state is OrderState.CANCELLED
    assert kind.taken == 0


def test_invitation_is_good_again_when_its_place_is_given_up(app):
    edition = factories.make_edition(audience=Audience.INVITED)
    kind = factories.make_ticket_type(edition)
    guest = factories.make_person(email="guest@example.org")
    invitation = Invitation(edition_id=edition.id, email=guest.email)
    db.session.add(invitation)
    db.session.flush()
    for _ in range(2):
        placed = order(edition, wish(kind), by=guest, buyer=Buyer(email=guest.email))
        cancelling.give_up(registration=registrations_of(placed)[0], by=guest)
        db.session.refresh(invitation)
    assert invitation.registration_id is None
