"""What everybody sees: how to take part, and the list of those who agreed to stand on it."""

from __future__ import annotations

import re

import pytest

from conference.editions.states import EditionState
from conference.extensions import db
from conference.organisations import service as organisations
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling, catalogue
from conference.registrations.states import RegistrationState
from conference.registrations.wishes import Buyer
from tests import factories
from tests.registrations.wishing import order, wish

pytestmark = pytest.mark.sql


@pytest.fixture
def edition(app):
    return factories.make_edition(shows_participants=True)


def listed(edition, **overrides):
    values = {"is_listed": True, "organisation_name": "Klaster", **overrides}
    return factories.make_registration(edition, **values)


def ways_in(client, edition):
    """What the buttons of the edition's page say that lead to registering."""
    client.application.extensions["page_cache"].pages.clear()
    page = client.get(f"/{edition.code}/").text
    return re.findall(rf'btn-primary[^>]*href="/{edition.code}/registrations/new">([^<]+)<', page)


def test_page_invites_to_the_waiting_list_once_every_ticket_is_taken(browse, edition):
    first = factories.make_ticket_type(edition, quota=1)
    second = factories.make_ticket_type(edition, quota=1, taken=1)
    assert ways_in(browse(), edition) == ["Register"] * 2
    first.taken = 1
    assert ways_in(browse(), edition) == ["Join the waiting list"] * 2
    edition.has_waiting_list = False
    assert ways_in(browse(), edition) == []
    second.taken = 0
    assert ways_in(browse(), edition) == ["Register"] * 2


def test_preview_of_an_empty_draft_has_no_heading_above_nothing(browse, organiser, edition):
    edition.state, edition.published_at = EditionState.DRAFT, None
    edition.how_to_take_part = {}
    assert "How to take part" not in browse(organiser).get(f"/{edition.code}/").text
    factories.make_ticket_type(edition)
    assert "How to take part" in browse(organiser).get(f"/{edition.code}/").text


def test_list_shows_only_confirmed_people_who_agreed(browse, edition):
    listed(edition, given_name="Đorđe", family_name="Ilić")
    listed(edition, family_name="Refused", is_listed=False)
    listed(edition, family_name="Unpaid", state=RegistrationState.PENDING)
    listed(edition, family_name="Cancelled", state=RegistrationState.CANCELLED)
    listed(factories.make_edition(), family_name="Elsewhere")
    text = browse().get(f"/{edition.code}/participants").text
    assert "Đorđe Ilić" in text
    hidden = ("Refused", "Unpaid", "Cancelled", "Elsewhere", "@example.org")
    assert [word for word in hidden if word in text] == []


def test_list_is_not_there_unless_the_edition_shows_it(browse):
    edition = factories.make_edition(shows_participants=False)
    listed(edition)
    assert browse().get(f"/{edition.code}/participants").status_code == 404


def test_list_takes_as_many_statements_for_one_as_for_three_hundred(browse, edition, queries):
    client, counts = browse(), []
    for number in (1, 2, 297):
        kind = factories.make_ticket_type(edition)
        for _ in range(number):
            listed(edition, ticket_type=kind)
        db.session.commit()
        client.application.extensions["page_cache"].pages.clear()
        queries.clear()
        client.get(f"/{edition.code}/participants")
        counts.append(len(queries))
    assert counts == [counts[0]] * 3


def test_list_leads_to_the_public_page_and_takes_the_affiliation_that_is_shown(browse, edition):
    shows = factories.make_person(public_fields=["name", "affiliation"])
    hides = factories.make_person(public_fields=["name"])
    for person, cluster in ((shows, "Shown Cluster"), (hides, "Hidden Cluster")):
        organisations.affiliate(
            person=person, organisation=factories.make_organisation(name=cluster)
        )
        listed(edition, person=person, organisation_name="")
    listed(edition, person=shows, organisation_name="Typed on the form")
    nobody = listed(edition, person=factories.make_person())
    text = browse().get(f"/{edition.code}/participants").text
    assert text.count("Shown Cluster, ") == 1
    assert text.count("Typed on the form, ") == 1
    assert "Hidden Cluster" not in text
    assert text.count(f'href="/people/{shows.public_id}"') == 2
    assert text.count(f'href="/people/{hides.public_id}"') == 1
    assert nobody.person.public_id not in text


def test_kept_list_is_made_anew_when_somebody_hides_their_affiliation(browse, edition):
    person = factories.make_person(public_fields=["name", "affiliation"])
    cluster = factories.make_organisation(name="Left Cluster")
    organisations.affiliate(person=person, organisation=cluster)
    listed(edition, person=person, organisation_name="")
    db.session.commit()
    client = browse()
    assert "Left Cluster" in client.get(f"/{edition.code}/participants").text
    organisations.leave(person=person, organisation=cluster)
    db.session.commit()
    client.application.extensions["page_cache"].forget()
    assert "Left Cluster" not in client.get(f"/{edition.code}/participants").text


def test_who_gives_the_place_up_leaves_the_list_at_once(browse, edition):
    person = factories.make_person(email="milica@example.org")
    kind = factories.make_ticket_type(edition)
    placed = order(edition, wish(kind, is_listed=True), by=person, buyer=Buyer(email=person.email))
    client = browse()
    assert "Milica Đorđević" in client.get(f"/{edition.code}/participants").text
    cancelling.give_up(registration=registrations_of(placed)[0], by=person)
    db.session.commit()
    client.application.extensions["page_cache"].forget()
    assert "Milica Đorđević" not in client.get(f"/{edition.code}/participants").text


def test_edition_page_shows_tickets_with_the_price_of_today(browse, edition):
    factories.make_ticket_type(edition, amount=12000, name={"en": "Early bird ticket"})
    text = browse().get(f"/{edition.code}/").text
    assert "Early bird ticket" in text
    assert "€120.00" in text
    assert f'href="/{edition.code}/registrations/new"' in text


def test_price_list_tells_coming_prices_and_forgets_past_ones(edition):
    kind = factories.make_ticket_type(edition, amount=10000)
    kind.prices[0].until_at = factories.in_days(-1)
    from conference.registrations.models import Price

    now = Price(ticket_type_id=kind.id, amount_minor=12000, until_at=factories.in_days(5))
    later = Price(ticket_type_id=kind.id, amount_minor=15000, from_at=factories.in_days(5))
    db.session.add_all([now, later])
    db.session.flush()
    (one,) = catalogue.price_list(edition)
    assert [(step.price.minor, step.counts_now) for step in one.steps] == [
        (12000, True),
        (15000, False),
    ]
    (offer,) = catalogue.on_sale(edition)
    assert (offer.price.minor, offer.next_change_at) == (12000, now.until_at)
