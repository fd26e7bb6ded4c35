"""What organisers put on sale: ticket types with their prices, extras, invitations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from conference import emails
from conference.accounts.models import Person
from conference.accounts.people import normal_email
from conference.core import audit, clock, links
from conference.core.errors import N_, Invalid, NotFound
from conference.editions import stamps
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations import places, pricing
from conference.registrations.models import Extra, Invitation, Price, TicketType
from conference.registrations.service import offering

BELOW_TAKEN = N_("%(taken)s are taken already; the limit cannot be lower.")
OVERLAP = N_("Two prices count at the same time. Please let one end when the next begins.")
ENDS_FIRST = N_("The end lies before the beginning.")
NO_PAYEE = N_("Choose a payee for this edition first: without one nothing can cost money.")
NO_NAME = N_("Please write the name in at least one language.")
NO_PRICE = N_("Please give at least one price; it may be zero.")
INVITED_ALREADY = N_("This address is invited already.")

TICKET_FIELDS = ("name", "description", "category", "quota", "by_invitation")
EXTRA_FIELDS = (
    "name",
    "description",
    "place",
    "starts_at",
    "ends_at",
    "amount_minor",
    "quota",
    "most_each",
    "asks_diet",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One price as typed."""

    label: dict[str, str]
    amount_minor: int
    from_at: datetime | None
    until_at: datetime | None


def ticket_types(edition: Edition) -> list[TicketType]:
    """All types, hidden ones too, in order."""
    query = select(TicketType).where(TicketType.edition_id == edition.id)
    return list(db.session.scalars(query.order_by(TicketType.position, TicketType.id)))


def extras(edition: Edition) -> list[Extra]:
    """All extras, hidden ones too, in order."""
    query = select(Extra).where(Extra.edition_id == edition.id)
    return list(db.session.scalars(query.order_by(Extra.position, Extra.id)))


def one_type(edition: Edition, public_id: str) -> TicketType:
    """A ticket type of this edition, or NotFound."""
    return _one(TicketType, edition, public_id)  # type: ignore[no-any-return]


def one_extra(edition: Edition, public_id: str) -> Extra:
    """An extra of this edition, or NotFound."""
    return _one(Extra, edition, public_id)  # type: ignore[no-any-return]


