"""Webhooks taken in once: the event's id is kept together with its effect, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from conference.extensions import db
from conference.payments.exchange import DisputeSeen, Hint, Seen, SessionSeen
from conference.payments.models import StripeEvent
from conference.payments.service import checkout, disputes, refunds


def is_known(hint: Hint) -> bool:
    """Whether this event was taken in before."""
    found = db.session.scalar(select(StripeEvent.id).where(StripeEvent.event_id == hint.id))
    return found is not None


def take_in(hint: Hint, found: Sequence[Seen]) -> str:
    """Apply what the provider shows of the objects an event is about; answers what came of it."""
    event = StripeEvent(
        event_id=hint.id, kind=hint.kind, object_id=hint.object_id, outcome="taken in"
    )
    try:
        with db.session.begin_nested():
            db.session.add(event)
            db.session.flush()
    except IntegrityError:
        return "known"  # its twin was quicker
    event.outcome = ", ".join(dict.fromkeys(apply(seen) for seen in found)) or "nothing to do"
    event.outcome = event.outcome[:40]
    db.session.flush()
    return event.outcome


def apply(seen: Seen) -> str:
    """One object as it is now."""
    if isinstance(seen, SessionSeen):
        return checkout.apply(seen)
    return disputes.apply(seen) if isinstance(seen, DisputeSeen) else refunds.apply(seen)
