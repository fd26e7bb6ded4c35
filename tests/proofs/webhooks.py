"""10,000 deliveries of webhooks, shuffled, repeated, a fifth lost, with 1,000 forged among them.

Three groups of orders: paid while we watch; paid before, with refunds of ours whose answer nobody
noted; paid, with refunds made in the provider's own pages. Half-way through, pending refunds end
and late buyers pay, so that early deliveries see another state than late ones. A second copy of
the same database gets every event once and in order; both ledgers must be the same in the end, and
the same as what the provider holds. Controls: deliveries booked as they come double the ledger;
unsigned ones, when believed, block real ones.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.measures import proof
from tests.proofs._shared import NAIVE, configure_stripe, copy_database, looking
from tests.sandbox.stripe import Sandbox, serve, signed
from tests.serving import Request, Site, load, site

DELIVERIES = 10_000
FORGED = 1_000
LOST_SHARE = 0.2
WATCHED, BOOKED, ELSEWHERE, LATE, EXPIRED, LEFT_OPEN = 70, 30, 40, 12, 6, 6
CONTROL_DELIVERIES = 400
PRICE, BACK = 10_000, 3_000
PATH = "/payments/stripe/webhook"
CARD = "4242424242424242"
SECONDS = 170.0
Event = dict[str, Any]


@dataclass
class Story:
    """What happened at the provider, and which sessions belong to whom."""

    sandbox: Sandbox
    dice: random.Random
    sessions: list[str] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)  # refunds of which no webhook ever arrives

    def pay(self, *groups: str) -> None:
        for group in groups:
            for one in self.groups[group]:
                self.sandbox.api.effects.pay({"id": one}, CARD)

    def intent(self, session: str) -> str:
        found = self.sandbox.api.effects.session(session)
        return str(found["payment_intent"])


# -- before the deliveries


def _orders(number: int) -> list[str]:
    from conference.extensions import db
    from conference.payments.service import charging
    from tests.factories import (
        make_edition,
        make_order,
        make_payee,
        make_registration,
        make_ticket_type,
    )

    edition = make_edition(payee=make_payee(takes_cards=True))
    kind = make_ticket_type(edition, amount=PRICE)
    made = []
    for _ in range(number):
        order = make_order(edition, pays_by="card")
        make_registration(
            edition, ticket_type=kind, order=order, state="pending", email=order.email
        )
        charging.awaits_payment(order)
        made.append(str(order.public_id))
    db.session.commit()
    return made


def _open_sessions(orders: list[str]) -> Iterator[str]:
    from conference.extensions import db
    from conference.payments import provider
    from conference.payments.service import checkout
    from conference.registrations.models import Order

    for one in orders:
        order = db.session.scalars(db.select(Order).where(Order.public_id == one)).one()
        opening = checkout.prepare(order=order, by=None)
        db.session.commit()
        opened = provider.open_session(opening)
        checkout.note_opened(opened)
        db.session.commit()
        assert opened.session is not None
        yield opened.session.id


def _own_refunds(sessions: list[str]) -> None:
    """Refunds that finance made and whose answer nobody noted: the worker died."""
    from conference.core.money import Money
    from conference.extensions import db
    from conference.payments import provider
    from conference.payments.models import CheckoutAttempt
    from conference.payments.service import charging, refunds
    from tests.factories import make_person

    by = make_person()
    db.session.commit()
    for session in sessions:
        attempt = db.session.scalars(
            db.select(CheckoutAttempt).where(CheckoutAttempt.session_id == session)
        ).one()
        charging.credit(
            order=attempt.order, amount=Money(BACK, "EUR"), reason="", token=session[:40], by=by
        )
        made = refunds.prepare(order=attempt.order, amount=None, reason="", by=by)
        db.session.commit()
        for refunding in made:
            provider.refund(refunding)


def _begin(made: Site, sandbox: Sandbox) -> Story:
    from conference.payments import jobs

    story = Story(sandbox, random.Random(2016))
    sizes = {
        "watched": WATCHED,
        "booked": BOOKED,
        "elsewhere": ELSEWHERE,
        "late": LATE,
        "expired": EXPIRED,
        "open": LEFT_OPEN,
    }
    with looking(made):
        story.sessions = list(_open_sessions(_orders(sum(sizes.values()))))
        rest = iter(story.sessions)
        story.groups = {name: [next(rest) for _ in range(n)] for name, n in sizes.items()}
        story.pay("booked")
        for _round in range(3):
            jobs.reconcile_all()
        _own_refunds(story.groups["booked"])
    story.pay("watched", "elsewhere")
    for session in story.groups["expired"]:
        sandbox.api.effects.expire_session({"id": session})
    sandbox.api.effects.refund_states.extend(["succeeded", "pending"] * (ELSEWHERE // 2))
    for number, session in enumerate(story.groups["elsewhere"]):
        values = {"payment_intent": story.intent(session), "amount": BACK}
        refund = sandbox.api.effects.refund(values)
        if number < ELSEWHERE // 4:
            story.silent.add(refund["id"])
    return story


def _go_on(story: Story) -> None:
    """Half-way: pending refunds end, one in four comes back; the late ones pay."""
    pending = [r for r in story.sandbox.api.store.all("refund") if r["status"] == "pending"]
    for number, refund in enumerate(pending):
        story.sandbox.api.effects.finish_refund(
            refund["id"], "failed" if number % 4 == 3 else "succeeded"
        )
    story.pay("late")


# -- deliveries


def _is_silent(story: Story, event: Event) -> bool:
    thing = event["data"]["object"]
    if thing["object"] == "refund":
        return thing["id"] in story.silent
    if event["type"] != "charge.refunded":
        return False
    made = story.sandbox.api.store.all("refund")
    return any(r["charge"] == thing["id"] and r["id"] in story.silent for r in made)


def _lost(story: Story, events: list[Event]) -> set[str]:
    """A fifth of all events: the silent refunds' and others at random. No copy of them arrives."""
    lost = {event["id"] for event in events if _is_silent(story, event)}
    others = [event["id"] for event in events if event["id"] not in lost]
    more = max(0, int(len(events) * LOST_SHARE) - len(lost))
    return lost | set(story.dice.sample(others, more))


