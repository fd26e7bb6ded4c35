"""Offering free places to those who wait, strictly in the order of the list."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from conference import emails
from conference.core import clock, links, tokens
from conference.core.states import transition
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations import places
from conference.registrations.models import Order, Registration
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
    raw = tokens.issue(
        ANSWER,
        lasts=registration.offered_until_at - clock.now(),
        email=registration.email,
        data={"registration": registration.public_id},
    )
    emails.place_offered(registration, link=links.to(edition.code, "registrations", "offers", raw))
