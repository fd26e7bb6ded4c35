"""The local Stripe behaves as Stripe does where money depends on it; asked by the official SDK."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from tests.sandbox.stripe import Sandbox, serve


class Shop:
    """A receiver of webhooks that checks every signature and can be out of order."""

    def __init__(self) -> None:
        self.events: list[stripe.Event] = []
        self.refuse = 0
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = stripe.Webhook.construct_event(
                    body, self.headers["Stripe-Signature"], "whsec_test"
                )
                refused = shop.refuse > 0
                shop.refuse -= refused
                if not refused:
                    shop.events.append(event)
                self.send_response(500 if refused else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhook"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def kinds(self) -> list[str]:
        return sorted(event.type for event in self.events)

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.stop()


@pytest.fixture
def sandbox(shop: Shop) -> Iterator[Sandbox]:
    sandbox = serve(webhook_url=shop.url, webhook_secret="whsec_test")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def api(sandbox: Sandbox) -> stripe.V1Services:
    return client(sandbox)


def client(sandbox: Sandbox, retries: int = 0) -> stripe.V1Services:
    return stripe.StripeClient(
        "sk_test_1", base_addresses={"api": sandbox.url}, max_network_retries=retries
    ).v1


def wanted(amount: int = 15000, currency: str = "eur", **more: Any) -> dict[str, Any]:
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Пуна карта"}}
    return {
        "mode": "payment",
        "success_url": "http://127.0.0.1:5500/paid?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:5500/back",
        "client_reference_id": "order-1",
        "customer_email": "delegate@example.org",
        "metadata": {"order": "order-1"},
        "line_items": [{"quantity": 2, "price_data": price}],
        **more,
    }


def test_paid_session_tells_the_shop_and_shows_the_money(
    sandbox: Sandbox, api: stripe.V1Services, shop: Shop
) -> None:
    session = api.checkout.sessions.create(wanted(payment_intent_data={"metadata": {"a": "b"}}))
    assert (session.status, session.payment_status, session.payment_intent) == (
        "open",
        "unpaid",
        None,
    )
    assert sandbox.pay(session.id).status_code == 200
    assert sandbox.settle()
    paid = api.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge", "line_items"]}
    )
    assert (paid.status, paid.payment_status, paid.amount_total) == ("complete", "paid", 30000)
    assert paid.payment_intent.amount_received == 30000
    assert paid.payment_intent.metadata.to_dict() == {"a": "b"}
    assert paid.payment_intent.latest_charge.paid is True
    assert paid.line_items.data[0].description == "Пуна карта"
    assert shop.kinds() == [
        "charge.succeeded",
        "checkout.session.completed",
        "payment_intent.created",
        "payment_intent.succeeded",
    ]
    assert [event.pending_webhooks for event in api.events.list()] == [0, 0, 0, 0]


def test_declined_card_leaves_the_session_open_for_another(
    sandbox: Sandbox, api: stripe.V1Services, shop: Shop
) -> None:
    session = api.checkout.sessions.create(wanted())
    assert sandbox.pay(session.id, "4000000000000002").status_code == 402
    assert api.checkout.sessions.retrieve(session.id).status == "open"
    assert sandbox.pay(session.id).status_code == 200
    assert sandbox.pay(session.id).status_code == 400
    assert sandbox.settle()
    assert sorted(charge["status"] for charge in sandbox.log()["charges"].values()) == [
        "failed",
        "succeeded",
    ]
    assert "payment_intent.payment_failed" in shop.kinds()


def test_pay_page_speaks_of_the_amount_in_its_own_decimals(sandbox: Sandbox) -> None:
    for amount, currency, words in (
        (1755050, "rsd", "35,101.00 RSD"),
        (15000, "krw", "30,000 KRW"),
        (999, "eur", "19.98 EUR"),
    ):
        session = client(sandbox).checkout.sessions.create(wanted(amount, currency))
        page = requests.get(session.url, timeout=5)
        assert f"Pay {words}" in page.text
        assert "TEST MODE" in page.text
        assert (
            "form-action 'self' http://127.0.0.1:5500;" in page.headers["Content-Security-Policy"]
        )


def test_pay_page_leads_back_to_the_shop_or_says_what_is_wrong(sandbox: Sandbox) -> None:
    session = client(sandbox).checkout.sessions.create(wanted())
    card = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123"}
    for change, words in (
        ({"number": "4242 4242 4242 4241"}, "Your card number is invalid."),
        ({"expiry": "01/20"}, "Your card&#39;s expiry date is in the past."),
        ({"cvc": "1"}, "three or four digits"),
        ({"number": "4000000000000002"}, "Your card was declined."),
        ({"number": "4111111111111111"}, "Only test cards are taken here"),
    ):
        answer = requests.post(session.url, data={**card, **change}, timeout=5)
        assert (answer.status_code, words in answer.text) == (402, True), change
    answer = requests.post(session.url, data=card, allow_redirects=False, timeout=5)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://127.0.0.1:5500/paid?session={session.id}"
    again = requests.get(session.url, timeout=5)
    assert (again.status_code, "This was paid already" in again.text) == (410, True)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"colour": "red"}, "colour"),
        ({"mode": "subscription"}, "mode"),
        ({"locale": "sr"}, "locale"),
        ({"line_items": []}, "line_items"),
        ({"success_url": "javascript:1"}, "success_url"),
        ({"expires_at": 100}, "expires_at"),
        ({"client_reference_id": "x" * 201}, "client_reference_id"),
        ({"metadata": {"x" * 41: "1"}}, "metadata"),
        ({"expand": ["secrets"]}, "expand"),
        (
            {"line_items": [{"quantity": 1, "price_data": {"unit_amout": 5}}]},
            "line_items[0][price_data][unit_amout]",
        ),
        ({"line_items": [{"quantity": 1, "price": "price_1"}]}, "line_items[0][price]"),
    ],
)
def test_request_that_stripe_would_not_take_is_refused_with_its_parameter(
    api: stripe.V1Services, change: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        api.checkout.sessions.create(wanted() | change)
    assert refusal.value.param == param


def test_amount_below_the_least_is_refused(api: stripe.V1Services) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        api.checkout.sessions.create(wanted(24))
    assert refusal.value.code == "amount_too_small"
    assert api.checkout.sessions.create(wanted(25)).amount_total == 50


def test_only_test_keys_are_let_in(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/v1/refunds"
    for headers in ({}, {"Authorization": "Bearer sk_live_1"}):
        assert requests.get(url, headers=headers, timeout=5).status_code == 401
    key = {"Authorization": "Bearer sk_test_1"}
    assert requests.get(url, headers=key, timeout=5).status_code == 200
    assert requests.get(f"{sandbox.url}/v1/nonsense", headers=key, timeout=5).status_code == 404


def test_same_key_is_answered_once_and_another_body_is_refused(
    sandbox: Sandbox, api: stripe.V1Services
) -> None:
    first = api.checkout.sessions.create(wanted(), {"idempotency_key": "k"})
    again = api.checkout.sessions.create(wanted(), {"idempotency_key": "k"})
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError) as refusal:
        api.checkout.sessions.create(wanted(16000), {"idempotency_key": "k"})
    assert refusal.value.http_status == 400
    assert len(sandbox.log()["sessions"]) == 1


def test_twin_in_flight_is_a_conflict(sandbox: Sandbox, api: stripe.V1Services) -> None:
    sandbox.faults(delay_ms=300)

    def attempt(_: int) -> str | int:
        try:
            return api.checkout.sessions.create(wanted(), {"idempotency_key": "k"}).id
        except stripe.StripeError as error:
            return error.http_status or 0

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(attempt, range(2)))
    assert [answer for answer in answers if isinstance(answer, int)] == [409]
    assert len(sandbox.log()["sessions"]) == 1


def test_lost_answer_is_found_again_with_the_same_key(
    sandbox: Sandbox, api: stripe.V1Services
) -> None:
    session = api.checkout.sessions.create(wanted())
    sandbox.pay(session.id)
    intent = api.checkout.sessions.retrieve(session.id).payment_intent
    order = {"payment_intent": intent, "amount": 1000}
    sandbox.faults(drop_answer_after_effect=1, path="/v1/refunds")
    with pytest.raises(stripe.APIConnectionError):
        api.refunds.create(order, {"idempotency_key": "r"})
    found = api.refunds.create(order, {"idempotency_key": "r"})
    assert [(key, one["amount"]) for key, one in sandbox.log()["refunds"].items()] == [
        (found.id, 1000)
    ]
    # the control: with no key the lost answer costs a second refund
    sandbox.faults(drop_answer_after_effect=1, path="/v1/refunds")
    with pytest.raises(stripe.APIConnectionError):
        api.refunds.create(order)
    api.refunds.create(order)
    assert len(sandbox.log()["refunds"]) == 3


def test_error_before_the_effect_leaves_nothing_and_after_it_leaves_one(
    sandbox: Sandbox, api: stripe.V1Services
) -> None:
    sandbox.faults(fail_before_effect=1, status=503)
    with pytest.raises(stripe.APIError):
        api.checkout.sessions.create(wanted(), {"idempotency_key": "a"})
    assert sandbox.log()["sessions"] == {}
    sandbox.faults(fail_after_effect=1, status=500)
    with pytest.raises(stripe.APIError):
        api.checkout.sessions.create(wanted(), {"idempotency_key": "b"})
    found = api.checkout.sessions.create(wanted(), {"idempotency_key": "b"})
    assert list(sandbox.log()["sessions"]) == [found.id]


def test_refunds_never_pass_what_was_paid(
    sandbox: Sandbox, api: stripe.V1Services, shop: Shop
) -> None:
    session = api.checkout.sessions.create(wanted())
    sandbox.pay(session.id)
    intent = api.checkout.sessions.retrieve(session.id).payment_intent
    assert api.refunds.create({"payment_intent": intent, "amount": 10000}).status == "succeeded"
    for amount in (20001, 0, -5):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            api.refunds.create({"payment_intent": intent, "amount": amount})
        assert refusal.value.param == "amount"
    assert api.refunds.create({"payment_intent": intent}).amount == 20000
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        api.refunds.create({"payment_intent": intent})
    assert refusal.value.code == "charge_already_refunded"
    charge = api.charges.list({"payment_intent": intent}).data[0]
    assert (charge.amount_refunded, charge.refunded) == (30000, True)
    assert [one.amount for one in api.refunds.list({"payment_intent": intent})] == [20000, 10000]
    assert sandbox.settle()
    assert shop.kinds().count("charge.refunded") == 2


def test_pending_refund_can_fail_later(sandbox: Sandbox, api: stripe.V1Services) -> None:
    session = api.checkout.sessions.create(wanted())
    intent = sandbox.pay(session.id).json()["payment_intent"]
    sandbox.faults(refund_states=["pending"])
    refund = api.refunds.create({"payment_intent": intent})
    assert refund.status == "pending"
    url = f"{sandbox.url}/_sandbox/refunds/{refund.id}"
    assert requests.post(url, json={"status": "failed"}, timeout=5).status_code == 200
    assert api.refunds.retrieve(refund.id).status == "failed"
    assert api.payment_intents.retrieve(intent).status == "succeeded"
    assert sandbox.events[-1]["type"] == "refund.failed"


def test_expired_session_cannot_be_paid(sandbox: Sandbox, api: stripe.V1Services) -> None:
    session = api.checkout.sessions.create(wanted())
    assert api.checkout.sessions.expire(session.id).status == "expired"
    assert sandbox.pay(session.id).status_code == 400
    with pytest.raises(stripe.InvalidRequestError):
        api.checkout.sessions.expire(session.id)
    assert sandbox.log()["charges"] == {}


def test_two_browsers_pay_one_session_once(sandbox: Sandbox, api: stripe.V1Services) -> None:
    session = api.checkout.sessions.create(wanted())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: sandbox.pay(session.id).status_code, range(8)))
    assert sorted(answers) == [200] + [400] * 7
    assert len(sandbox.log()["charges"]) == 1


def test_webhook_comes_again_until_it_is_taken(
    sandbox: Sandbox, api: stripe.V1Services, shop: Shop
) -> None:
    shop.refuse = 2
    session = api.checkout.sessions.create(wanted())
    api.checkout.sessions.expire(session.id)
    end = time.monotonic() + 10
    while not shop.events and time.monotonic() < end:
        time.sleep(0.02)
    assert shop.kinds() == ["checkout.session.expired"]
    assert [entry["status"] for entry in sandbox.log()["deliveries"]] == [500, 500, 200]


def test_held_webhooks_can_be_delivered_by_the_test_itself(
    sandbox: Sandbox, api: stripe.V1Services, shop: Shop
) -> None:
    sandbox.faults(hold_webhooks=True)
    sandbox.pay(api.checkout.sessions.create(wanted()).id)
    assert sandbox.settle()
    assert shop.events == []
    for event in reversed(sandbox.events):
        body, headers = sandbox.sign(event)
        assert requests.post(shop.url, data=body, headers=headers, timeout=5).status_code == 200
    assert [event.id for event in shop.events] == [one["id"] for one in reversed(sandbox.events)]


def test_lists_are_paged_newest_first(sandbox: Sandbox, api: stripe.V1Services) -> None:
    made = [api.checkout.sessions.create(wanted()).id for _ in range(7)]
    page = api.checkout.sessions.list({"limit": 3})
    assert ([one.id for one in page], page.has_more) == (made[:3:-1], True)
    every = [one.id for one in api.checkout.sessions.list({"limit": 3}).auto_paging_iter()]
    assert every == made[::-1]
    api.checkout.sessions.expire(made[0])
    assert [one.id for one in api.checkout.sessions.list({"status": "expired"})] == made[:1]


def test_restart_remembers_money_and_keys(tmp_path: Path, shop: Shop) -> None:
    journal = tmp_path / "stripe.jsonl"
    first = serve(state=journal)
    session = client(first).checkout.sessions.create(wanted(), {"idempotency_key": "k"})
    first.pay(session.id)
    log = first.log()
    first.stop()
    with journal.open("a") as file:
        file.write('{"objects": [["charge", {"id"')  # killed in the middle of a line
    second = serve(state=journal, webhook_url=shop.url, webhook_secret="whsec_test")
    try:
        assert second.log()["charges"] == log["charges"]
        again = client(second).checkout.sessions.create(wanted(), {"idempotency_key": "k"})
        assert again.id == session.id
        assert second.settle()
        assert len(shop.events) == 4  # what the shop was never told
    finally:
        second.stop()


def test_answers_hold_only_what_the_sdk_knows(sandbox: Sandbox, api: stripe.V1Services) -> None:
    session = api.checkout.sessions.create(wanted())
    sandbox.pay(session.id)
    intent = api.checkout.sessions.retrieve(session.id).payment_intent
    refund = api.refunds.create({"payment_intent": intent, "amount": 1})
    charge = api.charges.retrieve(refund.charge)
    for thing in (session, api.payment_intents.retrieve(intent), refund, charge):
        known = {
            name for base in type(thing).__mro__ for name in vars(base).get("__annotations__", ())
        }
        assert set(thing.to_dict()) - known == set(), type(thing).__name__
        assert getattr(thing, "livemode", False) is False
