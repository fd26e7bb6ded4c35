"""Whether the card provider has signed a webhook, and which hint it then holds."""

from __future__ import annotations

import json
from datetime import timedelta

from conference.core import clock
from conference.payments.exchange import Forged, Hint

TOLERANCE = timedelta(minutes=5)


def read(body: bytes, signature: str, *, secret: str | None) -> Hint:
    """The hint in a webhook whose signature over the raw body is right and fresh."""
    import stripe

    seconds = int(TOLERANCE.total_seconds())
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, seconds)
        event = json.loads(body)
        hint = Hint(
            id=str(event["id"])[:120],
            kind=str(event["type"])[:80],
            object_id=str(event["data"]["object"].get("id") or "")[:120],
        )
    except (stripe.SignatureVerificationError, ValueError, TypeError, KeyError, AttributeError):
        raise Forged() from None
    # The library refuses only what is too old.
    if _signed_at(signature) > clock.now().timestamp() + seconds:
        raise Forged()
    return hint


def _signed_at(signature: str) -> int:
    return int(next(part[2:] for part in signature.split(",") if part.startswith("t=")))
