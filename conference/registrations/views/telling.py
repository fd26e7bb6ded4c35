"""What pages tell about one registration: its state in words, its money, its next steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from conference.accounts.models import Person
from conference.core import clock
from conference.core.money import Money
from conference.editions import moments
from conference.questions import engine
from conference.questions import service as questions
from conference.questions.kinds import Asked
from conference.registrations import queries, steps
from conference.registrations.models import Registration
from conference.registrations.service import catalogue
from conference.registrations.states import (
    ORDER_STATE_NAMES,
    REGISTRATION_STATE_NAMES,
    RegistrationState,
)
from conference.registrations.views.blueprint import TONES
from conference.web import filters
from conference.web.i18n import _


@dataclass(frozen=True)
class Step:
    """One line of "what comes next"; `url` with `action` is its button."""

    kind: steps.Next
    title: str
    text: str = ""
    url: str | None = None
    action: str | None = None


@dataclass(frozen=True)
class Told:
    """A registration as its owner's pages show it."""

    registration: Registration
    state: str
    tone: str
    steps: list[Step]
    is_buyer: bool

    @property
    def name(self) -> str:
        return self.registration.name or _("Not named yet")

    @property
    def own_steps(self) -> list[Step]:
        """Without the payment, which the whole order shares."""
        return [step for step in self.steps if step.kind is not steps.Next.PAY]

    @property
    def payment(self) -> list[Step]:
        """The payment of the order, if it is due."""
        return [step for step in self.steps if step.kind is steps.Next.PAY]


def by_order(told: Sequence[Told]) -> list[list[Told]]:
    """People of one order together, the orders as they come first."""
    found: dict[int, list[Told]] = {}
    for one in told:
        found.setdefault(one.registration.order_id, []).append(one)
    return list(found.values())


def tell(registration: Registration, person: Person) -> Told:
    """What a page says about one registration to somebody who may see it."""
    return tell_all([registration], person)[0]


def tell_all(registrations: Sequence[Registration], person: Person) -> list[Told]:
    """The same for many, with as many statements as for one."""
    asked = questions.asked_in({one.edition for one in registrations})
    queue = queries.places_in_queue(registrations)
    return [
        _told(one, person, asked[one.edition_id], queue.get(one.id, 0)) for one in registrations
    ]


def _told(registration: Registration, person: Person, asked: list[Asked], number: int) -> Told:
    order, edition = registration.order, registration.edition
    is_buyer = queries.is_buyer(person, order)
    missing = engine.missing(asked, registration.answers, context_of(registration))
    situation = steps.Situation(
        registration=registration.state,
        order=order.state,
        is_buyer=is_buyer,
        has_name=bool(registration.name),
        answers_missing=bool(missing),
        is_over=moments.is_over(edition, clock.now()),
        may_register=catalogue.window(edition) is catalogue.Window.OPEN,
    )
    made = [
        _wait(number) if step is steps.Next.WAIT else _WORDS[step](registration)
        for step in steps.next_steps(situation)
    ]
    return Told(
        registration=registration,
        state=state_words(registration),
        tone=TONES[registration.state],
        steps=made,
        is_buyer=is_buyer,
    )


def context_of(registration: Registration) -> dict[str, str]:
    """What conditions of questions may ask about a registration."""
    kind = registration.ticket_type
    return {
        "ticket_type": kind.public_id,
        "category": kind.category.value,
        "country": registration.country,
    }


def state_words(registration: Registration) -> str:
    """The state; a held place says what it waits for."""
    order = registration.order
    if registration.state is RegistrationState.PENDING:
        return str(_(ORDER_STATE_NAMES[order.state]))
    return str(_(REGISTRATION_STATE_NAMES[registration.state]))


def _path(registration: Registration, page: str, **values: Any) -> str:
    return url_for(
        f"registrations.{page}",
        edition_code=registration.edition.code,
        registration_id=registration.public_id,
        **values,
    )


def _pay(registration: Registration) -> Step:
    order = registration.order
    amount = filters.money(Money(order.total_minor, order.currency))
    if order.due_at is None:
        text = _("%(amount)s for the whole order.", amount=amount)
    else:
        due = filters.day(order.due_at, registration.edition.zone)
        text = _("%(amount)s for the whole order, until %(day)s.", amount=amount, day=due)
    url = f"/{registration.edition.code}/orders/{order.public_id}/pay"
    return Step(steps.Next.PAY, _("Pay"), text, url, _("How to pay"))


def _wait(number: int) -> Step:
    return Step(
        steps.Next.WAIT,
        _("Wait for a free place"),
        _(
            "You are number %(number)s on the list for this ticket. We write to you as soon as a "
            "place comes free; you then have time to decide.",
            number=number,
        ),
    )


def _accept(registration: Registration) -> Step:
    until = filters.moment(registration.offered_until_at, registration.edition.zone)
    return Step(
        steps.Next.ACCEPT,
        _("Say whether you take the place"),
        _("A place came free. It is held for you until %(until)s.", until=until),
        _path(registration, "show") + "#offer",
        _("Decide"),
    )


def _register_again(registration: Registration) -> Step:
    url = url_for("registrations.new", edition_code=registration.edition.code)
    return Step(steps.Next.REGISTER_AGAIN, _("This place is gone"), "", url, _("Register again"))


_WORDS = {
    steps.Next.CONFIRM_ADDRESS: lambda one: Step(
        steps.Next.CONFIRM_ADDRESS,
        _("Confirm your e-mail address"),
        _("Open the link in the message that we sent to %(email)s.", email=one.order.email),
    ),
    steps.Next.ACCEPT: _accept,
    steps.Next.PAY: _pay,
    steps.Next.WAIT_FOR_PAYMENT: lambda one: Step(
        steps.Next.WAIT_FOR_PAYMENT,
        _("Wait for the payment"),
        _("Somebody else pays for this place. Your ticket comes as soon as the money is there."),
    ),
    steps.Next.NAME: lambda one: Step(
        steps.Next.NAME,
        _("Say who comes"),
        _("The badge and the ticket need a name."),
        _path(one, "change"),
        _("Name the person"),
    ),
    steps.Next.ANSWER: lambda one: Step(
        steps.Next.ANSWER,
        _("Answer the organiser's questions"),
        "",
        _path(one, "change"),
        _("Answer"),
    ),
    steps.Next.BRING_TICKET: lambda one: Step(
        steps.Next.BRING_TICKET,
        _("Bring your ticket"),
        _("On paper or on your telephone; its code opens the door."),
        _path(one, "ticket"),
        _("Ticket (PDF)"),
    ),
    steps.Next.CALENDAR: lambda one: Step(
        steps.Next.CALENDAR,
        _("Put it into your calendar"),
        "",
        _path(one, "calendar"),
        _("Calendar file"),
    ),
    steps.Next.REGISTER_AGAIN: _register_again,
}
