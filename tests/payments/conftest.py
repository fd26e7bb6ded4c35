"""Orders that wait for payment, and a local Stripe that the product talks to over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conference.extensions import db
from conference.payments import provider
from conference.payments.service import charging, checkout
from conference.registrations.models import Order
from conference.registrations.states import RegistrationState
from tests import factories
from tests.sandbox.stripe import Sandbox, serve

SECRET = "whsec_payments"


@pytest.fixture(scope="session")
def whole_sandbox() -> Iterator[Sandbox]:
    sandbox = serve(webhook_secret=SECRET)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def stripe(app: Any, whole_sandbox: Sandbox) -> Iterator[Sandbox]:
    """The local Stripe, empty of faults; the product is told to use it until the next test."""
    whole_sandbox.heal()
    provider.configure(key="sk_test_1", api_base=whole_sandbox.url, webhook_secret=SECRET)
    yield whole_sandbox
    whole_sandbox.heal()


@pytest.fixture
def impatient(stripe: Sandbox) -> None:
    """Our side gives up after the first lost answer."""
    provider.configure(key="sk_test_1", api_base=stripe.url, webhook_secret=SECRET, retries=0)


@pytest.fixture
def buyer(app: Any) -> Any:
    return factories.make_person(given_name="Đorđe", family_name="Šćepanović")


@pytest.fixture
def unpaid(edition: Any, buyer: Any) -> Callable[..., Order]:
    """`unpaid(12000, people=2)` is an order of the buyer that waits for payment of each amount."""

    def make(amount: int = 12000, *, people: int = 1, **overrides: Any) -> Order:
        edition.payee.takes_cards = True
        order = factories.make_order(
            edition, **{"person": buyer, "email": buyer.email, "due_at": None, **overrides}
        )
        kind = factories.make_ticket_type(edition, amount=amount)
        for _ in range(people):
            factories.make_registration(
                edition, ticket_type=kind, order=order, state=RegistrationState.PENDING
            )
        charging.awaits_payment(order)
        db.session.commit()
        return order

    return make


def open_page(order: Order) -> str:
    """What the view does: attempt, call, outcome. Answers the session's id."""
    opening = checkout.prepare(order=order, by=None)
    db.session.commit()
    if opening.url is not None:
        return opening.url.rsplit("/", 1)[-1]
    opened = provider.open_session(opening)
    checkout.note_opened(opened)
    db.session.commit()
    assert opened.session is not None
    return opened.session.id


def pay(stripe: Sandbox, order: Order) -> str:
    """The buyer opens the pay page and pays; our side has not heard of it yet."""
    session_id = open_page(order)
    assert stripe.pay(session_id).status_code == 200
    return session_id


def deliver(client: Any, stripe: Sandbox, event: Any, *, body: bytes | None = None) -> Any:
    """One delivery of an event to our webhook, rightly signed unless the body is another."""
    signed, headers = stripe.sign(event)
    return client.post("/payments/stripe/webhook", data=body or signed, headers=headers)


def events_of(stripe: Sandbox, session_id: str) -> list[Any]:
    """The events of a session, its payment and its refunds, oldest first."""
    session = stripe.api.store.get("checkout.session", session_id) or {}
    intent = session.get("payment_intent")
    return [
        event
        for event in stripe.events
        if session_id == event["data"]["object"]["id"]
        or (intent and intent in {event["data"]["object"].get(k) for k in ("id", "payment_intent")})
    ]
