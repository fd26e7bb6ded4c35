"""200 payments and 200 refunds whose answer from the card provider is lost: each happens once.

A quarter each: the line is cut after the effect; an error 500 comes after the effect; every answer
of a whole call is swallowed, the library's own repeats included, so that the product has to try
again by itself; three calls never arrive. The buyer then pays on every pay page that exists: where
a lost answer had led to a second page, they would pay twice. Refunds are of a part, so that one
too many would be paid out. The negative control leaves out the idempotency key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from tests.measures import proof
from tests.proofs._shared import LossyLine, configure_stripe
from tests.sandbox.stripe import Sandbox, serve
from tests.serving import site

ORDERS = 200
CONTROL = 40
PRICE, BACK = 10_000, 4_000
TRIES = 3  # the library asks once and repeats twice
LOSSES = ("cut_after_effect", "error_after_effect", "every_answer", "never_arrives")


class Losing:
    """Loses what belongs to one call, in the way whose turn it is."""

    def __init__(self, sandbox: Sandbox, line: LossyLine, only: str | None) -> None:
        self.sandbox, self.line, self.only = sandbox, line, only
        self.lost: Counter[str] = Counter()

    def lose(self, number: int, word: str) -> None:
        """The next call whose request holds the word loses its answer."""
        way = self.only or LOSSES[number % len(LOSSES)]
        faults = self.sandbox.api.faults
        faults.clear()
        if way == "cut_after_effect":
            faults.set({"drop_answer_after_effect": 1})
        elif way == "error_after_effect":
            faults.set({"fail_after_effect": 1})
        elif way == "every_answer":
            self.line.swallow[word] = TRIES
        else:
            faults.set({"drop_before_effect": TRIES})
        self.lost[way] += 1


def _order(edition: Any, kind: Any) -> str:
    from tests.factories import make_order, make_registration

    order = make_order(edition, pays_by="card")
    make_registration(edition, ticket_type=kind, order=order, state="pending", email=order.email)
    from conference.payments.service import charging

    charging.awaits_payment(order)
    return str(order.public_id)


def _load(public_id: str) -> Any:
    from conference.extensions import db
    from conference.registrations.models import Order

    return db.session.scalars(db.select(Order).where(Order.public_id == public_id)).one()


def _open_pay_page(public_id: str, losing: Losing, number: int) -> bool:
    """As the page does it: write down, commit, call, note. Again, until there is a pay page."""
    from conference.extensions import db
    from conference.payments import provider
    from conference.payments.exchange import ProviderDown
    from conference.payments.service import checkout

    for attempt in range(5):
        opening = checkout.prepare(order=_load(public_id), by=None)
        db.session.commit()
        if attempt == 0:
            losing.lose(number, opening.attempt)
        try:
            opened = provider.open_session(opening)
        except ProviderDown:
            continue
        checkout.note_opened(opened)
        db.session.commit()
        return opened.url is not None
    return False


def _give_back(public_id: str, losing: Losing, number: int, finance: str) -> None:
    """As finance's page does it, once; what stays unknown is left to the job."""
    from conference.accounts.models import Person
    from conference.core.money import Money
    from conference.extensions import db
    from conference.payments import provider
    from conference.payments.service import charging, refunds

    by = db.session.scalars(db.select(Person).where(Person.public_id == finance)).one()
    order = _load(public_id)
    charging.credit(order=order, amount=Money(BACK, "EUR"), reason="proof", token=public_id, by=by)
    for refunding in refunds.prepare(order=order, amount=None, reason="proof", by=by):
        db.session.commit()
        losing.lose(number, refunding.attempt)
        done = provider.refund(refunding)
        refunds.note(done)
        db.session.commit()


def _buyers_pay(sandbox: Sandbox) -> None:
    for session in sandbox.api.store.all("checkout.session"):
        if session["status"] == "open":
            sandbox.api.effects.pay(session, "4242424242424242")


