"""The product with guards taken out, for negative controls: `PROOF_WITHOUT` names which.

What stands here is how the same step is written by somebody who does not think of others doing it
at the same moment: look, think, write. Never imported by the product.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

THINKS = 0.03  # seconds between looking and writing


def _think() -> None:
    from conference.extensions import db

    db.session.commit()  # lets go of what was read, as two requests of a page would
    time.sleep(THINKS)


def without_places() -> None:
    """Places: read how many are taken, then write one more. The CHECK never sees what is lost."""
    from conference.extensions import db
    from conference.registrations import places

    def take(thing: Any, count: int = 1) -> bool:
        kind, taken, most = places._columns(thing)
        now, limit = db.session.execute(select(taken, most).where(kind.id == thing.id)).one()
        if limit is not None and now + count > limit:
            return False
        _think()
        db.session.execute(
            update(kind)
            .where(kind.id == thing.id)
            .values({taken: now + count})
            .execution_options(synchronize_session=False)
        )
        return True

    places.take = take


def without_one_use() -> None:
    """Links: look whether it is unused, then mark it used."""
    from conference.core import clock, tokens
    from conference.extensions import db

    def consume(purpose: str, raw: str) -> Any:
        token = tokens.peek(purpose, raw)
        _think()
        token.used_at = clock.now()
        db.session.flush()
        return token

    tokens.consume = consume


def without_counter() -> None:
    """Codes of an authenticator: look at the last one, then write this one."""
    from conference.accounts import vault
    from conference.accounts.service import second_factor
    from conference.extensions import db

    def use_code(*, person: Any, code: str) -> None:
        secret, last = person.tf_totp_secret, person.tf_last_counter
        counter = vault.totp_counter(second_factor.digits(code), secret, last=last)
        if not counter:
            raise second_factor.WrongCode(field="code")
        _think()
        person.tf_last_counter = counter
        db.session.flush()

    second_factor.use_code = use_code


def without_recovery_lock() -> None:
    """Recovery codes: look whether it is there, then take it out."""
    from conference.accounts.service import second_factor
    from conference.extensions import db

    def use_recovery_code(*, person: Any, code: str) -> int:
        wanted = second_factor._hash(person, code)
        if wanted not in person.recovery_hashes:
            raise second_factor.WrongCode(field="recovery_code")
        _think()
        person.recovery_hashes = [one for one in person.recovery_hashes if one != wanted]
        db.session.flush()
        return len(person.recovery_hashes)

    second_factor.use_recovery_code = use_recovery_code


def without_ended() -> None:
    """Sessions: look whether it runs, then end it."""
    from conference.accounts import sessions
    from conference.accounts.models import SignInSession
    from conference.core import clock
    from conference.core.errors import NotFound
    from conference.extensions import db

    def end(person: Any, session_public_id: str) -> None:
        found = db.session.scalars(
            select(SignInSession).where(
                SignInSession.person_id == person.id,
                SignInSession.public_id == session_public_id,
                SignInSession.ended_at.is_(None),
            )
        ).first()
        if found is None:
            raise NotFound()
        _think()
        found.ended_at = clock.now()
        db.session.flush()

    sessions.end = end


def without_limits() -> None:
    """No limit of tries, so that all of many tries reach the guard behind it."""
    from conference.accounts import limits

    limits.take = lambda *_args, **_more: None


def without_signature() -> None:
    """Webhooks: whatever is posted is believed to come from the provider."""
    import json

    from conference.payments import provider
    from conference.payments.exchange import Hint

    def read_webhook(body: bytes, signature: str) -> Hint:
        event = json.loads(body)
        return Hint(event["id"], event["type"], event["data"]["object"]["id"])

    provider.read_webhook = read_webhook


def without_event_guard() -> None:
    """Webhooks: each delivery is booked, whatever was booked before."""
    from conference.core import clock
    from conference.core.model import new_public_id
    from conference.core.money import Money
    from conference.extensions import db
    from conference.payments.exchange import SessionSeen
    from conference.payments.models import Method
    from conference.payments.service import checkout, events, ledger

    def take_in(hint: Any, found: Any) -> str:
        for seen in found:
            attempt = checkout._attempt_of(seen) if isinstance(seen, SessionSeen) else None
            if attempt is None or not seen.paid:
                continue
            order = attempt.order
            ledger.add(
                order=order,
                kind=ledger.EntryKind.PAYMENT,
                amount=Money(seen.minor, seen.currency),
                method=Method.CARD,
                source=f"stripe:{new_public_id()}",
                booked_on=clock.today(order.edition.zone),
            )
        db.session.flush()
        return "booked"

    events.is_known = lambda _hint: False
    events.take_in = take_in


WITHOUT: dict[str, Callable[[], None]] = {
    name.removeprefix("without_"): function
    for name, function in list(globals().items())
    if name.startswith("without_")
}


def make() -> Any:
    """The product without the guards that the environment names."""
    from conference.app import create_app

    made = create_app()
    for name in filter(None, os.environ.get("PROOF_WITHOUT", "").split(",")):
        WITHOUT[name]()
    return made


if os.environ.get("PROOF_WITHOUT"):
    app = make()