def _delivery(sandbox: Sandbox, event: Event) -> Request:
    body, headers = signed(event, sandbox.webhook_secret)
    return ("POST", PATH, headers, body)


def _forged(story: Story, events: list[Event]) -> Request:
    """What an attacker can make: real ids, a claim that an unpaid session is paid, no secret."""
    import time

    dice, real = story.dice, story.dice.choice(events)
    unpaid = dice.choice(story.groups["open"])
    claim = {"id": unpaid, "object": "checkout.session", "payment_status": "paid"}
    event = {**real, "type": "checkout.session.completed", "data": {"object": claim}}
    secret = story.sandbox.webhook_secret
    body, headers = signed(event, secret)
    kind = dice.randrange(7)
    if kind == 0:
        del headers["Stripe-Signature"]
    elif kind == 1:
        body, headers = signed(event, "whsec_guessed")
    elif kind == 2:  # a real signature over another body
        headers = signed(real, secret)[1]
    elif kind == 3:  # a real delivery, caught and sent again later
        body, headers = signed(event, secret, int(time.time()) - 3600)
    elif kind == 4:
        body, headers = signed(event, secret, int(time.time()) + 3600)
    elif kind == 5:
        headers["Stripe-Signature"] = headers["Stripe-Signature"].replace("v1=", "v0=")
    else:
        headers["Stripe-Signature"] = dice.choice(
            ["", "t=,v1=", "t=1,v1=" + "0" * 64, "\u00fc" * 9]
        )
    return ("POST", PATH, headers, body)


def _plan(story: Story, events: list[Event], number: int) -> list[Event]:
    """So many deliveries: each event at least once, further copies at random, shuffled."""
    plan = [*events, *story.dice.choices(events, k=max(0, number - len(events)))]
    story.dice.shuffle(plan)
    return plan[: max(number, len(events))]


class Posted:
    """Answers to the real and to the forged deliveries, by status."""

    def __init__(self) -> None:
        self.real: Counter[int] = Counter()
        self.forged: Counter[int] = Counter()

    def post(self, made: Site, requests: list[tuple[Request, bool]], clients: int = 8) -> None:
        kinds = {id(request): is_forged for request, is_forged in requests}

        def keep(request: Request, status: int, _body: bytes) -> None:
            (self.forged if kinds[id(request)] else self.real)[status] += 1

        queue = iter([request for request, _is_forged in requests])
        load(made.port, queue, clients=clients, seconds=SECONDS, keep=keep)


# -- what came of it


