"""What registrations do when their edition changes: the hooks that editions declare."""

from __future__ import annotations

from sqlalchemy import exists, select

from conference.core.errors import N_, Conflict
from conference.editions.local_times import same_hands
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.models import Extra, Order, OrderLine, Price, Registration, TicketType
from conference.registrations.service import offering
from conference.registrations.states import HOLDS_PLACE, OrderState, RegistrationState

RELIES = HOLDS_PLACE | {RegistrationState.WAITING}
OVER = frozenset({OrderState.EXPIRED, OrderState.CANCELLED})


class PeopleRely(Conflict):
    """Somebody is registered or waits."""

    message = N_(
        "People are registered or wait for a place; they must go on seeing this edition. To stop "
        "registrations, close them under “Registration”."
    )


def refuse_withdrawing(edition: Edition) -> None:
    """Whoever holds a place or waits for one must find the page again."""
    relies = exists().where(Registration.edition_id == edition.id, Registration.state.in_(RELIES))
    if db.session.scalar(select(relies)):
        raise PeopleRely()


def offer_places(edition: Edition) -> None:
    """There are more places than before: those who wait are asked, in order."""
    offering.promote(edition)


def keep_the_hands(edition: Edition, old_zone: str) -> None:
    """Price steps and extras stay at the hour that was typed."""
    for price in db.session.scalars(
        select(Price).join(TicketType).where(TicketType.edition_id == edition.id)
    ):
        price.from_at = same_hands(price.from_at, old_zone, edition.zone)
        price.until_at = same_hands(price.until_at, old_zone, edition.zone)
    for extra in db.session.scalars(select(Extra).where(Extra.edition_id == edition.id)):
        extra.starts_at = same_hands(extra.starts_at, old_zone, edition.zone)
        extra.ends_at = same_hands(extra.ends_at, old_zone, edition.zone)
    db.session.flush()


def money_is_asked(edition: Edition) -> bool:
    """Whether somebody agreed to a price that still counts."""
    agreed = (
        select(OrderLine.id)
        .join(Order, OrderLine.order_id == Order.id)
        .where(
            Order.edition_id == edition.id,
            Order.state.not_in(OVER),
            OrderLine.amount_minor > 0,
            OrderLine.dropped_at.is_(None),
        )
        .limit(1)
    )
    return db.session.scalar(agreed) is not None
