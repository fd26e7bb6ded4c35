"""Ticket types with prices, extras, orders with their lines, registrations, half-filled forms."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from conference.accounts.models import Person
from conference.core.errors import N_
from conference.core.model import (
    Erase,
    Model,
    UtcDateTime,
    created_at,
    minor,
    not_personal,
    personal,
    pk,
    public_id,
    states,
    two_languages,
)
from conference.core.text import full_name
from conference.editions.models import Edition
from conference.organisations.models import Organisation
from conference.registrations.states import OrderState, RegistrationState

BOOKS = "10 years (accounting)"
EVENT = "2 years after the edition"
FIGURE = "as a figure without a name"


class Category(StrEnum):
    """For whom a ticket type is."""

    REGULAR = "regular"
    MEMBER = "member"
    ACADEMIC = "academic"
    STUDENT = "student"
    SPEAKER = "speaker"
    FUNDED = "funded"
    INVITED = "invited"


CATEGORY_NAMES = {
    Category.REGULAR: N_("Regular"),
    Category.MEMBER: N_("Member cluster"),
    Category.ACADEMIC: N_("Academic"),
    Category.STUDENT: N_("Student"),
    Category.SPEAKER: N_("Speaker"),
    Category.FUNDED: N_("Funded"),
    Category.INVITED: N_("Invited"),
}


class TicketType(Model):
    """What a person may register as. `taken` counts the places held."""

    __tablename__ = "ticket_type"
    __table_args__ = (
        Index("ix_ticket_type_edition_id", "edition_id"),
        CheckConstraint("quota IS NULL OR taken <= quota", name="not_oversold"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    name: Mapped[two_languages] = mapped_column(info=not_personal("a kind of ticket"))
    description: Mapped[two_languages]
    category: Mapped[Category] = mapped_column(states(Category), default=Category.REGULAR)
    quota: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    by_invitation: Mapped[bool] = mapped_column(default=False)
    hidden_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    edition: Mapped[Edition] = relationship()


class Price(Model):
    """What a ticket type costs between two instants, in minor units of the payee's currency."""

    __tablename__ = "price"
    __table_args__ = (
        Index("ix_price_ticket_type_id", "ticket_type_id"),
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        CheckConstraint(
            "from_at IS NULL OR until_at IS NULL OR until_at > from_at", name="until_after_from"
        ),
    )
    id: Mapped[pk]
    ticket_type_id: Mapped[int] = mapped_column(ForeignKey("ticket_type.id", ondelete="CASCADE"))
    label: Mapped[two_languages]
    amount_minor: Mapped[minor]
    from_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    ticket_type: Mapped[TicketType] = relationship(backref="prices")


