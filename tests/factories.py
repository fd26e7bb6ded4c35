"""Plain functions that make rows with boring defaults; a test states only what it is about."""

from __future__ import annotations

import itertools
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from conference.accounts.models import Person
from conference.checkin.models import CheckinList
from conference.core import clock, text
from conference.core.permissions import Role
from conference.editions.models import Edition, Payee, Place, RoleGrant
from conference.editions.states import EditionState
from conference.extensions import db
from conference.organisations.models import Organisation, OrganisationKind
from conference.questions.models import Question
from conference.registrations.models import Extra, Order, OrderLine, Price, Registration, TicketType
from conference.registrations.states import OrderState, RegistrationState

_number = itertools.count(1)


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def in_days(days: float) -> datetime:
    """An instant some days from now."""
    return clock.now() + timedelta(days=days)


def on_day(days: int) -> date:
    """A date some days from today (UTC)."""
    return in_days(days).date()


def make_person(**overrides: Any) -> Person:
    number = next(_number)
    values = {
        "email": f"person{number}@example.org",
        "given_name": "Jelena",
        "family_name": f"Petrović {number}",
        "confirmed_at": clock.now(),
        "country": "RS",
        **overrides,
    }
    values.setdefault("search_key", text.search_key(values["given_name"], values["family_name"]))
    return _add(Person(**values))


def make_organisation(**overrides: Any) -> Organisation:
    number = next(_number)
    values = {
        "name": f"Klaster {number}",
        "kind": OrganisationKind.CLUSTER,
        "country": "RS",
        "seat": "Niš",
        **overrides,
    }
    values.setdefault("search_key", text.search_key(values["name"], values["seat"]))
    values.setdefault("sort_key", text.fold(values["name"]))
    values.setdefault("checked_at", clock.now())
    return _add(Organisation(**values))


def make_payee(**overrides: Any) -> Payee:
    values = {
        "name": "Cluster House",
        "address": "Generala Milojka Lešjanina 52\n18000 Niš",
        "country": "RS",
        "currency": "EUR",
        "iban": "RS35105008123123123173",
        "bic": "AIKBRS22",
        "bank": "AIK Banka",
        "domestic_account": "105008123123123173",
        "invoice_prefix": "CH",
        **overrides,
    }
    return _add(Payee(**values))


def make_edition(**overrides: Any) -> Edition:
    """A published edition, three days long, 60 days from now, open for registration."""
    number = next(_number)
    values: dict[str, Any] = {
        "code": f"edition-{number}",
        "state": EditionState.PUBLISHED,
        "published_at": clock.now(),
        "name": {"en": f"Days of Clusters {number}", "sr": f"Дани кластера {number}"},
        "city": {"en": "Ohrid", "sr": "Охрид"},
        "country": "MK",
        "zone": "Europe/Skopje",
        "starts_on": on_day(60),
        "ends_on": on_day(62),
        "registration_opens_at": in_days(-10),
        "registration_closes_at": in_days(50),
        "cancel_until_at": in_days(40),
        "contact_email": "office@example.org",
        **overrides,
    }
    if "payee" not in values and "payee_id" not in values:
        values["payee"] = make_payee()
    return _add(Edition(**values))


def make_place(edition: Edition, **overrides: Any) -> Place:
    values = {
        "name": {"en": "Hotel Metropol", "sr": "Хотел Метропол"},
        "address": "St Nikola Square 1",
        "city": {"en": "Ohrid", "sr": "Охрид"},
        "country": "MK",
        "starts_at": in_days(60),
        "ends_at": in_days(62),
        **overrides,
    }
    return _add(Place(edition_id=edition.id, **values))


def make_ticket_type(edition: Edition, *, amount: int = 0, **overrides: Any) -> TicketType:
    """A ticket type with one price, in minor units of the payee's currency."""
    values = {"name": {"en": "Regular", "sr": "Редовна"}, **overrides}
    kind: TicketType = _add(TicketType(edition_id=edition.id, **values))
    _add(Price(ticket_type_id=kind.id, amount_minor=amount))
    return kind


