"""The states of a registration (one person's place) and of an order (what somebody pays)."""

from __future__ import annotations

from enum import StrEnum

from conference.core.errors import N_


class RegistrationState(StrEnum):
    """PENDING and CONFIRMED hold a place, OFFERED holds one until its deadline, others none."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


HOLDS_PLACE = frozenset(
    {RegistrationState.PENDING, RegistrationState.CONFIRMED, RegistrationState.OFFERED}
)

REGISTRATION_TRANSITIONS: dict[RegistrationState, frozenset[RegistrationState]] = {
    RegistrationState.PENDING: frozenset(
        {RegistrationState.CONFIRMED, RegistrationState.CANCELLED, RegistrationState.EXPIRED}
    ),
    RegistrationState.CONFIRMED: frozenset({RegistrationState.CANCELLED}),
    RegistrationState.WAITING: frozenset(
        {RegistrationState.OFFERED, RegistrationState.CANCELLED, RegistrationState.EXPIRED}
    ),
    RegistrationState.OFFERED: frozenset(
        {
            RegistrationState.PENDING,
            RegistrationState.CONFIRMED,
            RegistrationState.CANCELLED,
            RegistrationState.EXPIRED,
        }
    ),
    RegistrationState.CANCELLED: frozenset(),
    RegistrationState.EXPIRED: frozenset({RegistrationState.WAITING, RegistrationState.CONFIRMED}),
}

REGISTRATION_STATE_NAMES = {
    RegistrationState.PENDING: N_("Not confirmed yet"),
    RegistrationState.CONFIRMED: N_("Confirmed"),
    RegistrationState.WAITING: N_("On the waiting list"),
    RegistrationState.OFFERED: N_("A place is offered"),
    RegistrationState.CANCELLED: N_("Cancelled"),
    RegistrationState.EXPIRED: N_("Expired"),
}


class OrderState(StrEnum):
    """PLACED waits for the e-mail address to be confirmed; WAITING has nobody with a place yet."""

    PLACED = "placed"
    WAITING = "waiting"
    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


ORDER_TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.PLACED: frozenset(
        {
            OrderState.WAITING,
            OrderState.AWAITING_PAYMENT,
            OrderState.PAID,
            OrderState.EXPIRED,
            OrderState.CANCELLED,
        }
    ),
    OrderState.WAITING: frozenset(
        {
            OrderState.AWAITING_PAYMENT,
            OrderState.PAID,
            OrderState.CANCELLED,
            OrderState.EXPIRED,
        }
    ),
    OrderState.AWAITING_PAYMENT: frozenset(
        {OrderState.PAID, OrderState.EXPIRED, OrderState.CANCELLED, OrderState.WAITING}
    ),
    OrderState.PAID: frozenset({OrderState.CANCELLED, OrderState.AWAITING_PAYMENT}),
    OrderState.EXPIRED: frozenset({OrderState.PAID, OrderState.WAITING, OrderState.CANCELLED}),
    OrderState.CANCELLED: frozenset(),
}

ORDER_STATE_NAMES = {
    OrderState.PLACED: N_("E-mail address not confirmed"),
    OrderState.WAITING: N_("On the waiting list"),
    OrderState.AWAITING_PAYMENT: N_("Waiting for payment"),
    OrderState.PAID: N_("Paid"),
    OrderState.EXPIRED: N_("Expired"),
    OrderState.CANCELLED: N_("Cancelled"),
}
