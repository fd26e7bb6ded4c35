"""Offering free places to those who wait, strictly in the order of the list."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from conference import emails
from conference.core import clock, links, outbox, tokens
from conference.core.states import transition
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations import places
from conference.registrations.models import Order, Registration
from conference.registrations.refusals import OfferLapsed
from conference.registrations.service import catalogue, seats
from conference.registrations.states import REGISTRATION_TRANSITIONS, RegistrationState

_PLACE = REGISTRATION_TRANSITIONS
ANSWER = "place-offered"


def promote(edition: Edition) -> int:
    """Offer free places to those who wait, in the order of the list; answers how many were offered.

    Per ticket type nobody is passed over, except whose e-mail address is not confirmed yet. Nothing
    is offered once the edition has begun.
    """
    if clock.now() >= catalogue.begins_at(edition):
        return 0
    places.lock(edition)
    offered, full = 0, set[int]()
    while (registration := _next_in_line(edition, full)) is not None:
        if seats.seat_again(registration):
            _offer(registration)
            offered += 1
            continue
        db.session.refresh(edition, attribute_names=["places", "places_taken"])
        if places.left(edition.places, edition.places_taken) == 0:
            break
        full.add(registration.ticket_type_id)
    return offered


def _next_in_line(edition: Edition, full: set[int]) -> Registration | None:
    found: Registration | None = db.session.scalars(
        select(Registration)
        .join(Registration.order)
        .where(
            Registration.edition_id == edition.id,
            Registration.state == RegistrationState.WAITING,
            Registration.ticket_type_id.not_in(full),
            Order.confirmed_at.is_not(None),
        )
        .order_by(Registration.queue_number)
        .limit(1)
    ).first()
    return found


def _offer(registration: Registration) -> None:
    edition = registration.edition
    ends = clock.now() + timedelta(hours=edition.offer_hours)
    registration.offered_until_at = min(ends, catalogue.begins_at(edition))
    transition(registration, RegistrationState.OFFERED, _PLACE, by=None)
    _send_link(registration, registration.offered_until_at)


def _send_link(registration: Registration, ends: datetime) -> None:
    raw = tokens.issue(
        ANSWER,
        lasts=ends - clock.now(),
        email=registration.email,
        data={"registration": registration.public_id},
    )
    code = registration.edition.code
    link = links.to(code, "registrations", "offers", raw)
    emails.place_offered(registration, price=seats.price_of(registration), link=link)


def send_again(*, registration: Registration, before: str = "") -> None:
    """A new link to the same offer, with the same deadline; the old one dies.

    `before` is the address that the old one went to, when it was corrected meanwhile.
    """
    ends = registration.offered_until_at
    if registration.state is not RegistrationState.OFFERED or ends is None or ends <= clock.now():
        raise OfferLapsed()
    about = {"registration": registration.public_id}
    for email in {registration.email, before or registration.email}:
        tokens.revoke(ANSWER, email=email, data=about)
    outbox.supersede("place-offered", about=registration.public_id)
    _send_link(registration, ends)
