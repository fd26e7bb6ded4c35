"""Placing an order: prices and places decided on the server, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from conference import emails
from conference.accounts.models import Person
from conference.accounts.people import normal_email
from conference.core import audit, clock, geo, links, text, tokens
from conference.core.errors import Invalid, InvalidTransition
from conference.core.model import new_public_id
from conference.core.money import Money
from conference.core.outbox import OutboundMail
from conference.editions.models import Edition
from conference.extensions import db
from conference.organisations.models import Organisation
from conference.questions import engine
from conference.questions import service as questions
from conference.registrations import codes, naming
from conference.registrations.models import Order, OrderLine, Registration, RegistrationDraft
from conference.registrations.queries import registrations_of
from conference.registrations.refusals import (
    NotOpenYet,
    PriceChanged,
    RegistrationClosed,
    TooManyOrders,
)
from conference.registrations.service import admission, catalogue, confirming, seats
from conference.registrations.service.quoting import Priced, Quote, quote
from conference.registrations.states import OrderState, RegistrationState
from conference.registrations.wishes import Buyer, Wish

CONFIRM_WITHIN = timedelta(hours=24)
MOST_AN_HOUR = 5


def place(
    *,
    edition: Edition,
    wishes: Sequence[Wish],
    buyer: Buyer,
    by: Person | None,
    locale: str,
    expected_total: Money,
    draft: RegistrationDraft | None = None,
    invitation: str | None = None,
) -> Order:
    """Place an order; a second call with the same draft answers the order of the first.

    Whoever finds no place goes on the waiting list (see `Wish.may_wait`). `expected_total` is what
    the person was shown: the sum for everybody, those who wait included. The order waits for the
    address to be confirmed, unless `by` is signed in with that very address.
    """
    if draft is not None and (placed := _placed_before(draft)) is not None:
        return placed
    _refuse_outside_window(edition)
    priced = quote(edition, wishes)
    if priced.total != expected_total:
        raise PriceChanged(old=expected_total, new=priced.total)
    organisations = admission.organisations_named({wish.organisation for wish in wishes})
    invited = admission.check(edition, priced.people, organisations, invitation=invitation, by=by)
    _refuse_missing_answers(edition, priced)
    email = normal_email(buyer.email)
    code = _free_code(email, by)
    seated = seats.seat_all(edition, priced.people)
    order = _order(edition, buyer, email, locale, code, priced, seated)
    registrations = _registrations(order, priced.people, seated, organisations)
    if draft is not None:
        draft.order = order
    db.session.flush()
    if invited is not None:
        admission.use_up(invited, registrations[0])
    audit.record("order.placed", about=order, by=by, people=len(registrations))
    if by is not None and by.confirmed_at is not None and by.email == email:
        confirming.confirm_address(order=order, person=by)
    else:
        ask_to_confirm(order)
    db.session.flush()
    return order


def ask_to_confirm(order: Order) -> None:
    """Send the link that proves the address; it works while the order has that address."""
    raw = tokens.issue(
        confirming.CONFIRM, lasts=CONFIRM_WITHIN, email=order.email, data={"order": order.public_id}
    )
    link = links.to(order.edition.code, "registrations", "confirm", raw)
    emails.confirm_registration(order, link=link)


def _placed_before(draft: RegistrationDraft) -> Order | None:
    """Of two presses at once the second waits here and finds the order of the first."""
    db.session.refresh(draft, with_for_update=True)
    return draft.order


def _refuse_outside_window(edition: Edition) -> None:
    window = catalogue.window(edition)
    if window is catalogue.Window.NOT_YET:
        raise NotOpenYet()
    if window is not catalogue.Window.OPEN:
        raise RegistrationClosed()


def _refuse_missing_answers(edition: Edition, priced: Quote) -> None:
    asked = questions.asked(edition)
    if not asked:
        return
    for number, person in enumerate(priced.people):
        missing = engine.missing(asked, person.wish.answers, context_of(person))
        if missing and not _named_later(number, person.wish):
            raise Invalid(engine.REQUIRED, field=f"p{number}-q-{missing[0].key}")


def context_of(person: Priced) -> dict[str, str]:
    """What conditions of questions may ask about a person besides answers."""
    kind = person.ticket_type
    return {
        "ticket_type": kind.public_id,
        "category": kind.category.value,
        "country": person.wish.country,
    }


def _named_later(number: int, wish: Wish) -> bool:
    return number > 0 and not (wish.given_name or wish.family_name)


def _free_code(email: str, by: Person | None) -> str:
    """A code that no order has; refuses an address that is used again and again by strangers."""
    while True:
        code = codes.new_code()
        asked = select(OutboundMail.message_id).where(*_asked_lately(OutboundMail.to == email))
        taken = list(
            db.session.scalars(select(Order.code).where(Order.code == code).union_all(asked))
        )
        if code not in taken:
            break
    if len(taken) >= MOST_AN_HOUR and (by is None or by.email != email):
        raise TooManyOrders(field="email")
    return code


def _asked_lately(of: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    """Mails of the last hour that ask to confirm: whoever orders may type anybody's address."""
    since = clock.now() - timedelta(hours=1)
    return of, OutboundMail.name == "confirm-registration", OutboundMail.created_at > since


