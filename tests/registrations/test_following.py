"""What registrations do when their edition changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conference.core.errors import Conflict
from conference.editions.kinds import Audience
from conference.editions.service import making, payees, publishing
from conference.editions.service.making import Basics, Rules
from conference.editions.states import EditionState
from conference.registrations.service import cancelling
from conference.registrations.states import OrderState, RegistrationState
from tests import factories

PERSON_STATES = [
    RegistrationState.PENDING,
    RegistrationState.CONFIRMED,
    RegistrationState.WAITING,
    RegistrationState.OFFERED,
]


def rules(places):
    return Rules(
        audience=Audience.EVERYONE,
        opens=None,
        closes=None,
        cancel_until=None,
        places=places,
        has_waiting_list=True,
        offer_hours=48,
        max_per_order=10,
        shows_participants=False,
    )


def basics(edition, **overrides):
    names = ("kind", "name", "city", "country", "zone", "starts_on", "ends_on", "code")
    return Basics(**{name: getattr(edition, name) for name in names} | overrides)


@pytest.mark.sql
@pytest.mark.parametrize("state", PERSON_STATES)
def test_edition_on_which_people_rely_cannot_be_withdrawn(edition, organiser, state):
    factories.make_registration(edition, state=state)
    with pytest.raises(Conflict, match="People are registered"):
        publishing.withdraw(edition=edition, by=organiser)
    assert edition.state is EditionState.PUBLISHED


def test_edition_that_everybody_left_can_be_withdrawn(edition, organiser):
    place = factories.make_registration(edition)
    cancelling.cancel(registration=place, by=organiser, reason="")
    publishing.withdraw(edition=edition, by=organiser)
    assert edition.state is EditionState.DRAFT


@pytest.mark.sql
def test_more_places_are_offered_to_those_who_wait_in_their_order(edition, organiser):
    making.edit_rules(edition=edition, rules=rules(1), by=organiser)
    kind = factories.make_ticket_type(edition)
    factories.make_registration(edition, ticket_type=kind)
    first, second, third = (
        factories.make_registration(
            edition,
            ticket_type=kind,
            state=RegistrationState.WAITING,
            order=factories.make_order(edition, state=OrderState.WAITING),
        )
        for _ in range(3)
    )
    making.edit_rules(edition=edition, rules=rules(3), by=organiser)
    assert [one.state for one in (first, second, third)] == [
        RegistrationState.OFFERED,
        RegistrationState.OFFERED,
        RegistrationState.WAITING,
    ]
    assert edition.places_taken == 3


@pytest.mark.sql
def test_prices_and_extras_keep_their_hour_when_the_zone_is_corrected(edition, organiser):
    edition.state, edition.zone = EditionState.DRAFT, "Europe/Belgrade"
    kind = factories.make_ticket_type(edition)
    kind.prices[0].until_at = datetime(2027, 3, 1, 8, tzinfo=UTC)
    dinner = factories.make_extra(edition, starts_at=datetime(2027, 7, 1, 18, tzinfo=UTC))
    making.edit_basics(
        edition=edition, basics=basics(edition, zone="Europe/Istanbul"), by=organiser
    )
    assert kind.prices[0].until_at == datetime(2027, 3, 1, 6, tzinfo=UTC)
    assert dinner.starts_at == datetime(2027, 7, 1, 17, tzinfo=UTC)


@pytest.mark.sql
def test_currency_stays_as_soon_as_somebody_agreed_to_a_price(edition, finance):
    dinars = factories.make_payee(currency="RSD")
    order = factories.make_order(edition, state=OrderState.PLACED, confirmed_at=None)
    free = factories.make_ticket_type(edition)
    factories.make_registration(
        edition, ticket_type=free, order=order, state=RegistrationState.PENDING
    )
    assert payees.is_fixed(edition.payee) is False
    priced = factories.make_ticket_type(edition, amount=12000)
    factories.make_registration(
        edition, ticket_type=priced, order=order, state=RegistrationState.PENDING
    )
    assert payees.is_fixed(edition.payee) is True
    with pytest.raises(Conflict):
        payees.choose(edition=edition, payee=dinars, by=finance)
