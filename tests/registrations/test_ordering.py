"""Placing orders: prices, places, who may, double presses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from conference.core import audit, clock
from conference.core.errors import Invalid
from conference.core.outbox import OutboundMail
from conference.editions.kinds import Audience
from conference.editions.states import EditionState
from conference.extensions import db
from conference.registrations import codes, refusals
from conference.registrations.models import (
    Category,
    Invitation,
    OrderLine,
    Price,
    Registration,
    RegistrationDraft,
)
from conference.registrations.queries import registrations_of
from conference.registrations.service import ordering
from conference.registrations.states import OrderState, RegistrationState
from conference.registrations.wishes import Buyer
from tests import factories
from tests.registrations.wishing import euros, order, wish


def _mails() -> list[tuple[str, str]]:
    db.session.flush()
    rows = db.session.scalars(select(OutboundMail).order_by(OutboundMail.id))
    return [(mail.name, mail.to) for mail in rows]


@pytest.mark.sql
def test_order_of_a_stranger_waits_for_the_address_to_be_confirmed(edition):
    kind = factories.make_ticket_type(edition, amount=12000)
    placed = order(edition, wish(kind))
    assert placed.state is OrderState.PLACED
    assert placed.total_minor == 12000
    assert placed.confirm_by_at - placed.created_at == pytest.approx(
        timedelta(hours=24), abs=timedelta(minutes=1)
    )
    (registration,) = registrations_of(placed)
    assert registration.state is RegistrationState.PENDING
    assert (edition.places_taken, kind.taken) == (1, 1)
    assert _mails() == [("confirm-registration", "milica@example.org")]
    assert [entry.act for entry in audit.about(placed)] == ["order.placed"]


@pytest.mark.sql
def test_order_of_somebody_signed_in_with_that_address_needs_no_confirmation(edition):
    person = factories.make_person(email="milica@example.org")
    kind = factories.make_ticket_type(edition)
    placed = order(edition, wish(kind), by=person)
    (registration,) = registrations_of(placed)
    assert (placed.state, placed.person) == (OrderState.PAID, person)
    assert (registration.state, registration.person) == (RegistrationState.CONFIRMED, person)
    assert _mails() == [("registration-confirmed", "milica@example.org")]


def test_order_of_somebody_signed_in_with_another_address_must_be_confirmed(edition):
    person = factories.make_person(email="other@example.org")
    placed = order(edition, wish(factories.make_ticket_type(edition)), by=person)
    assert (placed.state, placed.person) == (OrderState.PLACED, None)


def test_name_in_other_letters_gets_a_latin_proposal_and_is_found_in_both(edition):
    kind = factories.make_ticket_type(edition)
    placed = order(edition, wish(kind, given_name="Милица", family_name="Ђорђевић"))
    (registration,) = registrations_of(placed)
    assert registration.latin_name == "Milica Đorđević"
    assert registration.sort_key == "djordjevic milica"
    assert "djordjevic" in registration.search_key.split()


def test_order_keeps_ticket_and_extras_as_lines_with_their_prices(edition):
    kind = factories.make_ticket_type(edition, amount=12000)
    dinner = factories.make_extra(edition, amount_minor=4500, most_each=2)
    placed = order(edition, wish(kind, extras={dinner.public_id: 2}))
    lines = db.session.scalars(select(OrderLine).where(OrderLine.order_id == placed.id)).all()
    assert [(line.text["en"], line.quantity, line.amount_minor) for line in lines] == [
        ("Regular", 1, 12000),
        ("Gala dinner", 2, 4500),
    ]
    assert (placed.total_minor, dinner.taken) == (21000, 2)


def test_two_presses_with_one_draft_make_one_order(edition):
    kind = factories.make_ticket_type(edition)
    draft = RegistrationDraft(edition_id=edition.id)
    db.session.add(draft)
    first = order(edition, wish(kind), draft=draft)
    assert order(edition, wish(kind), draft=draft) is first
    assert kind.taken == 1


def test_price_that_changed_meanwhile_is_refused_with_both_totals(edition):
    kind = factories.make_ticket_type(edition, amount=15000)
    with pytest.raises(refusals.PriceChanged) as refused:
        order(edition, wish(kind), expected_total=euros("120"))
    assert (refused.value.old, refused.value.new) == (euros("120"), euros("150"))
    assert kind.taken == 0


def test_price_is_the_one_of_the_moment_of_pressing(edition, at):
    kind = factories.make_ticket_type(edition, amount=12000)
    early = db.session.scalars(select(Price)).one()
    early.until_at = factories.in_days(10)
    db.session.add(Price(ticket_type_id=kind.id, amount_minor=15000, from_at=early.until_at))
    db.session.flush()
    at(early.until_at - timedelta(seconds=1))
    assert order(edition, wish(kind)).total_minor == 12000
    at(early.until_at)
    assert order(edition, wish(kind)).total_minor == 15000


def test_ticket_without_a_price_today_is_not_on_sale(edition):
    kind = factories.make_ticket_type(edition)
    db.session.scalars(select(Price)).one().from_at = factories.in_days(3)
    db.session.flush()
    with pytest.raises(refusals.NotOnSale):
        order(edition, wish(kind), expected_total=euros("0"))


def test_ticket_of_another_edition_is_refused(edition):
    foreign = factories.make_ticket_type(factories.make_edition())
    with pytest.raises(refusals.NotOnSale):
        order(edition, wish(foreign), expected_total=euros("0"))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"registration_opens_at": 1}, refusals.NotOpenYet),
        ({"registration_closes_at": -1}, refusals.RegistrationClosed),
        ({"state": EditionState.ARCHIVED}, refusals.RegistrationClosed),
        ({"state": EditionState.DRAFT}, refusals.RegistrationClosed),
    ],
)
def test_edition_that_is_not_open_takes_no_orders(app, changes, refusal):
    values = {
        name: factories.in_days(value) if isinstance(value, int) else value
        for name, value in changes.items()
    }
    edition = factories.make_edition(**values)
    kind = factories.make_ticket_type(edition)
    with pytest.raises(refusal) as refused:
        order(edition, wish(kind))
    assert type(refused.value) is refusal


@pytest.mark.sql
def test_full_type_means_the_waiting_list_in_the_order_of_asking(edition):
    kind = factories.make_ticket_type(edition, quota=1)
    states = []
    for _ in range(3):
        (registration,) = registrations_of(order(edition, wish(kind)))
        states.append((registration.state.value, registration.queue_number))
    assert states == [("pending", None), ("waiting", 1), ("waiting", 2)]
    assert (edition.places_taken, kind.taken) == (1, 1)


@pytest.mark.sql
def test_full_edition_means_the_waiting_list_though_the_type_has_places(app):
    edition = factories.make_edition(places=1)
    kind = factories.make_ticket_type(edition, quota=5)
    order(edition, wish(kind))
    (second,) = registrations_of(order(edition, wish(kind)))
    assert second.state is RegistrationState.WAITING
    assert (edition.places_taken, kind.taken) == (1, 1)


def test_who_waits_pays_nothing_yet_but_keeps_the_price_agreed(edition):
    kind = factories.make_ticket_type(edition, amount=12000, quota=1)
    placed = order(edition, wish(kind), wish(kind, given_name="Ana"))
    assert placed.total_minor == 12000
    assert [one.state.value for one in registrations_of(placed)] == ["pending", "waiting"]


def test_who_did_not_agree_to_wait_is_asked_first(edition):
    kind = factories.make_ticket_type(edition, quota=0)
    with pytest.raises(refusals.TicketsGone) as refused:
        order(edition, wish(kind, may_wait=False))
    assert refused.value.field == "p0-ticket"
    assert db.session.scalars(select(Registration)).all() == []


def test_full_edition_without_waiting_list_refuses(app):
    edition = factories.make_edition(places=0, has_waiting_list=False)
    with pytest.raises(refusals.NoPlaceLeft):
        order(edition, wish(factories.make_ticket_type(edition)))


def test_extra_without_enough_places_is_refused_by_name(edition):
    kind = factories.make_ticket_type(edition)
    visit = factories.make_extra(edition, name={"en": "Company visit"}, quota=1, most_each=2)
    with pytest.raises(refusals.ExtraGone) as refused:
        order(edition, wish(kind, extras={visit.public_id: 2}))
    assert refused.value.params == {"extra": "Company visit"}
    assert refused.value.field == f"p0-extra-{visit.public_id}"


def test_more_of_an_extra_than_one_person_may_have_is_refused(edition):
    kind = factories.make_ticket_type(edition)
    dinner = factories.make_extra(edition, most_each=1)
    with pytest.raises(Invalid) as refused:
        order(edition, wish(kind, extras={dinner.public_id: 2}))
    assert refused.value.params["most"] == 1


def test_who_waits_takes_no_place_of_an_extra(edition):
    kind = factories.make_ticket_type(edition, quota=0)
    dinner = factories.make_extra(edition, quota=1)
    order(edition, wish(kind, extras={dinner.public_id: 1}))
    assert dinner.taken == 0


def test_order_holds_as_many_people_as_the_edition_allows(app):
    edition = factories.make_edition(max_per_order=2)
    kind = factories.make_ticket_type(edition)
    order(edition, wish(kind), wish(kind))
    with pytest.raises(refusals.TooManyPeople) as refused:
        order(edition, wish(kind), wish(kind), wish(kind))
    assert refused.value.params == {"most": 2}


def test_required_question_must_be_answered(edition):
    kind = factories.make_ticket_type(edition)
    factories.make_question(edition, key="sector", required="always")
    with pytest.raises(Invalid) as refused:
        order(edition, wish(kind))
    assert refused.value.field == "p0-q-sector"
    (registration,) = registrations_of(order(edition, wish(kind, answers={"sector": "Wood"})))
    assert registration.answers == {"sector": "Wood"}


def test_person_who_is_named_later_needs_no_answers_yet(edition):
    kind = factories.make_ticket_type(edition)
    factories.make_question(edition, key="sector", required="always")
    first = wish(kind, answers={"sector": "Wood"})
    later = wish(kind, given_name="", family_name="", country="")
    named, unnamed = registrations_of(order(edition, first, later))
    assert (unnamed.name, unnamed.country, unnamed.email) == ("", "RS", named.email)


def test_edition_for_members_asks_for_a_member_organisation(app):
    edition = factories.make_edition(audience=Audience.MEMBERS)
    kind = factories.make_ticket_type(edition)
    factories.make_organisation(name="Кластер Ниш", is_member=True)
    factories.make_organisation(name="Firma", is_member=False)
    for name in ("", "Firma", "Nobody"):
        with pytest.raises(refusals.ForMembers) as refused:
            order(edition, wish(kind, organisation=name))
        assert refused.value.field == "p0-organisation"
        assert (type(refused.value) is refusals.MemberUnnamed) == (not name)
    (registration,) = registrations_of(order(edition, wish(kind, organisation="klaster nis")))
    assert registration.organisation.name == "Кластер Ниш"


def test_ticket_for_members_asks_for_a_member_organisation_in_an_open_edition(edition):
    kind = factories.make_ticket_type(edition, category=Category.MEMBER)
    with pytest.raises(refusals.ForMembers):
        order(edition, wish(kind, organisation="Firma"))


@pytest.mark.sql
def test_invitation_serves_one_registration(app):
    edition = factories.make_edition(audience=Audience.INVITED)
    kind = factories.make_ticket_type(edition)
    with pytest.raises(refusals.InvitationNeeded):
        order(edition, wish(kind))
    invitation = Invitation(edition_id=edition.id, email="guest@example.org")
    db.session.add(invitation)
    db.session.flush()
    order(edition, wish(kind), invitation=invitation.public_id)
    with pytest.raises(refusals.InvitationUsed):
        order(edition, wish(kind), invitation=invitation.public_id)


def test_invitation_to_the_signed_in_persons_own_address_needs_no_link(edition):
    kind = factories.make_ticket_type(edition, by_invitation=True)
    guest = factories.make_person(email="guest@example.org")
    with pytest.raises(refusals.InvitationNeeded):
        order(edition, wish(kind), by=guest)
    db.session.add(Invitation(edition_id=edition.id, email=guest.email))
    db.session.flush()
    placed = order(edition, wish(kind), by=guest, buyer=Buyer(email=guest.email))
    assert placed.state is OrderState.PAID


def test_one_address_cannot_be_flooded_with_mails(edition):
    kind = factories.make_ticket_type(edition)
    for _ in range(ordering.MOST_AN_HOUR):
        order(edition, wish(kind))
    with pytest.raises(refusals.TooManyOrders):
        order(edition, wish(kind))


def test_mistyped_address_can_be_corrected_before_it_is_confirmed(edition):
    placed = order(edition, wish(factories.make_ticket_type(edition)))
    ordering.correct_address(order=placed, email=" Mila@Example.org ")
    (registration,) = registrations_of(placed)
    assert (placed.email, registration.email) == ("mila@example.org", "mila@example.org")
    assert _mails()[-1] == ("confirm-registration", "mila@example.org")


def test_placing_an_order_takes_few_statements(edition, queries):
    kind = factories.make_ticket_type(edition)
    factories.make_question(edition, key="sector")
    db.session.commit()
    _ = (edition.payee.currency, edition.places, kind.public_id)
    queries.clear()
    ordering.place(
        edition=edition,
        wishes=[wish(kind)],
        buyer=Buyer(email="milica@example.org"),
        by=None,
        locale="en",
        expected_total=euros("0"),
    )
    db.session.commit()
    assert len(queries) <= 11, "\n".join(queries)


def test_order_code_has_eight_characters_and_finds_a_wrong_one(edition):
    placed = order(edition, wish(factories.make_ticket_type(edition)))
    shown = codes.show_code(placed.code)
    assert (len(placed.code), codes.read_code(shown.lower())) == (8, placed.code)
    swapped = ("0" if placed.code[0] != "0" else "1") + placed.code[1:]
    assert codes.read_code(swapped) is None


def test_visitors_pages_get_old_only_when_what_they_show_changes(edition):
    kind = factories.make_ticket_type(edition, quota=12)
    db.session.flush()
    versions = []
    for _ in range(12):
        order(edition, wish(kind), buyer=Buyer(email=f"{clock.now().timestamp()}@example.org"))
        db.session.refresh(edition, ["version"])
        versions.append(edition.version)
    changed = [n for n, (a, b) in enumerate(zip(versions, versions[1:], strict=False)) if a != b]
    # With 12 places: from 11 left to 10 left ("few"), and from 1 to none ("full").
    assert changed == [0, 10]


def test_address_that_others_type_again_and_again_gets_few_mails(edition):
    kind = factories.make_ticket_type(edition)
    for number in range(ordering.MOST_AN_HOUR):
        placed = order(edition, wish(kind), buyer=Buyer(email="victim@example.org"))
        ordering.correct_address(order=placed, email=f"mine{number}@example.org")
    with pytest.raises(refusals.TooManyOrders):
        order(edition, wish(kind), buyer=Buyer(email="victim@example.org"))
