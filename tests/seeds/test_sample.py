"""The sample is consistent, complete, in two languages, and invented."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from conference.accounts import vault
from conference.accounts.models import Person
from conference.checkin.models import Admission, Scan, ScanResult
from conference.core import audit, clock
from conference.core.outbox import MailState, OutboundMail
from conference.core.permissions import Role
from conference.core.text import search_terms
from conference.editions import roles
from conference.editions.models import Edition, InSeries, RoleGrant
from conference.editions.states import EditionState
from conference.extensions import db
from conference.organisations import identifiers
from conference.organisations.models import Organisation, OrganisationKind
from conference.payments.models import Invoice, NumberSeries
from conference.payments.service import ledger
from conference.questions import engine
from conference.questions import service as questions
from conference.questions.kinds import Kind
from conference.registrations.models import Extra, Order, OrderLine, Registration, TicketType
from conference.registrations.service import catalogue
from conference.registrations.states import HOLDS_PLACE, OrderState, RegistrationState
from seeds import cast, loader


def _all(kind: Any, *where: Any) -> list[Any]:
    return list(db.session.scalars(select(kind).where(*where)))


def _edition(code: str) -> Edition:
    return db.session.scalars(select(Edition).where(Edition.code == code)).one()


def test_a_database_with_people_is_left_alone(sample: Any, tmp_path: Any) -> None:
    before = db.session.scalar(select(func.count(Person.id)))
    with pytest.raises(loader.NotEmpty):
        loader.load(files=tmp_path, demo=True)
    assert db.session.scalar(select(func.count(Person.id))) == before


def test_the_clock_goes_on_as_before(sample: Any) -> None:
    assert clock._source is clock._system


def test_places_taken_are_the_registrations_that_hold_one(sample: Any) -> None:
    held = Registration.state.in_(HOLDS_PLACE)
    for edition in _all(Edition):
        assert edition.places_taken == len(
            _all(Registration, held, Registration.edition_id == edition.id)
        )
    for kind in _all(TicketType):
        assert kind.taken == len(_all(Registration, held, Registration.ticket_type_id == kind.id))


def test_extras_taken_are_the_lines_of_those_who_hold_a_place(sample: Any) -> None:
    for extra in _all(Extra):
        booked = db.session.scalar(
            select(func.coalesce(func.sum(OrderLine.quantity), 0))
            .join(Registration, Registration.id == OrderLine.registration_id)
            .where(
                OrderLine.extra_id == extra.id,
                OrderLine.dropped_at.is_(None),
                Registration.state.in_(HOLDS_PLACE),
            )
        )
        assert extra.taken == booked, extra.name


def test_a_paid_order_owes_nothing_and_one_was_paid_too_much(sample: Any) -> None:
    balances = [
        ledger.balance(order).minor for order in _all(Order, Order.state == OrderState.PAID)
    ]
    assert Counter(balances) == {0: len(balances) - 1, -2000: 1}


def test_what_is_charged_is_what_the_lines_cost(sample: Any) -> None:
    for order in _all(Order, Order.state == OrderState.PAID):
        lines = _all(OrderLine, OrderLine.order_id == order.id, OrderLine.dropped_at.is_(None))
        assert order.total_minor == sum(line.amount_minor * line.quantity for line in lines)
        assert ledger.account(order).price == order.total_minor


def test_every_state_is_there(sample: Any) -> None:
    assert set(db.session.scalars(select(Order.state))) == set(OrderState)
    assert set(db.session.scalars(select(Registration.state))) == set(RegistrationState)
    assert set(db.session.scalars(select(Edition.state))) == set(EditionState)


def test_money_stands_everywhere_that_finance_looks(sample: Any) -> None:
    waiting = _all(Order, Order.state == OrderState.AWAITING_PAYMENT)
    overdue = [order for order in waiting if order.due_at < clock.now()]
    partly = [order for order in waiting if ledger.account(order).received > 0]
    to_return = [order for order in _all(Order) if ledger.to_give_back(order).minor > 0]
    assert (len(overdue), len(partly)) == (2, 1)
    assert {order.state for order in to_return} == {OrderState.PAID, OrderState.CANCELLED}
    assert {order.currency for order in waiting} == {"EUR", "RSD"}


def test_invoice_numbers_have_no_gaps(sample: Any) -> None:
    for series in _all(NumberSeries):
        mine = (Invoice.payee_id == series.payee_id, Invoice.kind == series.kind)
        numbers = sorted(
            paper.number for paper in _all(Invoice, *mine, Invoice.year == series.year)
        )
        assert numbers == list(range(1, series.last + 1))


def test_ohrid_is_open_with_the_regular_price_and_people_from_27_countries(sample: Any) -> None:
    ohrid = _edition("ohrid-2016")
    assert catalogue.window(ohrid) is catalogue.Window.OPEN
    assert (ohrid.starts_on.weekday(), (ohrid.ends_on - ohrid.starts_on).days) == (3, 2)
    offer = next(o for o in catalogue.on_sale(ohrid) if o.ticket_type.name["en"] == "Participant")
    assert (offer.price_label["en"], offer.price.minor) == ("regular", 24000)
    confirmed = _all(
        Registration,
        Registration.edition_id == ohrid.id,
        Registration.state == RegistrationState.CONFIRMED,
    )
    assert len({one.country for one in confirmed}) == 27
    days = {one.created_at.date() for one in confirmed}
    assert len(days) > 25


def test_nis_is_full_and_its_waiting_list_is_in_order(sample: Any) -> None:
    nis = _edition("balkan-cluster-day")
    assert (nis.places, nis.places_taken) == (100, 100)
    mine = Registration.edition_id == nis.id
    waits = _all(Registration, mine, Registration.state == RegistrationState.WAITING)
    offered = _all(Registration, mine, Registration.state == RegistrationState.OFFERED)
    assert len(waits) > 5
    assert len(offered) == 1
    assert offered[0].queue_number < min(one.queue_number for one in waits)


def test_true_dates_of_the_archive_and_three_series_of_bucharest(sample: Any) -> None:
    archived = _all(Edition, Edition.state == EditionState.ARCHIVED)
    assert {e.code: (e.starts_on.isoformat(), e.ends_on.isoformat()) for e in archived} == {
        "sofia-2016": ("2016-04-22", "2016-04-22"),
        "bucharest-2017": ("2017-11-22", "2017-11-23"),
    }
    numbers = {
        row.series.name["en"]: row.number
        for row in _all(InSeries)
        if row.edition.code == "bucharest-2017"
    }
    assert sorted(numbers.values(), key=str) == [6, 8, None]


def test_scans_of_the_archive_add_up_to_its_admissions(sample: Any) -> None:
    valid = db.session.scalar(select(func.count(Scan.id)).where(Scan.result == ScanResult.VALID))
    assert valid == db.session.scalar(select(func.count(Admission.id))) > 60
    assert ScanResult.ALREADY_IN in set(db.session.scalars(select(Scan.result)))


def test_every_kind_of_question_is_asked_and_the_answers_fit(sample: Any) -> None:
    ohrid = _edition("ohrid-2016")
    asked = questions.asked(ohrid)
    assert {one.kind for one in asked} == set(Kind)
    kinds = {kind.id: kind for kind in _all(TicketType)}
    answered: set[str] = set()
    for one in _all(Registration, Registration.edition_id == ohrid.id):
        if not one.given_name:
            continue
        category = kinds[one.ticket_type_id].category.value
        context = {"category": category, "country": one.country}
        assert engine.missing(asked, one.answers, context) == [], one.email
        answered |= one.answers.keys()
    assert answered == {one.key for one in asked}


def test_all_addresses_are_invented(sample: Any) -> None:
    addresses = [
        *db.session.scalars(select(Person.email)),
        *db.session.scalars(select(Registration.email)),
        *db.session.scalars(select(Order.email)),
        *db.session.scalars(select(OutboundMail.to)),
        *db.session.scalars(select(Edition.contact_email).where(Edition.contact_email != "")),
    ]
    assert {address.rpartition("@")[2] for address in addresses} == {"example.org"}


def test_one_family_name_in_three_spellings_is_found_by_each(sample: Any) -> None:
    found = []
    for typed in ("Ђорђевић", "Đorđević", "Djordjevic"):
        terms = search_terms(typed)
        people = _all(Person, *(Person.search_key.contains(term) for term in terms))
        found.append({person.name for person in people})
    assert found[0] == found[1] == found[2]
    assert found[0] == {"Милица Ђорђевић", "Milica Djordjevic", "Marko Đorđević", "Milica Đorđević"}


def test_organisations_of_every_kind_with_right_numbers(sample: Any) -> None:
    rows = _all(Organisation)
    assert {row.kind for row in rows} == set(OrganisationKind)
    for row in rows:
        if row.tax_id:
            assert identifiers.tax_id(row.country, row.tax_id).ok
            assert identifiers.registration_number(row.country, row.registration_number).ok


def test_the_cast_signs_in_and_the_staff_have_a_second_factor(sample: Any) -> None:
    fits: set[bool] = set()
    for key in ("administrator", "finance", "door", "delegate", "manager", "speaker"):
        person = db.session.scalars(
            select(Person).where(Person.email == f"{key}@example.org")
        ).one()
        fits.add(vault.password_fits(cast.PASSWORD, person.password)[0])
        is_staff = bool(_all(RoleGrant, RoleGrant.person_id == person.id))
        assert (person.tf_totp_secret is not None) == is_staff
        if is_staff:
            code = vault.totp_now(person.tf_totp_secret)
            assert vault.totp_counter(code, person.tf_totp_secret, last=None) is not None
    assert fits == {True}


def test_each_role_is_held_in_ohrid(sample: Any) -> None:
    ohrid = _edition("ohrid-2016")
    held = {role for person in _all(Person) for role in roles.roles_of(person, ohrid)}
    assert held == set(Role)


def test_only_the_cast_has_passwords(sample: Any) -> None:
    with_password = _all(Person, Person.password.is_not(None))
    assert {person.email.partition("@")[0] for person in with_password} == {
        *("administrator", "organiser", "chair", "reviewer", "finance", "door"),
        *("officer", "approver", "delegate", "manager", "speaker"),
    }


def test_nothing_is_left_to_send_and_no_link_works(sample: Any) -> None:
    assert set(db.session.scalars(select(OutboundMail.state))) == {MailState.SENT}
    mails = _all(OutboundMail)
    assert all(mail.subject and mail.secrets is None for mail in mails)


def test_the_audit_chain_is_whole_and_in_the_order_of_time(sample: Any) -> None:
    assert audit.first_break() is None
    times = list(
        db.session.scalars(select(audit.AuditEntry.at).order_by(audit.AuditEntry.position))
    )
    assert times == sorted(times)


def test_the_table_of_the_cast_names_everybody(sample: Any) -> None:
    settings = {"BASE_URL": "http://x", "MAILBOX_URL": "http://mail/", "ENVIRONMENT": "demo"}
    text = cast.table(settings)
    assert text.count("@example.org") == 12  # eleven people, one in the hint
    assert cast.PASSWORD in text
    assert cast.PASSWORD not in cast.table({**settings, "ENVIRONMENT": "production"})
