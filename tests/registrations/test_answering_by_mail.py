"""An offered place answered from the mail: by whom it is for, as long as it is offered."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from conference import delivery
from conference.core.outbox import OutboundMail
from conference.extensions import db
from conference.registrations.queries import registrations_of
from conference.registrations.service import changing, offering, waiting
from conference.registrations.states import RegistrationState
from conference.registrations.wishes import Buyer
from tests import factories
from tests.registrations.wishing import order, wish


@pytest.fixture
def offered(edition: Any) -> Any:
    """A place that a buyer ordered for a colleague, who has no account; it is offered now."""
    kind = factories.make_ticket_type(edition, quota=0)
    buyer = factories.make_person()
    placed = order(
        edition,
        wish(kind, given_name="Ana", email="ana@example.org"),
        by=buyer,
        buyer=Buyer(email=buyer.email),
    )
    kind.quota = 1
    offering.promote(edition)
    db.session.commit()
    (one,) = registrations_of(placed)
    return one


def link() -> str:
    """The path of the newest link that answers an offer."""
    query = select(OutboundMail).where(OutboundMail.name == "place-offered")
    mail = db.session.scalars(query.order_by(OutboundMail.id.desc())).first()
    return str(mail.secrets["link"]).removeprefix("http://localhost")


def test_colleague_without_an_account_takes_the_place_and_sees_it(offered, browse):
    client = browse()
    answer = client.post(link(), data={"accept": "1"})
    assert answer.status_code == 302
    assert client.get(answer.location).status_code == 200
    assert offered.state is RegistrationState.CONFIRMED


def test_what_the_offered_place_costs_stands_on_the_page_and_in_the_mail(edition, browse):
    kind = factories.make_ticket_type(edition, quota=0, amount=12000)
    person = factories.make_person()
    (one,) = registrations_of(
        order(edition, wish(kind), by=person, buyer=Buyer(email=person.email))
    )
    kind.quota = 1
    offering.promote(edition)
    db.session.commit()
    assert "It costs €120.00" in browse().get(link()).text
    own = browse(person).get(f"/{edition.code}/registrations/{one.public_id}")
    assert "It costs €120.00" in own.text
    query = select(OutboundMail).where(OutboundMail.name == "place-offered")
    assert "Price: €120.00\n" in delivery.write(db.session.scalars(query).one()).body


def test_link_that_went_to_an_earlier_address_answers_for_nobody(offered, browse):
    details = {
        "given_name": "Boris",
        "family_name": "Ilić",
        "email": "boris@example.org",
        "country": "RS",
        "diet": "",
        "accessibility": "",
        "wants_visa_letter": False,
        "is_listed": False,
    }
    changing.change_details(
        registration=offered, values=details, answers={}, by=offered.order.person
    )
    db.session.commit()
    assert browse().get(link()).status_code == 404
    assert browse().post(link(), data={"accept": "1"}).status_code == 404
    db.session.refresh(offered)
    assert offered.state is RegistrationState.OFFERED


def test_link_of_a_place_that_was_taken_on_the_site_offers_nothing_more(offered, browse):
    waiting.accept(registration=offered, by=offered.order.person)
    assert browse().get(link()).status_code == 404