class Extra(Model):
    """Something besides the ticket: a visit, a dinner, a lunch, an accompanying person."""

    __tablename__ = "extra"
    __table_args__ = (
        Index("ix_extra_edition_id", "edition_id"),
        CheckConstraint("quota IS NULL OR taken <= quota", name="not_oversold"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        CheckConstraint("most_each BETWEEN 1 AND 10", name="most_each_sane"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    name: Mapped[two_languages] = mapped_column(info=not_personal("something to book"))
    description: Mapped[two_languages]
    place: Mapped[two_languages]
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    amount_minor: Mapped[minor] = mapped_column(default=0)
    quota: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    most_each: Mapped[int] = mapped_column(default=1)
    asks_diet: Mapped[bool] = mapped_column(default=False, info=not_personal("a question asked"))
    position: Mapped[int] = mapped_column(default=0)
    hidden_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class Order(Model):
    """What somebody pays: one or many registrations, prices fixed when it was placed."""

    __tablename__ = "order"
    __table_args__ = (
        Index("ix_order_edition_id_state", "edition_id", "state", "currency", "total_minor"),
        Index("ix_order_person_id", "person_id"),
        Index("ix_order_email", "email"),
        CheckConstraint("total_minor >= 0", name="total_not_negative"),
        CheckConstraint(
            "state NOT IN ('paid', 'awaiting_payment') OR confirmed_at IS NOT NULL",
            name="address_confirmed_first",
        ),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    code: Mapped[str] = mapped_column(String(12), unique=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    email: Mapped[str] = mapped_column(
        String(254), info=personal("messages about the order", BOOKS, Erase.REPLACE)
    )
    locale: Mapped[str] = mapped_column(
        String(10), info=personal("language of messages", EVENT, Erase.SEALED)
    )
    state: Mapped[OrderState] = mapped_column(states(OrderState), default=OrderState.PLACED)
    confirm_by_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[minor]
    reference: Mapped[str | None] = mapped_column(String(30), unique=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    pays_by: Mapped[str] = mapped_column(String(10), default="transfer")
    invoice_name: Mapped[str] = mapped_column(
        String(200), default="", info=personal("invoice", BOOKS, Erase.SEALED)
    )
    invoice_address: Mapped[str] = mapped_column(
        Text, default="", info=personal("invoice", BOOKS, Erase.SEALED)
    )
    invoice_country: Mapped[str | None] = mapped_column(
        String(2), info=personal("invoice", BOOKS, Erase.SEALED)
    )
    invoice_tax_id: Mapped[str] = mapped_column(
        String(40), default="", info=personal("invoice", BOOKS, Erase.SEALED)
    )
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    edition: Mapped[Edition] = relationship()
    person: Mapped[Person | None] = relationship()


class Registration(Model):
    """One person's place at one edition, with a ticket type and answers.

    `badge_id` (8 random bytes, hex) and `badge_version` stand in the code on the badge.
    `queue_number` orders the waiting list of the edition.
    """

    __tablename__ = "registration"
    __table_args__ = (
        # Figures of the desk are counted in this index alone.
        Index(
            "ix_registration_edition_id_state",
            "edition_id",
            "state",
            "ticket_type_id",
            "country",
            "created_at",
        ),
        Index("ix_registration_order_id", "order_id"),
        Index("ix_registration_person_id", "person_id"),
        Index("ix_registration_email", "email"),
        Index("ix_registration_edition_id_sort_key", "edition_id", "sort_key", "public_id"),
        Index("ix_registration_edition_id_created_at", "edition_id", "created_at", "public_id"),
        UniqueConstraint("edition_id", "queue_number"),
        CheckConstraint("state <> 'offered' OR offered_until_at IS NOT NULL", name="offer_ends"),
        CheckConstraint("state <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed_since"),
        CheckConstraint("state <> 'waiting' OR queue_number IS NOT NULL", name="waiting_in_order"),
        CheckConstraint("state <> 'cancelled' OR cancelled_at IS NOT NULL", name="cancelled_since"),
    )
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ticket_type_id: Mapped[int] = mapped_column(ForeignKey("ticket_type.id"))
    state: Mapped[RegistrationState] = mapped_column(
        states(RegistrationState), default=RegistrationState.PENDING
    )
    given_name: Mapped[str] = mapped_column(
        String(100), info=personal("badge and list", EVENT, Erase.REPLACE)
    )
    family_name: Mapped[str] = mapped_column(
        String(100), info=personal("badge and list", EVENT, Erase.REPLACE)
    )
    latin_name: Mapped[str] = mapped_column(
        String(200), default="", info=personal("second line of the badge", EVENT, Erase.CLEAR)
    )
    email: Mapped[str] = mapped_column(
        String(254), info=personal("messages about the place", EVENT, Erase.REPLACE)
    )
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    organisation_name: Mapped[str] = mapped_column(
        String(200), default="", info=personal("badge and list", EVENT, Erase.CLEAR)
    )
    position: Mapped[str] = mapped_column(
        String(120), default="", info=personal("badge and list", EVENT, Erase.CLEAR)
    )
    country: Mapped[str] = mapped_column(
        String(2), info=personal("figures by country", FIGURE, Erase.SEALED)
    )
    sort_key: Mapped[str] = mapped_column(
        String(200), default="", info=personal("order of lists", EVENT, Erase.CLEAR)
    )
    search_key: Mapped[str] = mapped_column(
        String(800), default="", info=personal("finding a name in any script", EVENT, Erase.CLEAR)
    )
    answers: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, info=personal("what the organiser asked", EVENT, Erase.CLEAR)
    )
    diet: Mapped[str] = mapped_column(
        Text, default="", info=personal("meals", "until the edition ends", Erase.CLEAR)
    )
    accessibility: Mapped[str] = mapped_column(
        Text,
        default="",
        info=personal("access to the venue", "until the edition ends", Erase.CLEAR),
    )
    wants_visa_letter: Mapped[bool] = mapped_column(default=False)
    is_listed: Mapped[bool] = mapped_column(default=False)
    badge_id: Mapped[str] = mapped_column(String(16), unique=True)
    badge_version: Mapped[int] = mapped_column(default=1)
    queue_number: Mapped[int | None]
    offered_until_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    edition: Mapped[Edition] = relationship()
    order: Mapped[Order] = relationship()
    person: Mapped[Person | None] = relationship()
    ticket_type: Mapped[TicketType] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    @property
    def name(self) -> str:
        """The name in its original letters, given name first."""
        return full_name(self.given_name, self.family_name)


class OrderLine(Model):
    """One position of an order: a ticket or an extra of one registration, at the price agreed."""

    __tablename__ = "order_line"
    __table_args__ = (
        Index("ix_order_line_order_id", "order_id"),
        Index("ix_order_line_registration_id", "registration_id"),
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        CheckConstraint("quantity BETWEEN 1 AND 10", name="quantity_sane"),
        CheckConstraint("(ticket_type_id IS NULL) <> (extra_id IS NULL)", name="ticket_or_extra"),
    )
    id: Mapped[pk]
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    ticket_type_id: Mapped[int | None] = mapped_column(ForeignKey("ticket_type.id"))
    extra_id: Mapped[int | None] = mapped_column(ForeignKey("extra.id"))
    text: Mapped[two_languages]
    quantity: Mapped[int] = mapped_column(default=1)
    amount_minor: Mapped[minor]  # for one piece
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    order: Mapped[Order] = relationship()
    registration: Mapped[Registration] = relationship()
    extra: Mapped[Extra | None] = relationship()


class RegistrationDraft(Model):
    """A form being filled in, kept on the server so that no step loses anything.

    Its public id in the URL is the only key to it; `order_id` makes placing it twice harmless.
    """

    __tablename__ = "registration_draft"
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    data: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, info=personal("a form being filled in", "7 days", Erase.DELETE)
    )
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), unique=True)

    edition: Mapped[Edition] = relationship()
    order: Mapped[Order | None] = relationship()


class Invitation(Model):
    """An invitation to register; its public id in the link is the key. It serves once."""

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("edition_id", "email"),)
    id: Mapped[pk]
    public_id: Mapped[public_id]
    created_at: Mapped[created_at]
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(
        String(254), info=personal("whom the invitation went to", EVENT, Erase.REPLACE)
    )
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))

    edition: Mapped[Edition] = relationship()
    registration: Mapped[Registration | None] = relationship()
