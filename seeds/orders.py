"""Orders of the sample as they happened: placed, confirmed, paid, cancelled, refunded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from conference.core import clock
from conference.core.money import Money
from conference.core.text import plain_line
from conference.extensions import db
from conference.payments.exchange import RefundSeen, SessionSeen
from conference.payments.models import CheckoutAttempt, Method
from conference.payments.service import checkout, ledger, refunds
from conference.registrations.models import Invitation, Order
from conference.registrations.queries import registrations_of
from conference.registrations.service import cancelling, confirming, ordering
from conference.registrations.service.quoting import quote
from conference.registrations.states import HOLDS_PLACE, OrderState
from conference.registrations.wishes import Buyer
from seeds import wishes
from seeds.world import Built, Guest, World


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that came in `after` the order: all that is owed, plus or minus some."""

    after: timedelta
    differs: int = 0  # in minor units


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The first `people` places of the order were cancelled; what was paid goes back `refund`."""

    after: timedelta
    people: int = 1
    refund: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One order: when, who, how it is paid and what became of it. The first guest is the buyer."""

    at: datetime
    guests: Sequence[Guest]
    ticket: str = ""
    unnamed: int = 0
    books: Sequence[str] = ()
    pays_by: str = "transfer"
    confirms: timedelta | None = timedelta(minutes=6)
    paid: Paid | None = None
    gives_up: GivenUp | None = None
    for_organisation: bool = False
    invited: bool = False
    kept: list[Order] = field(default_factory=list)


def plan(world: World, code: str, order: Plan) -> None:
    """Put an order with all that follows into the history."""

    def placed() -> None:
        order.kept.append(_place(world, world.editions[code], order))

    def then(after: timedelta, act: object) -> None:
        world.history.at(order.at + after, lambda: act(world, order.kept[0], order))  # type: ignore[operator]

    world.history.at(order.at, placed)
    if order.confirms is not None and not order.invited:
        then(order.confirms, _confirm)
    if order.paid is not None:
        then(order.paid.after, _pay)
    if order.gives_up is not None:
        then(order.gives_up.after, _give_up)
        if order.gives_up.refund is not None:
            then(order.gives_up.refund, _refund)


def _place(world: World, built: Built, order: Plan) -> Order:
    buyer = order.guests[0]
    ticket = order.ticket or wishes.ticket_for(built, buyer)
    wanted = [
        wishes.wish(
            world, built, guest, order.ticket or wishes.ticket_for(built, guest), order.books
        )
        for guest in order.guests
    ]
    wanted += [wishes.unnamed(built, buyer, ticket)] * order.unnamed
    if order.invited:
        db.session.add(Invitation(edition=built.edition, email=buyer.person.email))
        db.session.flush()
    made = ordering.place(
        edition=built.edition,
        wishes=wanted,
        buyer=_buyer(order, buyer),
        by=buyer.person if order.invited else None,
        locale=buyer.person.locale or "en",
        expected_total=quote(built.edition, wanted).total,
    )
    for registration in registrations_of(made):
        registration.badge_id = f"{world.chance.getrandbits(64):016x}"
    return made


def _buyer(order: Plan, guest: Guest) -> Buyer:
    home = guest.organisation
    if not order.for_organisation:
        return Buyer(
            email=guest.person.email,
            pays_by=order.pays_by,
            invoice_name=guest.person.name,
            invoice_country=guest.person.country or "",
        )
    return Buyer(
        email=guest.person.email,
        pays_by=order.pays_by,
        invoice_name=home.name,
        invoice_address=plain_line(home.seat),
        invoice_country=home.country,
        invoice_tax_id=home.tax_id,
    )


def _confirm(world: World, order: Order, plan: Plan) -> None:
    confirming.confirm_address(order=order, person=plan.guests[0].person)


def _pay(world: World, order: Order, plan: Plan) -> None:
    owed = ledger.balance(order)
    if plan.paid is None or owed.minor <= 0:
        return  # on the waiting list, or free of charge
    amount = Money(owed.minor + plan.paid.differs, owed.currency)
    if plan.pays_by == "card":
        _pay_by_card(world, order, amount)
        return
    day = clock.today(order.edition.zone)
    ledger.book_payment(
        order=order,
        amount=amount,
        method=Method.TRANSFER,
        source=f"form:{world.chance.getrandbits(64):016x}",
        booked_on=day,
        by=world.cast["finance"].person,
    )


def _pay_by_card(world: World, order: Order, amount: Money) -> None:
    """The card provider's answers as they came; the provider itself is not asked."""
    number = f"sample{world.chance.getrandbits(64):016x}"
    attempt = CheckoutAttempt(
        order_id=order.id,
        idempotency_key=f"checkout-{number}",
        request={},
        amount_minor=amount.minor,
        currency=amount.currency,
        expires_at=clock.now() + checkout.LASTS,
    )
    db.session.add(attempt)
    db.session.flush()
    checkout.apply(
        SessionSeen(
            id=f"cs_{number}",
            status="complete",
            paid=True,
            minor=amount.minor,
            currency=amount.currency,
            intent=f"pi_{number}",
            url=None,
            attempt=attempt.public_id,
        )
    )


def leave_pay_page(world: World, order: Order) -> None:
    """Somebody opened the page for cards and went away: the session lapsed."""
    number = f"sample{world.chance.getrandbits(64):016x}"
    attempt = CheckoutAttempt(
        order_id=order.id,
        idempotency_key=f"checkout-{number}",
        amount_minor=order.total_minor,
        currency=order.currency,
        expires_at=clock.now() + checkout.LASTS,
    )
    db.session.add(attempt)
    db.session.flush()
    for status in ("open", "expired"):
        checkout.apply(
            SessionSeen(
                id=f"cs_{number}",
                status=status,
                paid=False,
                minor=order.total_minor,
                currency=order.currency,
                intent=None,
                url=None,
                attempt=attempt.public_id,
            )
        )


def _give_up(world: World, order: Order, plan: Plan) -> None:
    if plan.gives_up is None or order.state is OrderState.EXPIRED:
        return
    held = [one for one in registrations_of(order) if one.state in HOLDS_PLACE]
    for registration in held[: plan.gives_up.people]:
        cancelling.give_up(registration=registration, by=plan.guests[0].person)


def _refund(world: World, order: Order, plan: Plan) -> None:
    by = world.cast["finance"].person
    amount = ledger.to_give_back(order)
    if amount.minor <= 0:
        raise RuntimeError(f"nothing to give back on the order of {order.email}")
    if plan.pays_by != "card":
        refunds.book_transfer(
            order=order,
            amount=amount,
            booked_on=clock.today(order.edition.zone),
            token=f"{world.chance.getrandbits(64):016x}",
            note="",
            by=by,
        )
        return
    for refunding in refunds.prepare(order=order, amount=None, reason="", by=by):
        refunds.apply(
            RefundSeen(
                id=f"re_sample{world.chance.getrandbits(64):016x}",
                status="succeeded",
                minor=refunding.minor,
                currency=order.currency,
                intent=refunding.intent,
                attempt=refunding.attempt,
            )
        )