def _one(kind: Any, edition: Edition, public_id: str) -> Any:
    found = db.session.scalars(
        select(kind).where(kind.edition_id == edition.id, kind.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound()
    return found


def prices_of(kind: TicketType) -> list[Price]:
    """The prices of a type in the order of time."""
    rows = db.session.scalars(select(Price).where(Price.ticket_type_id == kind.id)).all()
    return sorted(rows, key=lambda p: (p.from_at.timestamp() if p.from_at else 0.0, p.id))


def save_ticket_type(
    *,
    edition: Edition,
    kind: TicketType | None,
    values: Mapping[str, Any],
    steps: Sequence[Step],
    by: Person,
) -> TicketType:
    """Add a type (`kind` None) or change one, with all its prices. Prices agreed stay agreed."""
    places.lock(edition)
    _refuse_bad_values(edition, values, steps, kind)
    if kind is None:
        kind = TicketType(edition_id=edition.id, position=_next_position(TicketType, edition))
        db.session.add(kind)
    for name in TICKET_FIELDS:
        setattr(kind, name, values[name])
    db.session.flush()
    db.session.execute(delete(Price).where(Price.ticket_type_id == kind.id))
    db.session.expire(kind, ["prices"])
    db.session.add_all(
        Price(
            ticket_type_id=kind.id,
            label=step.label,
            amount_minor=step.amount_minor,
            from_at=step.from_at,
            until_at=step.until_at,
        )
        for step in steps
    )
    _changed(edition, "ticket_type.saved", by, ticket_type=kind.public_id)
    return kind


def save_extra(
    *, edition: Edition, extra: Extra | None, values: Mapping[str, Any], by: Person
) -> Extra:
    """Add an extra (`extra` None) or change one."""
    places.lock(edition)
    if not any(text.strip() for text in values["name"].values()):
        raise Invalid(NO_NAME, field="name_en")
    starts, ends = values["starts_at"], values["ends_at"]
    if starts is not None and ends is not None and ends <= starts:
        raise Invalid(ENDS_FIRST, field="ends_at")
    if values["amount_minor"] and edition.payee is None:
        raise Invalid(NO_PAYEE, field="amount")
    _refuse_low_quota(extra, values["quota"])
    if extra is None:
        extra = Extra(edition_id=edition.id, position=_next_position(Extra, edition))
        db.session.add(extra)
    for name in EXTRA_FIELDS:
        setattr(extra, name, values[name])
    _changed(edition, "extra.saved", by, extra=extra.name.get("en", ""))
    return extra


def hide(*, edition: Edition, thing: TicketType | Extra, by: Person) -> None:
    """Take it off sale; who has it keeps it."""
    places.lock(edition)
    thing.hidden_at = clock.now()
    _changed(edition, "sale.hidden", by, what=thing.public_id)


def show_again(*, edition: Edition, thing: TicketType | Extra, by: Person) -> None:
    """Put it back on sale."""
    places.lock(edition)
    thing.hidden_at = None
    _changed(edition, "sale.shown", by, what=thing.public_id)


def move_up(*, edition: Edition, thing: TicketType | Extra, by: Person) -> None:
    """Change places with the one before it."""
    places.lock(edition)
    order: list[Any] = list(
        ticket_types(edition) if isinstance(thing, TicketType) else extras(edition)
    )
    at = order.index(thing)
    if at:
        order[at - 1], order[at] = order[at], order[at - 1]
        for position, one in enumerate(order):
            one.position = position
        _changed(edition, "sale.moved", by, what=thing.public_id)


def _refuse_bad_values(
    edition: Edition, values: Mapping[str, Any], steps: Sequence[Step], kind: TicketType | None
) -> None:
    if not any(text.strip() for text in values["name"].values()):
        raise Invalid(NO_NAME, field="name_en")
    if not steps:
        raise Invalid(NO_PRICE, field="steps")
    for step in steps:
        if step.from_at and step.until_at and step.until_at <= step.from_at:
            raise Invalid(ENDS_FIRST, field="steps")
    if pricing.overlapping(steps) is not None:
        raise Invalid(OVERLAP, field="steps")
    if edition.payee is None and any(step.amount_minor for step in steps):
        raise Invalid(NO_PAYEE, field="steps")
    _refuse_low_quota(kind, values["quota"])


def _refuse_low_quota(thing: TicketType | Extra | None, quota: int | None) -> None:
    if thing is None or quota is None:
        return
    db.session.refresh(thing, attribute_names=["taken"], with_for_update=True)
    if quota < thing.taken:
        raise Invalid(BELOW_TAKEN, field="quota", taken=thing.taken)


def _next_position(kind: Any, edition: Edition) -> int:
    found = db.session.scalar(select(func.max(kind.position)).where(kind.edition_id == edition.id))
    return 0 if found is None else int(found) + 1


def _changed(edition: Edition, act: str, by: Person, **facts: Any) -> None:
    """Visitors see it, and a higher limit may free places for those who wait."""
    db.session.flush()
    audit.record(act, about=edition, by=by, **facts)
    stamps.bump(edition)
    offering.promote(edition)


# -- invitations


def invitations(edition: Edition) -> list[Invitation]:
    """Who was invited, newest first."""
    query = select(Invitation).where(Invitation.edition_id == edition.id)
    return list(db.session.scalars(query.order_by(Invitation.id.desc())))


def invite(*, edition: Edition, email: str, locale: str, by: Person) -> Invitation:
    """Invite an address; the mail holds the link."""
    address = normal_email(email)
    known = db.session.scalars(
        select(Invitation).where(Invitation.edition_id == edition.id, Invitation.email == address)
    ).first()
    if known is not None and known.withdrawn_at is None:
        raise Invalid(INVITED_ALREADY, field="email")
    invitation: Invitation = known or Invitation(edition_id=edition.id, email=address)
    invitation.withdrawn_at = None
    db.session.add(invitation)
    db.session.flush()
    audit.record("invitation.sent", about=invitation, by=by)
    link = links.to(edition.code, "registrations", "new") + f"?invitation={invitation.public_id}"
    emails.invitation(address, edition=edition, locale=locale, link=link)
    db.session.flush()
    return invitation


def withdraw_invitation(*, edition: Edition, public_id: str, by: Person) -> None:
    """Its link stops working; a registration made with it stays."""
    invitation: Invitation = _one(Invitation, edition, public_id)
    invitation.withdrawn_at = clock.now()
    audit.record("invitation.withdrawn", about=invitation, by=by)
    db.session.flush()
