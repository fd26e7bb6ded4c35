"""The card provider, Stripe, behind plain values: every call to it, and nothing of the database.

A call may take seconds. None is made while a transaction is open: on SQLite it would hold up
everybody who registers meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from conference.extensions import db
from conference.payments import signatures
from conference.payments.exchange import (
    DatabaseOpen,
    DisputeSeen,
    Hint,
    MoveSeen,
    Opened,
    Opening,
    ProviderDown,
    Refunded,
    Refunding,
    RefundSeen,
    Seen,
    SessionSeen,
)

if TYPE_CHECKING:
    import stripe

log = logging.getLogger(__name__)

VERSION = "2026-10-28.endive"
# Where Stripe counts minor units as ISO 4217 does; others (ISK, UGX, MGA) it counts its own way.
CURRENCIES = frozenset("ALL BAM BGN CHF CZK EUR GBP HUF MKD PLN RON RSD TRY USD".split())
RETRIES = 2
SECONDS = (5.0, 20.0)  # to connect, to answer


@dataclass
class _Settings:
    key: str | None = None
    api_base: str = "https://api.stripe.com"
    webhook_secret: str | None = None
    retries: int = RETRIES
    held: Callable[[], bool] = bool  # never


_settings = _Settings()


def configure(
    *,
    key: str | None,
    api_base: str,
    webhook_secret: str | None,
    retries: int = RETRIES,
    held: Callable[[], bool] = bool,
) -> None:
    """Told once by the application factory; `held` says whether this is a restored copy."""
    _settings.key, _settings.api_base = key, api_base.rstrip("/")
    _settings.webhook_secret, _settings.retries = webhook_secret, retries
    _settings.held = held
    _client.cache_clear()


def is_ready(currency: str) -> bool:
    """Whether cards can be taken in this currency."""
    return bool(_settings.key and _settings.webhook_secret) and currency in CURRENCIES


@lru_cache(maxsize=1)
def _client() -> stripe.V1Services:
    import stripe

    return stripe.StripeClient(
        _settings.key or "",
        stripe_version=VERSION,
        base_addresses={"api": _settings.api_base},
        max_network_retries=_settings.retries,
        http_client=stripe.RequestsClient(timeout=SECONDS),
    ).v1


def _ask(call: Callable[[stripe.V1Services], Any]) -> Any:
    """Make a call. ProviderDown when what happened is unknown; a refusal of Stripe goes through."""
    import stripe

    if db.session.registry.has() and db.session().in_transaction():
        raise DatabaseOpen()
    if _settings.held():  # it moves no money until it is told to
        raise ProviderDown()
    try:
        return call(_client())
    except (stripe.InvalidRequestError, stripe.CardError):
        raise
    except stripe.StripeError as error:
        # The message may name a person; the kind and the number of the request do not.
        log.warning("stripe: %s, request %s", type(error).__name__, error.request_id)
        raise ProviderDown() from error


# -- sessions


def open_session(opening: Opening) -> Opened:
    """Close what is stale, then open the pay page. Nothing is opened when a stale one is paid."""
    import stripe

    seen = tuple(filter(None, (_close(session) for session in opening.stale)))
    if any(session.paid for session in seen):
        return Opened(opening.attempt, seen=seen)
    try:
        made = _ask(
            lambda api: api.checkout.sessions.create(
                opening.request,  # type: ignore[arg-type]
                {"idempotency_key": opening.key},
            )
        )
    except stripe.InvalidRequestError as error:
        log.error("stripe refused a session: %s %s", error.code, error.param)
        return Opened(opening.attempt, refused=True, seen=seen)
    return Opened(opening.attempt, session=_session(made), seen=seen)


def close_session(session_id: str) -> SessionSeen | None:
    """Make a session unpayable; answers what it is now."""
    return _close(session_id)


def _close(session_id: str) -> SessionSeen | None:
    import stripe

    try:
        return _session(_ask(lambda api: api.checkout.sessions.expire(session_id)))
    except stripe.InvalidRequestError:
        return find_session(session_id)  # paid or expired already


def find_session(session_id: str) -> SessionSeen | None:
    """A session as it is now; None when there is none."""
    import stripe

    try:
        return _session(_ask(lambda api: api.checkout.sessions.retrieve(session_id)))
    except stripe.InvalidRequestError:
        return None


def _session(made: Any) -> SessionSeen:
    intent = made.payment_intent
    return SessionSeen(
        id=made.id,
        status=made.status or "",
        paid=made.payment_status == "paid",
        minor=made.amount_total or 0,
        currency=(made.currency or "").upper(),
        intent=getattr(intent, "id", intent),
        url=made.url,
        attempt=_written_on(made),
    )


def _written_on(made: Any) -> str:
    notes = made.metadata.to_dict() if made.metadata else {}
    return str(notes.get("attempt", ""))


# -- refunds


def refund(refunding: Refunding) -> Refunded:
    """Give money back to the card it came from."""
    import stripe

    try:
        made = _ask(
            lambda api: api.refunds.create(
                {
                    "payment_intent": refunding.intent,
                    "amount": refunding.minor,
                    "metadata": {"attempt": refunding.attempt},
                },
                {"idempotency_key": refunding.key},
            )
        )
    except stripe.InvalidRequestError as error:
        log.error("stripe refused a refund: %s %s", error.code, error.param)
        return Refunded(refunding.attempt, refused=True)
    except ProviderDown:
        return Refunded(refunding.attempt)
    return Refunded(refunding.attempt, seen=_refund(made))


def refunds_since(at: datetime) -> list[RefundSeen]:
    """Every refund that was made since an instant, by us or in the provider's own pages."""
    since = int(at.timestamp())
    found = _ask(lambda api: api.refunds.list({"created": {"gte": since}, "limit": 100}))
    return [_refund(one) for one in found.auto_paging_iter()]


