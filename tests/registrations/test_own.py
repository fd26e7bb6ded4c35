"""A person's own pages: what is theirs, what others named them for, changes, giving up."""

from __future__ import annotations

import re

import pytest
from icalendar import Calendar
from sqlalchemy import select

from conference.core.outbox import OutboundMail
from conference.extensions import db
from conference.registrations.queries import registrations_of
from conference.registrations.service import changing, waiting
from conference.registrations.states import OrderState, RegistrationState
from conference.registrations.wishes import Buyer
from tests import factories
from tests.registrations.wishing import order, wish


@pytest.fixture
def buyer(app):
    return factories.make_person(email="milica@example.org")


@pytest.fixture
def placed(edition, buyer):
    """Two people on one free order, both confirmed."""
    free = factories.make_ticket_type(edition)
    return order(
        edition,
        wish(free),
        wish(free, given_name="Ana", email="ana@example.org"),
        by=buyer,
        buyer=Buyer(email=buyer.email),
    )


def path(registration, page=""):
    return f"/{registration.edition.code}/registrations/{registration.public_id}{page}"


def details(**overrides):
    return {
        "given_name": "Milica",
        "family_name": "Đorđević",
        "email": "milica@example.org",
        "country": "RS",
        **overrides,
    }


def test_buyer_sees_the_order_and_everybody_in_it(browse, placed, buyer):
    client = browse(buyer)
    first, second = registrations_of(placed)
    assert client.get(f"/{placed.edition.code}/orders/{placed.public_id}").status_code == 200
    text = client.get(f"/{placed.edition.code}/registrations/mine").text
    assert [one.public_id in text for one in (first, second)] == [True, True]


def test_person_named_by_another_sees_their_own_place_but_not_the_order(browse, placed):
    ana = factories.make_person(email="ana@example.org")
    client = browse(ana)
    first, second = registrations_of(placed)
    assert client.get(path(second)).status_code == 200
    assert client.get(path(first)).status_code == 404
    assert client.get(f"/{placed.edition.code}/orders/{placed.public_id}").status_code == 404


def test_address_that_was_not_confirmed_shows_nothing(browse, placed):
    ana = factories.make_person(email="ana@example.org", confirmed_at=None)
    assert browse(ana).get(path(registrations_of(placed)[1])).status_code == 404


def test_strangers_find_nothing_on_any_page(browse, placed, stranger):
    client = browse(stranger)
    (first, _second) = registrations_of(placed)
    pages = ("", "/change", "/cancel", "/ticket.pdf", "/calendar.ics", "/files/cv")
    assert {client.get(path(first, page)).status_code for page in pages} == {404}
    assert client.post(path(first, "/cancel")).status_code == 404
    assert client.post(path(first, "/offer")).status_code == 404


def test_registration_is_not_found_under_another_edition(browse, placed, buyer):
    other = factories.make_edition()
    (first, _second) = registrations_of(placed)
    address = f"/{other.code}/registrations/{first.public_id}"
    assert browse(buyer).get(address).status_code == 404


def test_ticket_and_calendar_file_are_there_once_the_place_is_confirmed(browse, placed, buyer):
    factories.make_place(placed.edition)
    client, (first, _second) = browse(buyer), registrations_of(placed)
    assert client.get(path(first, "/ticket.pdf")).data.startswith(b"%PDF")
    calendar = Calendar.from_ical(client.get(path(first, "/calendar.ics")).data)
    assert [str(event["summary"]) for event in calendar.events] == [placed.edition.name["en"]]
    assert [str(zone["tzid"]) for zone in calendar.timezones] == ["Europe/Skopje"]


def test_unpaid_place_has_no_ticket(browse, edition, buyer):
    kind = factories.make_ticket_type(edition, amount=12000)
    unpaid = order(edition, wish(kind), by=buyer, buyer=Buyer(email=buyer.email))
    (registration,) = registrations_of(unpaid)
    client = browse(buyer)
    assert client.get(path(registration, "/ticket.pdf")).status_code == 404
    assert "How to pay" in client.get(path(registration)).text


def test_details_are_changed_and_the_name_is_found_again(browse, placed, buyer):
    (first, _second) = registrations_of(placed)
    form = details(given_name="Милица", family_name="Ђорђевић", diet="vegan")
    assert browse(buyer).post(path(first, "/change"), data=form).status_code == 302
    db.session.refresh(first)
    assert (first.name, first.latin_name, first.diet) == (
        "Милица Ђорђевић",
        "Milica Đorđević",
        "vegan",
    )
    assert "djordjevic" in first.search_key