def make_extra(edition: Edition, **overrides: Any) -> Extra:
    values = {"name": {"en": "Gala dinner", "sr": "Свечана вечера"}, **overrides}
    return _add(Extra(edition_id=edition.id, **values))


def make_question(edition: Edition, **overrides: Any) -> Question:
    number = next(_number)
    values = {
        "key": f"question{number}",
        "kind": "short_text",
        "label": {"en": f"Question {number}", "sr": f"Питање {number}"},
        **overrides,
    }
    return _add(Question(edition_id=edition.id, **values))


def make_order(edition: Edition, **overrides: Any) -> Order:
    """A confirmed order that waits for payment, without lines: `make_registration` adds them."""
    number = next(_number)
    values: dict[str, Any] = {
        "code": f"T{number:07d}",
        "email": f"buyer{number}@example.org",
        "locale": "en",
        "state": OrderState.AWAITING_PAYMENT,
        "confirmed_at": clock.now(),
        "currency": "EUR",
        "total_minor": 0,
        "due_at": in_days(14),
        **overrides,
    }
    return _add(Order(edition_id=edition.id, **values))


def make_registration(
    edition: Edition,
    *,
    ticket_type: TicketType | None = None,
    order: Order | None = None,
    **overrides: Any,
) -> Registration:
    """A confirmed registration in a paid order, with its line and its place taken."""
    ticket_type = ticket_type or make_ticket_type(edition)
    state = overrides.get("state", RegistrationState.CONFIRMED)
    if order is None:
        paid = state is RegistrationState.CONFIRMED
        order_state = OrderState.PAID if paid else OrderState.AWAITING_PAYMENT
        order = make_order(edition, state=order_state, person=overrides.get("person"))
    number = next(_number)
    values: dict[str, Any] = {
        "state": state,
        "given_name": "Đorđe",
        "family_name": f"Ilić {number}",
        "email": f"delegate{number}@example.org",
        "country": "RS",
        "badge_id": secrets.token_hex(8),
        "confirmed_at": clock.now() if state is RegistrationState.CONFIRMED else None,
        "cancelled_at": clock.now() if state is RegistrationState.CANCELLED else None,
        "queue_number": number if state is RegistrationState.WAITING else None,
        "offered_until_at": in_days(2) if state is RegistrationState.OFFERED else None,
        **overrides,
    }
    full = f"{values['given_name']} {values['family_name']}"
    values.setdefault("search_key", text.search_key(f"{full} {values['email']}"))
    values.setdefault("sort_key", text.fold(f"{values['family_name']} {values['given_name']}"))
    made: Registration = _add(
        Registration(
            edition_id=edition.id, order_id=order.id, ticket_type_id=ticket_type.id, **values
        )
    )
    amount = ticket_type.prices[0].amount_minor if ticket_type.prices else 0
    _add(
        OrderLine(
            order_id=order.id,
            registration_id=made.id,
            ticket_type_id=ticket_type.id,
            text=ticket_type.name,
            amount_minor=amount,
        )
    )
    order.total_minor += amount
    if state in {RegistrationState.CONFIRMED, RegistrationState.PENDING, RegistrationState.OFFERED}:
        ticket_type.taken += 1
        edition.places_taken += 1
    db.session.flush()
    return made


def make_checkin_list(edition: Edition, **overrides: Any) -> CheckinList:
    values = {"name": {"en": "Arrival", "sr": "Долазак"}, **overrides}
    return _add(CheckinList(edition_id=edition.id, **values))


def give_role(person: Person, edition: Edition | None, role: Role, **overrides: Any) -> RoleGrant:
    values = {"ends_on": on_day(365), **overrides}
    return _add(
        RoleGrant(
            person_id=person.id, edition_id=edition.id if edition else None, role=role, **values
        )
    )