def refunds_of(intent: str) -> list[RefundSeen]:
    """Every refund of a payment, as they are now."""
    found = _ask(lambda api: api.refunds.list({"payment_intent": intent, "limit": 100}))
    return [_refund(one) for one in found.auto_paging_iter()]


def _refund(made: Any) -> RefundSeen:
    intent = made.payment_intent
    return RefundSeen(
        id=made.id,
        status=made.status or "",
        minor=made.amount,
        currency=made.currency.upper(),
        intent=getattr(intent, "id", intent),
        attempt=_written_on(made),
    )


# -- disputes


def disputes_since(at: datetime) -> list[DisputeSeen]:
    """Every dispute that a buyer has begun at their bank since an instant."""
    since = int(at.timestamp())
    found = _ask(lambda api: api.disputes.list({"created": {"gte": since}, "limit": 100}))
    return [_dispute(one) for one in found.auto_paging_iter()]


def find_dispute(dispute_id: str) -> DisputeSeen:
    """A dispute as it is now."""
    return _dispute(_ask(lambda api: api.disputes.retrieve(dispute_id)))


def _dispute(made: Any) -> DisputeSeen:
    intent, evidence = made.payment_intent, made.evidence_details
    due_by = evidence.due_by if evidence else None
    return DisputeSeen(
        id=made.id,
        status=made.status or "",
        reason=made.reason or "",
        minor=made.amount,
        currency=made.currency.upper(),
        intent=getattr(intent, "id", intent),
        due_at=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        moves=tuple(
            MoveSeen(one.id, one.amount, one.currency.upper())
            for one in made.balance_transactions or ()
            if one.amount
        ),
    )


# -- webhooks


def read_webhook(body: bytes, signature: str) -> Hint:
    """The hint in a webhook whose signature over the raw body is right and fresh."""
    return signatures.read(body, signature, secret=_settings.webhook_secret)


def look_up(hint: Hint) -> Sequence[Seen]:
    """The objects that a webhook is about, as they are now; none for kinds we do not need."""
    import stripe

    look = _LOOK.get(hint.kind)
    if look is None:
        return []
    try:
        return look(hint.object_id)
    except stripe.InvalidRequestError:
        return []  # another account's, or of a time before


def _one_session(identity: str) -> Sequence[Seen]:
    found = find_session(identity)
    return [found] if found else []


def _sessions_of_intent(intent: str) -> Sequence[Seen]:
    found = _ask(lambda api: api.checkout.sessions.list({"payment_intent": intent}))
    return [_session(one) for one in found.data]


def _one_dispute(identity: str) -> Sequence[Seen]:
    return [find_dispute(identity)]


def _one_refund(identity: str) -> Sequence[Seen]:
    return [_refund(_ask(lambda api: api.refunds.retrieve(identity)))]


def _refunds_of_charge(charge: str) -> Sequence[Seen]:
    found = _ask(lambda api: api.refunds.list({"charge": charge, "limit": 100}))
    return [_refund(one) for one in found.auto_paging_iter()]


_LOOK: dict[str, Callable[[str], Sequence[Seen]]] = {
    "checkout.session.completed": _one_session,
    "checkout.session.expired": _one_session,
    "checkout.session.async_payment_succeeded": _one_session,
    "checkout.session.async_payment_failed": _one_session,
    "payment_intent.succeeded": _sessions_of_intent,
    "charge.refunded": _refunds_of_charge,
    "charge.dispute.created": _one_dispute,
    "charge.dispute.updated": _one_dispute,
    "charge.dispute.closed": _one_dispute,
    "charge.dispute.funds_withdrawn": _one_dispute,
    "charge.dispute.funds_reinstated": _one_dispute,
    "refund.created": _one_refund,
    "refund.updated": _one_refund,
    "refund.failed": _one_refund,
}