def _order(
    edition: Edition,
    buyer: Buyer,
    email: str,
    locale: str,
    code: str,
    priced: Quote,
    seated: Sequence[bool],
) -> Order:
    due = [p.amount for p, has_place in zip(priced.people, seated, strict=True) if has_place]
    order = Order(
        public_id=new_public_id(),
        code=code,
        edition=edition,
        email=email,
        locale=locale,
        confirm_by_at=clock.now() + CONFIRM_WITHIN,
        currency=priced.currency,
        total_minor=Money.total(due, priced.currency).minor,
        pays_by=buyer.pays_by,
        invoice_name=text.plain_line(buyer.invoice_name)[:200],
        invoice_address=text.plain_text(buyer.invoice_address),
        invoice_country=buyer.invoice_country or None,
        invoice_tax_id=buyer.invoice_tax_id,
    )
    db.session.add(order)
    return order


def _registrations(
    order: Order,
    people: Sequence[Priced],
    seated: Sequence[bool],
    organisations: dict[str, Organisation],
) -> list[Registration]:
    queue = 0 if all(seated) else seats.last_queue_number(order.edition)
    made = []
    for number, (person, has_place) in enumerate(zip(people, seated, strict=True)):
        queue += not has_place
        waits = {} if has_place else {"state": RegistrationState.WAITING, "queue_number": queue}
        registration = Registration(
            public_id=new_public_id(),
            edition=order.edition,
            order=order,
            ticket_type=person.ticket_type,
            organisation=organisations.get(person.wish.organisation),
            badge_id=secrets.token_hex(8),
            **_details(number, person.wish, order.email, people[0].wish.country),
            **waits,
        )
        db.session.add(registration)
        db.session.add_all(_lines(order, registration, person))
        made.append(registration)
    return made


def _details(number: int, wish: Wish, buyer_email: str, country: str) -> dict[str, Any]:
    email = normal_email(wish.email) or buyer_email
    country = wish.country or country
    if not geo.is_country(country):
        raise Invalid(field=f"p{number}-country")
    return {
        **naming.columns(
            given_name=wish.given_name,
            family_name=wish.family_name,
            latin_name=wish.latin_name,
            organisation=wish.organisation,
            email=email,
        ),
        "email": email,
        "organisation_name": text.plain_line(wish.organisation)[:200],
        "position": text.plain_line(wish.position)[:120],
        "country": country,
        "answers": dict(wish.answers),
        "diet": text.plain_text(wish.diet),
        "accessibility": text.plain_text(wish.accessibility),
        "wants_visa_letter": wish.wants_visa_letter,
        "is_listed": wish.is_listed,
    }


def _lines(order: Order, registration: Registration, person: Priced) -> list[OrderLine]:
    ticket = OrderLine(
        order=order,
        registration=registration,
        ticket_type_id=person.ticket_type.id,
        text=_line_text(person),
        amount_minor=person.price.minor,
    )
    extras = [
        OrderLine(
            order=order,
            registration=registration,
            extra=booked.extra,
            text=dict(booked.extra.name),
            quantity=booked.quantity,
            amount_minor=booked.price.minor,
        )
        for booked in person.booked
    ]
    return [ticket, *extras]


def _line_text(person: Priced) -> dict[str, str]:
    """The ticket with its price's label: "Regular (early)"."""
    return {
        language: f"{name} ({label})" if (label := person.price_label.get(language)) else name
        for language, name in person.ticket_type.name.items()
    }


def correct_address(*, order: Order, email: str, by: Person | None = None) -> None:
    """Before it is confirmed: the buyer mistyped the address; the place is kept as it is."""
    if order.state is not OrderState.PLACED:
        raise InvalidTransition()
    old, new = order.email, normal_email(email)
    _refuse_a_flood(order, new)
    order.email = new
    for registration in registrations_of(order):
        if registration.email == old:
            registration.email = new
    audit.record("order.address_corrected", about=order, by=by)
    ask_to_confirm(order)
    db.session.flush()


def send_again(*, order: Order) -> None:
    """Send the mail with the link once more; refused when it went several times within the hour."""
    if order.state is not OrderState.PLACED:
        raise InvalidTransition()
    _refuse_a_flood(order, order.email)
    ask_to_confirm(order)


def _refuse_a_flood(order: Order, email: str) -> None:
    concerned = or_(OutboundMail.to == email, OutboundMail.about == order.public_id)
    sent = db.session.scalar(select(func.count(OutboundMail.id)).where(*_asked_lately(concerned)))
    if (sent or 0) >= MOST_AN_HOUR:
        raise TooManyOrders(field="email")