@contextmanager
def _later(minutes: int) -> Iterator[None]:
    from conference.core import clock

    clock.set_source(lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    try:
        yield
    finally:
        clock.set_source(None)


def _reconcile() -> None:
    from conference.payments import jobs

    for _round in range(3):
        jobs.reconcile_all()


class _Keyless:
    """The provider's client, with whatever key a call names left out."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name == "create":
            return lambda params, _options=None: found(params)
        return found if callable(found) else _Keyless(found)


def _world(number: int, *, only: str | None = None, keyless: bool = False) -> dict[str, Any]:
    sandbox = serve()
    line = LossyLine(int(sandbox.url.rsplit(":", 1)[1]))
    try:
        with site("sqlite", **configure_stripe(line.url)) as made, made.app().app_context():
            losing = Losing(sandbox, line, only)
            return _play(number, sandbox, losing, keyless=keyless)
    finally:
        line.stop()
        sandbox.stop()


def _play(number: int, sandbox: Sandbox, losing: Losing, *, keyless: bool) -> dict[str, Any]:
    from conference.extensions import db
    from conference.payments import provider
    from tests.factories import make_edition, make_payee, make_person, make_ticket_type

    edition = make_edition(payee=make_payee(takes_cards=True))
    kind = make_ticket_type(edition, amount=PRICE)
    finance = make_person().public_id
    orders = [_order(edition, kind) for _ in range(number)]
    db.session.commit()
    plain: Callable[[], Any] = provider._client
    with patch.object(provider, "_client", (lambda: _Keyless(plain())) if keyless else plain):
        opened = sum(_open_pay_page(one, losing, n) for n, one in enumerate(orders))
        sandbox.heal()
        _buyers_pay(sandbox)
        _reconcile()
        for n, one in enumerate(orders):
            _give_back(one, losing, n, finance)
        sandbox.heal()
        with _later(2):
            _reconcile()
    return {"opened": opened, **_counted(orders, sandbox), "lost": losing}


def _counted(orders: list[str], sandbox: Sandbox) -> dict[str, Any]:
    """What the provider and the ledger say, order by order."""
    from conference.payments.models import EntryKind
    from conference.payments.service import ledger
    from conference.registrations.states import OrderState

    store = sandbox.api.store
    owner = {
        s["payment_intent"]: s["client_reference_id"]
        for s in store.all("checkout.session")
        if s["payment_intent"]
    }
    charges = Counter(
        owner[charge["payment_intent"]] for charge in store.all("charge") if charge["paid"]
    )
    refunds = Counter(owner[refund["payment_intent"]] for refund in store.all("refund"))
    sums: Counter[str] = Counter()
    for charge in store.all("charge"):
        sums["charged"] += charge["amount_captured"]
        sums["refunded"] += charge["amount_refunded"]
    agree = 0
    for one in orders:
        order = _load(one)
        lines = [(e.kind, e.amount_minor) for e in ledger.entries(order)]
        agree += (
            order.state is OrderState.PAID
            and lines.count((EntryKind.PAYMENT, PRICE)) == charges[one] == 1
            and lines.count((EntryKind.REFUND, BACK)) == refunds[one] == 1
            and len(lines) == 4
            and ledger.account(order).balance == 0
        )
    return {
        "once": sum(charges[one] == 1 for one in orders),
        "twice": sum(charges[one] > 1 for one in orders),
        "refunded_once": sum(refunds[one] == 1 for one in orders),
        "refunded_twice": sum(refunds[one] > 1 for one in orders),
        "agree": agree,
        "sums": sums,
    }


@proof("charge-once")
def charge_once() -> tuple[dict[str, Any], bool]:
    """With the keys, then without."""
    import stripe

    stripe.HTTPClient.INITIAL_DELAY = stripe.HTTPClient.MAX_DELAY = 0.01  # shorter pauses only
    done = _world(ORDERS)
    control = _world(CONTROL, only="every_answer", keyless=True)
    losing = done["lost"]
    figures = {
        "lost_answers": 2 * ORDERS,
        "ways_of_losing": len(losing.lost),
        "answers_swallowed_whole": losing.line.swallowed,
        "charged_once": f"{done['once']} of {ORDERS}",
        "refunded_once": f"{done['refunded_once']} of {ORDERS}",
        "ledger_agrees": f"{done['agree']} of {ORDERS}",
        "charged_EUR": done["sums"]["charged"] / 100,
        "refunded_EUR": done["sums"]["refunded"] / 100,
        "without_key_charged_twice": f"{control['twice']} of {CONTROL}",
        "without_key_refunded_twice": f"{control['refunded_twice']} of {CONTROL}",
    }
    passed = (
        done["opened"] == done["once"] == done["refunded_once"] == done["agree"] == ORDERS
        and done["sums"] == {"charged": ORDERS * PRICE, "refunded": ORDERS * BACK}
        and sum(losing.lost.values()) == 2 * ORDERS
        and losing.line.swallowed >= ORDERS // len(LOSSES) * 2 * TRIES
        and control["twice"] > 0
        and control["refunded_twice"] > 0
    )
    return figures, passed