def _books(made: Site) -> dict[str, Any]:
    """Everything about money that a copy of the database holds, in an order of its own."""
    from conference.core.outbox import OutboundMail
    from conference.extensions import db
    from conference.payments.models import CheckoutAttempt, Invoice, LedgerEntry, RefundAttempt
    from conference.registrations.models import Order, Registration

    def rows(*columns: Any, joined: Any = None) -> list[tuple[Any, ...]]:
        query = db.select(*columns)
        if joined is not None:
            query = query.join(Order, joined == Order.id)
        return sorted(tuple(map(str, row)) for row in db.session.execute(query))

    entry, own, refund, paper = LedgerEntry, CheckoutAttempt, RefundAttempt, Invoice
    with looking(made):
        return {
            "ledger": rows(
                Order.public_id,
                entry.kind,
                entry.amount_minor,
                entry.currency,
                entry.method,
                entry.source,
                joined=entry.order_id,
            ),
            "orders": rows(Order.public_id, Order.state, Order.total_minor),
            "registrations": rows(Registration.public_id, Registration.state),
            "attempts": rows(own.public_id, own.state, own.payment_intent, own.refunded_minor),
            # One that came back leaves a trace only when it was seen on its way.
            "refunds": [
                row
                for row in rows(refund.refund_id, refund.state, refund.amount_minor)
                if row[1] != "failed"
            ],
            "papers": rows(Order.public_id, paper.kind, paper.total_minor, joined=paper.order_id),
            "mails": rows(OutboundMail.name, OutboundMail.about),
        }


def _provider_books(sandbox: Sandbox) -> Counter[str]:
    """What the provider holds, per source: charges, and refunds that arrived."""
    store = sandbox.api.store
    books = Counter(
        {f"stripe:{c['payment_intent']}": c["amount"] for c in store.all("charge") if c["paid"]}
    )
    for refund in store.all("refund"):
        if refund["status"] == "succeeded":
            books[f"stripe:{refund['id']}"] = refund["amount"]
    return books


def _agrees(books: dict[str, Any], sandbox: Sandbox) -> bool:
    held = _provider_books(sandbox)
    booked: Counter[str] = Counter()
    for _order, kind, amount, _currency, _method, source in books["ledger"]:
        if kind in {"payment", "refund"} and not source.endswith(":returned"):
            booked[source] += int(amount)
    came_back = {f"stripe:{r['id']}" for r in sandbox.api.store.all("refund")} - set(held)
    return all(booked[one] == held[one] for one in held) and set(booked) <= set(held) | came_back


def _unlike(one: dict[str, Any], other: dict[str, Any], *parts: str) -> int:
    """How many rows stand in one of the two only."""
    return sum(
        sum(
            ((Counter(one[p]) - Counter(other[p])) + (Counter(other[p]) - Counter(one[p]))).values()
        )
        for p in parts or one
    )


def _reconcile(made: Site) -> None:
    from conference.payments import jobs

    with looking(made):
        for _round in range(3):
            jobs.reconcile_all()


def _events_noted(made: Site) -> int:
    from conference.extensions import db
    from conference.payments.models import StripeEvent

    with looking(made):
        return int(db.session.scalar(db.select(db.func.count(StripeEvent.id))))


def _copy(base: Site, sandbox: Sandbox, act: Callable[[Site], Any], without: str = "") -> Any:
    """Run something on a copy of the database under its own server."""
    with site("sqlite", PROOF_WITHOUT=without, **configure_stripe(sandbox.url)) as made:
        copy_database(base, made)
        made.serve(threads=6, target=NAIVE if without else "wsgi:app")
        return act(made)


# -- the runs