def test_place_is_handed_to_another_address_by_the_buyer_only(browse, placed, buyer):
    (_first, second) = registrations_of(placed)
    ana = factories.make_person(email="ana@example.org")
    form = details(given_name="Ana", email="ivan@example.org")
    browse(ana).post(path(second, "/change"), data=form)
    db.session.refresh(second)
    assert second.email == "ana@example.org"
    browse(buyer).post(path(second, "/change"), data=form)
    db.session.refresh(second)
    assert second.email == "ivan@example.org"
    last = db.session.scalars(select(OutboundMail).order_by(OutboundMail.id.desc())).first()
    assert (last.name, last.to) == ("registration-confirmed", "ivan@example.org")


def test_person_named_later_gets_a_ticket_then(browse, edition, buyer):
    free = factories.make_ticket_type(edition)
    unnamed = wish(free, given_name="", family_name="", email="late@example.org")
    placed = order(edition, wish(free), unnamed, by=buyer, buyer=Buyer(email=buyer.email))
    later = registrations_of(placed)[1]
    form = details(given_name="Late", email="late@example.org")
    browse(buyer).post(path(later, "/change"), data=form)
    last = db.session.scalars(select(OutboundMail).order_by(OutboundMail.id.desc())).first()
    assert [one["kind"] for one in last.attachments] == ["ticket", "calendar"]


def test_nothing_is_changed_once_the_edition_has_begun(browse, placed, buyer, at):
    (first, _second) = registrations_of(placed)
    at(factories.in_days(61))
    assert changing.may_change(first) is False
    client = browse(buyer)
    answer = client.post(path(first, "/change"), data=details(given_name="Other"))
    assert answer.status_code == 409
    assert "The deadline has passed" in answer.text
    db.session.refresh(first)
    assert first.given_name == "Milica"


def test_giving_up_asks_first_and_says_what_comes_back(browse, edition, buyer):
    free = factories.make_ticket_type(edition)
    placed = order(edition, wish(free), by=buyer, buyer=Buyer(email=buyer.email))
    (registration,) = registrations_of(placed)
    client = browse(buyer)
    assert "This cannot be undone" in client.get(path(registration, "/cancel")).text
    assert registration.state is RegistrationState.CONFIRMED
    assert client.post(path(registration, "/cancel")).location == path(registration)
    db.session.refresh(registration)
    assert registration.state is RegistrationState.CANCELLED


def test_offered_place_is_taken_on_the_page(browse, edition, buyer):
    kind = factories.make_ticket_type(edition, quota=0)
    placed = order(edition, wish(kind), by=buyer, buyer=Buyer(email=buyer.email))
    (registration,) = registrations_of(placed)
    kind.quota = 1
    waiting.promote(edition)
    client = browse(buyer)
    assert "Take the place" in client.get(path(registration)).text
    client.post(path(registration, "/offer"), data={"accept": "1"})
    db.session.refresh(registration)
    assert registration.state is RegistrationState.CONFIRMED


def test_offered_place_is_answered_from_the_mail_without_an_account(browse, edition):
    kind = factories.make_ticket_type(edition, quota=0)
    person = factories.make_person(email="milica@example.org")
    placed = order(edition, wish(kind), by=person, buyer=Buyer(email=person.email))
    kind.quota = 1
    waiting.promote(edition)
    db.session.flush()
    mail = db.session.scalars(
        select(OutboundMail).where(OutboundMail.name == "place-offered")
    ).one()
    link = re.sub("^http://localhost", "", mail.secrets["link"])
    client = browse()
    assert "Give it back" in client.get(link).text
    assert client.post(link, data={"accept": "1"}).location.endswith(f"/orders/{placed.public_id}")
    db.session.refresh(placed)
    assert placed.state is OrderState.PAID
    assert client.get(link).status_code == 404


def test_own_pages_take_as_many_statements_for_one_as_for_many(browse, edition, buyer, queries):
    kind = factories.make_ticket_type(edition, quota=2)
    client, counts = browse(buyer), []
    for _ in range(3):
        order(edition, wish(kind), by=buyer, buyer=Buyer(email=buyer.email))
        db.session.commit()
        for address in (f"/{edition.code}/registrations/mine", "/account"):
            db.session.expire_all()
            queries.clear()
            assert client.get(address).status_code == 200
            counts.append(len(queries))
    # The third waits: one statement more tells the places in the queue, however many wait.
    assert counts[0] == counts[2] == counts[4] - 1
    assert counts[1] == counts[3] == counts[5] - 1


def test_people_of_one_order_share_a_card_on_the_front_page(browse, edition):
    buyer = factories.make_person()
    order = factories.make_order(edition, person=buyer, email=buyer.email)
    for _ in range(3):
        factories.make_registration(edition, order=order, state=RegistrationState.PENDING)
    page = browse(buyer).get("/account").text
    assert page.count('<h3 class="card-title">') == 1
    assert page.count("for the whole order") <= 1
    assert page.count(f'href="/{edition.code}/registrations/') == 4  # all of them, and each
