"""What Stripe does: sessions are opened, paid, expired; charges refunded; each leaves an event."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import stripe

from tests.sandbox.stripe import cards, checkout, disputes, money
from tests.sandbox.stripe.parameters import InvalidRequest
from tests.sandbox.stripe.store import Object, Store, new_id


class Declined(Exception):
    """The bank of the card said no; the session stays open."""


class Effects:
    """All verbs. `emit` gets every event after it was written down."""

    def __init__(self, store: Store, emit: Callable[[Object], None]) -> None:
        self.store = store
        self.base_url = ""
        self.refund_states: list[str] = []
        self._emit = emit

    # Checkout Sessions

    def open_session(self, values: dict[str, Any]) -> Object:
        currency, items = checkout.priced(values)
        now = int(time.time())
        expires = checkout.expiry(values, now)
        total = sum(item["amount_total"] for item in items)
        identity = new_id("checkout.session")
        email = values.get("customer_email")
        session = {
            "id": identity,
            "object": "checkout.session",
            "amount_subtotal": total,
            "amount_total": total,
            "automatic_tax": {
                "enabled": False,
                "liability": None,
                "provider": None,
                "status": None,
            },
            "cancel_url": values.get("cancel_url"),
            "client_reference_id": values.get("client_reference_id"),
            "created": now,
            "currency": currency,
            "customer": None,
            "customer_details": None,
            "customer_email": email,
            "expires_at": expires,
            "line_items": {
                "object": "list",
                "data": items,
                "has_more": False,
                "url": f"/v1/checkout/sessions/{identity}/line_items",
            },
            "livemode": False,
            "locale": values.get("locale"),
            "metadata": checkout.metadata(values),
            "mode": "payment",
            "payment_intent": None,
            "payment_method_types": ["card"],
            "payment_status": "unpaid",
            "status": "open",
            "success_url": values["success_url"],
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": "hosted_page",
            "url": f"{self.base_url}/c/pay/{identity}",
        }
        # What the intent will carry is decided now, with the request that asked for it.
        intent = values.get("payment_intent_data", {})
        return self.store.put(
            "checkout.session",
            {
                **session,
                "_intent": {"metadata": checkout.metadata(intent), **checkout.described(intent)},
            },
        )

    def expire_session(self, session: Object) -> Object:
        with self.store.writing():
            session = self.session(session["id"])
            if session["status"] != "open":
                raise InvalidRequest(
                    'Only Checkout Sessions with a status in ["open"] can be expired. This '
                    f"Checkout Session has a status of `{session['status']}`."
                )
            session = self.store.change("checkout.session", session, status="expired", url=None)
            self.event("checkout.session.expired", session)
        return session

    def session(self, identity: str) -> Object:
        return self.found("checkout.session", identity)

    def expire_due(self) -> None:
        """Sessions past their time expire by themselves."""
        now = time.time()
        for session in self.store.all("checkout.session"):
            if session["status"] == "open" and session["expires_at"] <= now:
                self.expire_session(session)

    def pay(self, session: Object, card: str, name: str = "") -> Object:
        """The card pays the session whole, or Declined."""
        with self.store.writing():
            session = self.session(session["id"])
            if session["status"] != "open":
                raise InvalidRequest(f"This session is {session['status']}.")
            intent = self._intent_of(session)
            if card in cards.PAYS:
                return self._settle(session, intent, card, name)
            self._decline(intent, card)
        raise Declined(cards.decline(card)[1])

    def _intent_of(self, session: Object) -> Object:
        if session["payment_intent"]:
            return self.found("payment_intent", session["payment_intent"])
        intent = {
            "id": new_id("payment_intent"),
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_capturable": 0,
            "amount_received": 0,
            "canceled_at": None,
            "capture_method": "automatic_async",
            "confirmation_method": "automatic",
            "created": int(time.time()),
            "currency": session["currency"],
            "customer": None,
            "description": None,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "payment_method_types": ["card"],
            "receipt_email": None,
            "status": "requires_payment_method",
            **session["_intent"],
        }
        self.store.put("payment_intent", intent)
        self.store.change("checkout.session", session, payment_intent=intent["id"])
        self.event("payment_intent.created", intent)
        return intent

    def _charge(self, intent: Object, card: str, **values: Any) -> Object:
        return {
            "id": new_id("charge"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0,
            "amount_refunded": 0,
            "captured": False,
            "created": int(time.time()),
            "currency": intent["currency"],
            "customer": None,
            "description": intent["description"],
            "disputed": False,
            "failure_code": None,
            "failure_message": None,
            "livemode": False,
            "metadata": intent["metadata"],
            "paid": False,
            "payment_intent": intent["id"],
            "payment_method_details": {
                "type": "card",
                "card": {"brand": "visa", "last4": card[-4:]},
            },
            "refunded": False,
            **values,
        }

    def _decline(self, intent: Object, card: str) -> None:
        code, message = cards.decline(card)
        charge = self._charge(
            intent, card, status="failed", failure_code="card_declined", failure_message=message
        )
        error = {"type": "card_error", "code": "card_declined", "decline_code": code}
        intent = self.store.change(
            "payment_intent",
            intent,
            last_payment_error={**error, "message": message, "charge": charge["id"]},
            latest_charge=charge["id"],
        )
        self.store.put("charge", charge)
        self.event("charge.failed", charge)
        self.event("payment_intent.payment_failed", intent)

    def _settle(self, session: Object, intent: Object, card: str, name: str) -> Object:
        amount = intent["amount"]
        charge = self._charge(
            intent, card, status="succeeded", amount_captured=amount, captured=True, paid=True
        )
        intent = self.store.change(
            "payment_intent",
            intent,
            amount_received=amount,
            last_payment_error=None,
            latest_charge=charge["id"],
            status="succeeded",
        )
        self.store.put("charge", charge)
        session = self.store.change(
            "checkout.session",
            session,
            customer_details={"email": session["customer_email"], "name": name or None},
            payment_intent=intent["id"],
            payment_status="paid",
            status="complete",
            url=None,
        )
        self.event("charge.succeeded", charge)
        self.event("payment_intent.succeeded", intent)
        self.event("checkout.session.completed", session)
        if card in cards.DISPUTED:
            disputes.begin(self, intent["id"], status=cards.DISPUTED[card])
        return session

    # Refunds

    def refund(self, values: dict[str, Any]) -> Object:
        with self.store.writing():
            charge = self._charge_to_refund(values)
            disputes.check_refund(self, charge)
            rest = charge["amount"] - charge["amount_refunded"]
            amount = values.get("amount", rest)
            self._check_refund(charge, amount, rest)
            state = self.refund_states.pop(0) if self.refund_states else "succeeded"
            refund = {
                "id": new_id("refund"),
                "object": "refund",
                "amount": amount,
                "charge": charge["id"],
                "created": int(time.time()),
                "currency": charge["currency"],
                "metadata": checkout.metadata(values),
                "payment_intent": charge["payment_intent"],
                "reason": values.get("reason"),
                "receipt_number": None,
                "status": state,
            }
            refunded = charge["amount_refunded"] + amount
            charge = self.store.change(
                "charge", charge, amount_refunded=refunded, refunded=refunded == charge["amount"]
            )
            self.store.put("refund", refund)
            self.event("refund.created", refund)
            self.event("charge.refunded", charge)
        return refund

    def _charge_to_refund(self, values: dict[str, Any]) -> Object:
        if "payment_intent" in values:
            intent = self.found("payment_intent", values["payment_intent"], "payment_intent", 400)
            if intent["status"] != "succeeded":
                raise InvalidRequest(
                    f"This PaymentIntent ({intent['id']}) does not have a successful charge to "
                    "refund.",
                    "payment_intent",
                )
            return self.found("charge", intent["latest_charge"])
        if "charge" in values:
            return self.found("charge", values["charge"], "charge", 400)
        raise InvalidRequest(
            "One of the following params should be provided: payment_intent, charge"
        )

    @staticmethod
    def _check_refund(charge: Object, amount: int, rest: int) -> None:
        if rest == 0:
            raise InvalidRequest(
                f"Charge {charge['id']} has already been refunded.",
                code="charge_already_refunded",
            )
        if amount < 1:
            raise InvalidRequest(
                "This value must be greater than or equal to 1.",
                "amount",
                code="parameter_invalid_integer",
            )
        if amount > rest:
            raise InvalidRequest(
                f"Refund amount ({money.in_words(amount, charge['currency'])}) is greater than "
                f"unrefunded amount on charge ({money.in_words(rest, charge['currency'])})",
                "amount",
            )

    def finish_refund(self, identity: str, state: str) -> Object:
        """A pending refund arrives at the card (succeeded) or comes back (failed)."""
        with self.store.writing():
            refund = self.store.change("refund", self.found("refund", identity), status=state)
            if state == "failed":
                charge = self.found("charge", refund["charge"])
                rest = charge["amount_refunded"] - refund["amount"]
                self.store.change("charge", charge, amount_refunded=rest, refunded=False)
                self.event("refund.failed", refund)
            else:
                self.event("refund.updated", refund)
        return refund

    # Both

    def found(self, kind: str, identity: Any, param: str = "id", status: int = 404) -> Object:
        thing = self.store.get(kind, identity)
        if thing is None:
            raise InvalidRequest(
                f"No such {kind}: '{identity}'", param, status=status, code="resource_missing"
            )
        return thing

    def event(self, kind: str, thing: Object) -> None:
        event = {
            "id": new_id("event"),
            "object": "event",
            "api_version": stripe.api_version,
            "created": int(time.time()),
            "data": {"object": public(thing)},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.store.put("event", event)
        self._emit(event)


def public(thing: Object) -> Object:
    """An object as Stripe shows it: our notes stay inside, lists come only when asked for."""
    return {key: value for key, value in thing.items() if key[0] != "_" and key != "line_items"}
