"""Looking orders and registrations up: every look-up starts from what the person may see."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from conference.accounts.models import Person
from conference.core.errors import NotFound
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.models import Order, Registration
from conference.registrations.states import RegistrationState


def visible_to(person: Person) -> Select[Registration]:
    """The registrations of a person: their own place, and those of the orders that they placed."""
    return select(Registration).join(Registration.order).where(_is_own(person) | _is_buyer(person))


def _is_own(person: Person) -> ColumnElement[bool]:
    own: ColumnElement[bool] = Registration.person_id == person.id
    if person.confirmed_at is None:
        return own
    # Somebody else named this address; the order's own address was confirmed, so it is no guess.
    named = and_(
        Registration.person_id.is_(None),
        Registration.email == person.email,
        Order.confirmed_at.is_not(None),
    )
    return or_(own, named)


def _is_buyer(person: Person) -> ColumnElement[bool]:
    own: ColumnElement[bool] = Order.person_id == person.id
    if person.confirmed_at is None:
        return own
    return or_(own, and_(Order.person_id.is_(None), Order.email == person.email))


def orders_of(person: Person) -> Select[Order]:
    """The orders that a person placed."""
    return select(Order).where(_is_buyer(person))


def order_for(person: Person, public_id: str) -> Order:
    """An order of this person, or NotFound."""
    found: Order | None = db.session.scalars(
        orders_of(person)
        .where(Order.public_id == public_id)
        .options(joinedload(Order.edition).joinedload(Edition.payee))
    ).first()
    if found is None:
        raise NotFound()
    return found


def registration_for(person: Person, public_id: str) -> Registration:
    """A registration that this person may see, or NotFound."""
    found: Registration | None = db.session.scalars(
        visible_to(person)
        .where(Registration.public_id == public_id)
        .options(
            joinedload(Registration.order),
            joinedload(Registration.ticket_type),
            joinedload(Registration.edition),
        )
    ).first()
    if found is None:
        raise NotFound()
    return found


def is_buyer(person: Person, order: Order) -> bool:
    """Whether a person placed the order, and may see what it costs."""
    if order.person_id is not None:
        return order.person_id == person.id
    return person.confirmed_at is not None and order.email == person.email


def mine(person: Person, edition: Edition) -> list[Registration]:
    """What a person has in an edition, with order and ticket type, newest order first."""
    return list(
        db.session.scalars(
            visible_to(person)
            .where(Registration.edition_id == edition.id)
            .options(joinedload(Registration.order), joinedload(Registration.ticket_type))
            .order_by(Registration.order_id.desc(), Registration.id)
        )
    )


def live_of(person: Person, most: int = 20) -> list[Registration]:
    """What a person has in editions that are not over, for their front page."""
    gone = (RegistrationState.CANCELLED, RegistrationState.EXPIRED)
    return list(
        db.session.scalars(
            visible_to(person)
            .join(Registration.edition)
            .where(Registration.state.not_in(gone), Edition.state == "published")
            .options(
                joinedload(Registration.order),
                joinedload(Registration.ticket_type),
                joinedload(Registration.edition),
            )
            .order_by(Edition.starts_on, Registration.id)
            .limit(most)
        )
    )


def in_edition(edition: Edition, public_id: str) -> Registration:
    """For staff: a registration of this edition, or NotFound."""
    found: Registration | None = db.session.scalars(
        select(Registration).where(
            Registration.edition_id == edition.id, Registration.public_id == public_id
        )
    ).first()
    if found is None:
        raise NotFound()
    return found


def registrations_of(order: Order) -> list[Registration]:
    """The registrations of an order, first named first."""
    return list(
        db.session.scalars(
            select(Registration)
            .where(Registration.order_id == order.id)
            .options(joinedload(Registration.ticket_type))
            .order_by(Registration.id)
        )
    )


def by_badge_id(badge_id: str) -> Registration | None:
    """The registration whose badge carries this id (16 hexadecimal digits)."""
    found: Registration | None = db.session.scalars(
        select(Registration).where(Registration.badge_id == badge_id)
    ).first()
    return found


def by_order_code(edition: Edition, code: str) -> Order | None:
    """The order of this edition with a code, as codes.read_code answers it."""
    found: Order | None = db.session.scalars(
        select(Order).where(Order.edition_id == edition.id, Order.code == code)
    ).first()
    return found


def places_in_queue(registrations: Iterable[Registration]) -> dict[int, int]:
    """For each that waits, by row id: how many wait for its ticket type up to and including it."""
    ids = [one.id for one in registrations if one.state is RegistrationState.WAITING]
    if not ids:
        return {}
    before = aliased(Registration)
    rows = db.session.execute(
        select(Registration.id, func.count(before.id))
        .join(
            before,
            and_(
                before.edition_id == Registration.edition_id,
                before.ticket_type_id == Registration.ticket_type_id,
                before.state == RegistrationState.WAITING,
                before.queue_number <= Registration.queue_number,
            ),
        )
        .where(Registration.id.in_(ids))
        .group_by(Registration.id)
    )
    return {row[0]: row[1] for row in rows}