def _storm(story: Story, made: Site) -> dict[str, Any]:
    """Shuffled, repeated, a fifth lost, forged ones among them."""
    sandbox, posted = story.sandbox, Posted()
    first = list(sandbox.events)
    lost = _lost(story, first)
    planned = sent = 0
    for half in range(2):
        if half == 1:
            _go_on(story)
            later = [event for event in sandbox.events if event not in first]
            lost |= _lost(story, later)
        events = first if half == 0 else list(sandbox.events)
        plan = _plan(story, events, DELIVERIES // 2)
        requests = [(_delivery(sandbox, e), False) for e in plan if e["id"] not in lost]
        planned, sent = planned + len(plan), sent + len(requests)
        requests += [(_forged(story, events), True) for _ in range(FORGED // 2)]
        story.dice.shuffle(requests)
        posted.post(made, requests)
    arrived = {event["id"] for event in sandbox.events} - lost
    before = _books(made)
    noted = _events_noted(made)
    _reconcile(made)
    return {
        "posted": posted,
        "planned": planned,
        "sent": sent,
        "events": len(sandbox.events),
        "events_lost": len(lost),
        "extra_events": noted - len(arrived),
        "before": before,
        "after": _books(made),
    }


def _in_order(story: Story, made: Site) -> dict[str, Any]:
    posted = Posted()
    requests = [(_delivery(story.sandbox, event), False) for event in story.sandbox.events]
    posted.post(made, requests, clients=1)
    before = _books(made)
    _reconcile(made)
    return {"books": _books(made), "before": before, "posted": posted}


def _doubled(story: Story, made: Site) -> dict[str, Any]:
    posted = Posted()
    plan = story.dice.choices(story.sandbox.events, k=CONTROL_DELIVERIES)
    posted.post(made, [(_delivery(story.sandbox, event), False) for event in plan])
    return _books(made)


def _believed(story: Story, made: Site) -> tuple[dict[str, Any], Posted]:
    """Forged ones first, then every real one: those whose id was taken are not looked at."""
    posted, events = Posted(), story.sandbox.events
    posted.post(made, [(_forged(story, events), True) for _ in range(CONTROL_DELIVERIES)])
    posted.post(made, [(_delivery(story.sandbox, event), False) for event in events])
    return _books(made), posted


@proof("webhooks")
def webhooks() -> tuple[dict[str, Any], bool]:
    """The storm, the same in order, and the two controls."""
    sandbox = serve()
    try:
        with site("sqlite", **configure_stripe(sandbox.url)) as base:
            story = _begin(base, sandbox)
            storm = _copy(base, sandbox, lambda made: _storm(story, made))
            order = _copy(base, sandbox, lambda made: _in_order(story, made))
            doubled = _copy(
                base, sandbox, lambda made: _doubled(story, made), without="event_guard"
            )
            believed, posted = _copy(
                base, sandbox, lambda made: _believed(story, made), without="signature"
            )
        return _judged(sandbox, storm, order, doubled, believed, posted)
    finally:
        sandbox.stop()


def _judged(
    sandbox: Sandbox,
    storm: dict[str, Any],
    order: dict[str, Any],
    doubled: dict[str, Any],
    believed: dict[str, Any],
    posted: Posted,
) -> tuple[dict[str, Any], bool]:
    books = order["books"]
    real, forged = storm["posted"].real, storm["posted"].forged
    faults = sum(n for status, n in (real + forged).items() if status == 0 or status >= 500)
    figures = {
        "deliveries": storm["planned"],
        "lost": storm["planned"] - storm["sent"],
        "events": storm["events"],
        "events_lost": storm["events_lost"],
        "forged": sum(forged.values()),
        "forged_taken": sum(n for status, n in forged.items() if status < 400),
        "faults": faults,
        "missing_before_reconciling": _unlike(storm["before"], books, "ledger"),
        "ledger_rows": len(books["ledger"]),
        "unlike_in_order": _unlike(storm["after"], books),
        "agrees_with_provider": _agrees(storm["after"], sandbox),
        "unlike_without_guard": _unlike(doubled, books, "ledger"),
        "unlike_without_signature": _unlike(believed, books, "ledger"),
    }
    passed = (
        figures["deliveries"] >= DELIVERIES
        and figures["lost"] > 0
        and forged == Counter({400: FORGED})
        and set(real) == {200}
        and sum(real.values()) == storm["sent"]
        and set(order["posted"].real) == {200}
        and _unlike(order["before"], books) == 0  # in order and whole, nothing is left to reconcile
        and storm["extra_events"] == 0
        and figures["missing_before_reconciling"] > 0
        and figures["unlike_in_order"] == 0
        and figures["agrees_with_provider"]
        and not _agrees(doubled, sandbox)
        and sum(n for status, n in posted.forged.items() if status < 400) > 0
        and figures["unlike_without_signature"] > 0
    )
    if not passed:
        _explain(storm, books)
    return figures, bool(passed)


def _explain(storm: dict[str, Any], books: dict[str, Any]) -> None:
    print("answers", dict(storm["posted"].real), dict(storm["posted"].forged))
    print("extra events", storm["extra_events"])
    for part in books:
        only = list((Counter(storm["after"][part]) - Counter(books[part])).elements())
        lacks = list((Counter(books[part]) - Counter(storm["after"][part])).elements())
        if only or lacks:
            print(part, "only in the storm", len(only), only[:3], "lacks", len(lacks), lacks[:3])
