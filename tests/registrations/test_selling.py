"""What organisers put on sale, and what they cannot."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from conference.core.errors import Invalid
from conference.core.outbox import OutboundMail
from conference.extensions import db
from conference.registrations.models import Category, TicketType
from conference.registrations.queries import registrations_of
from conference.registrations.service import selling
from conference.registrations.states import RegistrationState
from conference.registrations.wishes import Buyer
from tests import factories
from tests.registrations.wishing import order, wish


def values(**overrides):
    return {
        "name": {"en": "Regular"},
        "description": {},
        "category": Category.REGULAR,
        "quota": None,
        "by_invitation": False,
        **overrides,
    }


def step(amount=12000, from_at=None, until_at=None):
    return selling.Step({"en": "price"}, amount, from_at, until_at)


def save(edition, organiser, *steps, kind=None, **overrides):
    return selling.save_ticket_type(
        edition=edition, kind=kind, values=values(**overrides), steps=steps, by=organiser
    )


def test_ticket_with_early_and_regular_price_goes_on_sale(edition, organiser):
    turn = factories.in_days(10)
    kind = save(edition, organiser, step(12000, until_at=turn), step(15000, from_at=turn))
    assert [price.amount_minor for price in selling.prices_of(kind)] == [12000, 15000]


def test_prices_that_count_at_the_same_time_are_refused(edition, organiser):
    with pytest.raises(Invalid) as refused:
        save(edition, organiser, step(), step(from_at=factories.in_days(3)))
    assert refused.value.message == selling.OVERLAP


def test_ticket_without_any_price_is_refused(edition, organiser):
    with pytest.raises(Invalid) as refused:
        save(edition, organiser)
    assert refused.value.message == selling.NO_PRICE


def test_edition_without_payee_sells_nothing_for_money(app):
    edition = factories.make_edition(payee=None)
    organiser = factories.make_person()
    with pytest.raises(Invalid) as refused:
        save(edition, organiser, step(100))
    assert refused.value.message == selling.NO_PAYEE
    assert save(edition, organiser, step(0)).name == {"en": "Regular"}


def test_limit_below_what_is_taken_is_refused(edition, organiser):
    kind = save(edition, organiser, step(0))
    for _ in range(2):
        order(edition, wish(kind))
    with pytest.raises(Invalid) as refused:
        save(edition, organiser, step(0), kind=kind, quota=1)
    assert (refused.value.field, refused.value.params) == ("quota", {"taken": 2})


@pytest.mark.sql
def test_higher_limit_offers_the_new_places_to_those_who_wait(edition, organiser):
    kind = save(edition, organiser, step(0), quota=0)
    person = factories.make_person(email="a@example.org")
    placed = order(edition, wish(kind), by=person, buyer=Buyer(email=person.email))
    save(edition, organiser, step(0), kind=kind, quota=1)
    assert registrations_of(placed)[0].state is RegistrationState.OFFERED


def test_new_price_leaves_orders_placed_before_as_they_are(edition, organiser):
    kind = save(edition, organiser, step(12000))
    placed = order(edition, wish(kind))
    save(edition, organiser, step(20000), kind=kind)
    assert placed.total_minor == 12000


def test_address_is_invited_once_until_the_invitation_is_withdrawn(edition, organiser):
    def invite():
        return selling.invite(edition=edition, email="A@Example.org", locale="sr", by=organiser)

    first = invite()
    with pytest.raises(Invalid):
        invite()
    selling.withdraw_invitation(edition=edition, public_id=first.public_id, by=organiser)
    assert invite() is first
    mails = db.session.scalars(select(OutboundMail)).all()
    assert [(mail.to, mail.locale) for mail in mails] == [("a@example.org", "sr")] * 2


def test_organiser_adds_a_ticket_on_the_page(browse, edition, organiser):
    form = {
        "name_en": "Student",
        "category": "student",
        "quota": "20",
        "steps-0-amount": "15,50",
        "steps-0-label_en": "for all",
    }
    answer = browse(organiser).post(f"/{edition.code}/desk/tickets/new", data=form)
    assert answer.location == f"/{edition.code}/desk/tickets"
    kind = db.session.scalars(select(TicketType)).one()
    assert (kind.name, kind.quota, kind.category) == ({"en": "Student"}, 20, Category.STUDENT)
    assert [price.amount_minor for price in selling.prices_of(kind)] == [1550]


def test_wrong_amount_is_refused_beside_its_field(browse, edition, organiser):
    form = {"name_en": "Student", "category": "student", "steps-0-amount": "12 RSD"}
    answer = browse(organiser).post(f"/{edition.code}/desk/tickets/new", data=form)
    assert answer.text.count("This amount is in another currency") == 2  # above and beside it
    assert '<a href="#steps-0-amount">Price</a>' in answer.text
    assert 'value="12 RSD"' in answer.text
    assert db.session.scalars(select(TicketType)).all() == []


def test_all_faults_of_a_ticket_are_shown_at_once(browse, edition, organiser):
    form = {"name_en": "x" * 81, "category": "student", "steps-0-amount": "much"}
    answer = browse(organiser).post(f"/{edition.code}/desk/tickets/new", data=form)
    assert answer.status_code == 422
    links = ['<a href="#name_en">', '<a href="#steps-0-amount">']
    assert [answer.text.count(link) for link in links] == [1, 1]


def test_price_with_dates_but_without_an_amount_is_not_free(browse, edition, organiser):
    form = {"name_en": "Early", "category": "regular", "steps-0-until_at": "2027-01-22T20:00"}
    answer = browse(organiser).post(f"/{edition.code}/desk/tickets/new", data=form)
    assert '<a href="#steps-0-amount">Price</a>' in answer.text
    assert db.session.scalars(select(TicketType)).all() == []


def test_prices_at_the_same_time_are_refused_beside_the_prices(browse, edition, organiser):
    form = {"name_en": "A", "category": "regular", "steps-0-amount": "9", "steps-1-amount": "12"}
    answer = browse(organiser).post(f"/{edition.code}/desk/tickets/new", data=form)
    assert '<a href="#steps">Prices</a>: Two prices count at the same time' in answer.text
    assert answer.text.count("Two prices count at the same time") == 2


@pytest.mark.parametrize("page", ["tickets", "tickets/new", "tickets/extras/new", "invitations"])
def test_pages_of_what_is_on_sale_are_for_organisers(browse, edition, organiser, finance, page):
    address = f"/{edition.code}/desk/{page}"
    assert browse(organiser).get(address).status_code == 200
    assert browse(finance).get(address).status_code == 403
    assert browse(factories.make_person()).get(address).status_code == 404


def test_ticket_taken_off_sale_cannot_be_chosen(browse, edition, organiser):
    kind = factories.make_ticket_type(edition)
    client = browse(organiser)
    client.post(f"/{edition.code}/desk/tickets/types/{kind.public_id}/hide")
    assert kind.public_id not in browse().get(f"/{edition.code}/registrations/new").text
    client.post(f"/{edition.code}/desk/tickets/types/{kind.public_id}/show")
    assert kind.public_id in browse().get(f"/{edition.code}/registrations/new").text


def test_extra_is_added_with_its_time_in_the_zone_of_the_edition(browse, edition, organiser):
    form = {
        "name_en": "Gala dinner",
        "starts_at": "2027-01-22T20:00",
        "ends_at": "2027-01-22T23:00",
        "amount_typed": "45",
        "most_each": "2",
        "asks_diet": "y",
    }
    client = browse(organiser)
    assert client.post(f"/{edition.code}/desk/tickets/extras/new", data=form).status_code == 302
    (extra,) = selling.extras(edition)
    assert (extra.amount_minor, extra.starts_at.hour, extra.asks_diet) == (4500, 19, True)
    form["ends_at"] = "2027-01-22T19:00"
    answer = client.post(f"/{edition.code}/desk/tickets/extras/{extra.public_id}", data=form)
    assert "The end lies before the beginning" in answer.text
