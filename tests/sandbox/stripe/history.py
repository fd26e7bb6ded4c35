"""Card payments older than the sandbox itself: those of the sample, known so that they can go back.

`python -m tests.sandbox.stripe.history JOURNAL` reads them from the product's database.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.stripe.effects import Effects
from tests.sandbox.stripe.store import Store


@dataclass(frozen=True)
class Payment:
    """What the product wrote down about a session that was paid; `refunds` are (id, amount)."""

    session: str
    intent: str
    attempt: str
    amount: int
    currency: str
    email: str
    refunds: tuple[tuple[str, int], ...] = ()


def learn(journal: Path, payments: Iterable[Payment]) -> int:
    """Write sessions, intents, charges and refunds into a journal; answers how many payments."""
    store = Store(journal)
    count = 0
    with store.writing():
        for payment in payments:
            if store.get("checkout.session", payment.session) is None:
                _learn(store, payment)
                count += 1
    store.close()
    return count


def _learn(store: Store, payment: Payment) -> None:
    """Play it in a store of its own, then keep the objects under the ids that the product knows."""
    effects = Effects(Store(), lambda _event: None)
    price = {
        "currency": payment.currency.lower(),
        "unit_amount": payment.amount,
        "product_data": {"name": "Sample"},
    }
    notes = {"attempt": payment.attempt}
    session = effects.open_session(
        {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],
            "customer_email": payment.email,
            "metadata": notes,
            "payment_intent_data": {"metadata": notes},
            "success_url": "http://localhost/",
        }
    )
    paid = effects.pay(session, "4242424242424242")
    names = {paid["id"]: payment.session, paid["payment_intent"]: payment.intent}
    for refund, amount in payment.refunds:
        made = effects.refund({"payment_intent": paid["payment_intent"], "amount": amount})
        names[made["id"]] = refund
    for kind in ("checkout.session", "payment_intent", "charge", "refund"):
        for thing in effects.store.all(kind):
            text = json.dumps(thing)
            for given, wanted in names.items():
                text = text.replace(given, wanted)
            store.put(kind, json.loads(text))


def of_product() -> list[Payment]:
    """The paid sessions in the product's database; needs an application context."""
    from sqlalchemy import select

    from conference.extensions import db
    from conference.payments.models import CheckoutAttempt, RefundAttempt
    from conference.payments.states import AttemptState

    paid = db.session.scalars(
        select(CheckoutAttempt)
        .where(CheckoutAttempt.state == AttemptState.SUCCEEDED)
        .order_by(CheckoutAttempt.id)
    )
    refunds: dict[int | None, list[tuple[str, int]]] = {}
    for back in db.session.scalars(
        select(RefundAttempt).where(RefundAttempt.refund_id.is_not(None))
    ):
        refunds.setdefault(back.checkout_id, []).append((back.refund_id or "", back.amount_minor))
    return [
        Payment(
            session=one.session_id or "",
            intent=one.payment_intent or "",
            attempt=one.public_id,
            amount=one.amount_minor,
            currency=one.currency,
            email=one.order.email,
            refunds=tuple(refunds.get(one.id, ())),
        )
        for one in paid
    ]


def main() -> None:
    from conference.app import create_app

    with create_app().app_context():
        print(f"{learn(Path(sys.argv[1]), of_product())} payments of the sample are known")


if __name__ == "__main__":
    main()
