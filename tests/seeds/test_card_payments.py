"""The card provider of the demo knows the payments of the sample, so they can be given back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.sandbox.stripe import history
from tests.sandbox.stripe.effects import Effects
from tests.sandbox.stripe.store import Store


def test_payments_of_the_sample_can_be_refunded_in_the_sandbox(sample: Any, tmp_path: Path) -> None:
    payments = history.of_product()
    known = history.learn(tmp_path / "stripe.jsonl", payments)
    assert known == len(payments) > 20
    assert history.learn(tmp_path / "stripe.jsonl", payments) == 0
    store = Store(tmp_path / "stripe.jsonl")
    effects = Effects(store, lambda _event: None)
    kept = next(payment for payment in payments if not payment.refunds)
    refund = effects.refund({"payment_intent": kept.intent})
    assert (refund["status"], refund["amount"]) == ("succeeded", kept.amount)
    gone = next(payment for payment in payments if payment.refunds)
    charges = {one["payment_intent"]: one for one in store.all("charge")}
    assert charges[gone.intent]["amount_refunded"] == sum(amount for _id, amount in gone.refunds)
    store.close()
