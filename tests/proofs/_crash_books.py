"""What stands where after the kills: database, provider and mailbox, compared row by row."""

from __future__ import annotations

import re
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from tests.proofs._lives import BACK, DOORS, PRICE, REFUND_EACH, Board, World

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


def _letters(folder: Path) -> Counter[str]:
    """How many letters arrived with which message id."""
    found: Counter[str] = Counter()
    for path in folder.glob("*.eml"):
        match = MESSAGE_ID.search(path.read_bytes()[:4000])
        found[match[1].decode() if match else "none"] += 1
    return found


def mails_of(folder: Path) -> dict[str, int]:
    """Rows against letters."""
    from conference.core.outbox import MailState, OutboundMail
    from conference.extensions import db

    arrived = _letters(folder)
    rows = db.session.execute(db.select(OutboundMail.message_id, OutboundMail.state)).all()
    states = Counter(state for _id, state in rows)
    return {
        "mails": len(rows),
        "lost": sum(state is MailState.SENT and not arrived[one] for one, state in rows)
        + states[MailState.QUEUED]
        + states[MailState.SENDING]
        + states[MailState.FAILED],
        "uncertain": states[MailState.UNCERTAIN],
        "uncertain_arrived": sum(
            state is MailState.UNCERTAIN and arrived[one] > 0 for one, state in rows
        ),
        "doubled": sum(count > 1 for count in arrived.values()),
        "unknown": len(set(arrived) - {one for one, _state in rows}),
    }


def _sandbox_books(world: World) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Per order at the provider: charges, cents charged, refunds."""
    import json

    with urllib.request.urlopen(f"{world.stripe}/_sandbox/log", timeout=60) as answer:
        log = json.load(answer)
    owner = {
        one["payment_intent"]: one["client_reference_id"]
        for one in log["sessions"].values()
        if one["payment_intent"]
    }
    charges: Counter[str] = Counter()
    cents: Counter[str] = Counter()
    for charge in log["charges"].values():
        charges[owner[charge["payment_intent"]]] += bool(charge["paid"])
        cents[owner[charge["payment_intent"]]] += charge["amount_captured"]
    refunds = Counter(owner[refund["payment_intent"]] for refund in log["refunds"].values())
    return charges, cents, refunds


def _buyer_is_right(task: int, world: World, books: Any, mails: Counter[Any]) -> list[str]:
    """What is lost or doubled of one buyer, in words; nothing when all is there once."""
    from conference.checkin.models import Admission, Scan, ScanResult
    from conference.extensions import db
    from conference.payments.models import EntryKind, Invoice
    from conference.payments.service import ledger
    from conference.registrations.models import Order
    from conference.registrations.queries import registrations_of
    from conference.registrations.states import OrderState

    orders = db.session.scalars(
        db.select(Order).where(Order.email == f"buyer{task}@example.org")
    ).all()
    if len(orders) != 1:
        return [f"{len(orders)} orders"]
    order, refunded = orders[0], task % REFUND_EACH == 0
    people = registrations_of(order)
    charges, cents, refunds = books
    kinds = Counter((entry.kind, entry.amount_minor) for entry in ledger.entries(order))
    wanted = Counter({(EntryKind.CHARGE, PRICE): 1, (EntryKind.PAYMENT, PRICE): 1})
    if refunded:
        wanted += Counter({(EntryKind.CREDIT, BACK): 1, (EntryKind.REFUND, BACK): 1})
    papers = Counter(
        kind.value
        for kind in db.session.scalars(db.select(Invoice.kind).where(Invoice.order_id == order.id))
    )
    scanned = db.session.scalars(
        db.select(Scan.result).where(Scan.registration_id == people[0].id)
    ).all()
    inside = db.session.scalar(
        db.select(db.func.count(Admission.id)).where(Admission.registration_id == people[0].id)
    )
    told = Counter({"payment-due": 1, "payment-received": 1, "registration-confirmed": 1})
    told["refund-made"] = int(refunded)
    facts = {
        "registrations": (len(people), 1),
        "order": (order.state, OrderState.PAID),
        "confirmed": (people[0].confirmed_at is not None, True),
        "charges at the provider": (charges[order.public_id], 1),
        "cents at the provider": (cents[order.public_id], PRICE),
        "refunds at the provider": (refunds[order.public_id], int(refunded)),
        "ledger": (kinds, wanted),
        "invoices": (papers["invoice"], 1),
        "credit notes": (papers["credit_note"], int(refunded)),
        "scans": (list(scanned), [ScanResult.VALID] * DOORS),
        "admissions": (inside, DOORS),
        "mails": (+(mails[order.public_id] + mails[people[0].public_id]), +told),
    }
    return [
        f"{name}: {is_} instead of {should}"
        for name, (is_, should) in facts.items()
        if is_ != should
    ]


def judge(world: World, board: Board, letters: Path) -> dict[str, Any]:
    from conference.core import audit
    from conference.core.outbox import OutboundMail
    from conference.editions.models import Edition
    from conference.extensions import db
    from conference.payments.models import Invoice

    mails: dict[str, Counter[str]] = {}
    for about, name in db.session.execute(db.select(OutboundMail.about, OutboundMail.name)):
        mails.setdefault(about, Counter())[name] += 1
    known: Any = _Default(mails)
    books = _sandbox_books(world)
    wrong = [
        f"buyer {task}: {fault}"
        for task in range(board.tasks)
        for fault in _buyer_is_right(task, world, books, known)
    ]
    numbers: dict[Any, list[int]] = {}
    for kind, number in db.session.execute(db.select(Invoice.kind, Invoice.number)):
        numbers.setdefault(kind, []).append(number)
    gaps = [kind for kind, used in numbers.items() if sorted(used) != list(range(1, len(used) + 1))]
    taken = db.session.scalar(db.select(Edition.places_taken))
    if taken != board.tasks:
        wrong.append(f"{taken} places counted for {board.tasks} buyers")
    return {
        "buyers": board.tasks,
        "wrong": wrong + [f"gap in the numbers of {kind}" for kind in gaps],
        "audit": (audit.first_break(), audit.count()),
        **mails_of(letters),
    }


class _Default(dict[str, Counter[str]]):
    def __missing__(self, _key: str) -> Counter[str]:
        return Counter()
