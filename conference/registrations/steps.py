"""What comes next for one registration: data in, steps out, in the order in which they are done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conference.registrations.states import OrderState, RegistrationState


class Next(StrEnum):
    """What somebody can or must do."""

    CONFIRM_ADDRESS = "confirm_address"
    ACCEPT = "accept"
    PAY = "pay"
    WAIT_FOR_PAYMENT = "wait_for_payment"
    WAIT = "wait"
    NAME = "name"
    ANSWER = "answer"
    BRING_TICKET = "bring_ticket"
    CALENDAR = "calendar"
    REGISTER_AGAIN = "register_again"


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides about the steps."""

    registration: RegistrationState
    order: OrderState
    is_buyer: bool
    has_name: bool
    answers_missing: bool
    is_over: bool
    may_register: bool


def next_steps(now: Situation) -> list[Next]:
    """The steps, the most urgent one first."""
    if now.is_over:
        return []
    if now.registration in {RegistrationState.CANCELLED, RegistrationState.EXPIRED}:
        return [Next.REGISTER_AGAIN] if now.may_register else []
    steps = []
    if now.order is OrderState.PLACED:
        steps.append(Next.CONFIRM_ADDRESS)
    elif now.registration is RegistrationState.OFFERED:
        steps.append(Next.ACCEPT)
    elif now.registration is RegistrationState.WAITING:
        steps.append(Next.WAIT)
    elif now.order is OrderState.AWAITING_PAYMENT:
        steps.append(Next.PAY if now.is_buyer else Next.WAIT_FOR_PAYMENT)
    if not now.has_name:
        steps.append(Next.NAME)
    elif now.answers_missing:
        steps.append(Next.ANSWER)
    if now.registration is RegistrationState.CONFIRMED and now.has_name:
        steps += [Next.BRING_TICKET, Next.CALENDAR]
    return steps
