"""Many registrations at once, by bulk insert: orders, places, lines, mails, arrivals."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update

from conference.core import clock, text
from conference.core.model import new_public_id
from conference.core.outbox import MailState, OutboundMail
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.models import Order, OrderLine, Registration, TicketType
from conference.registrations.states import OrderState, RegistrationState
from tests import factories

NAMES = [
    ("Милица", "Ђорђевић", "RS"),
    ("Đorđe", "Ilić", "RS"),
    ("Ștefan", "Popescu", "RO"),
    ("Ayşe", "Yılmaz", "TR"),
    ("Γεώργιος", "Παπαδόπουλος", "GR"),
    ("민준", "김", "KR"),
    ("Иван", "Петров", "BG"),
    ("Besnik", "Hoxha", "AL"),
    ("Zsófia", "Kovács", "HU"),
    ("Jürgen", "Groß", "DE"),
]
AT_ONCE = 5_000


def open_edition(**overrides: Any) -> Edition:
    """An edition without limits, with two ticket types and an extra."""
    edition: Edition = factories.make_edition(
        code="ohrid", shows_participants=True, max_per_order=10, **overrides
    )
    factories.make_place(edition)
    factories.make_ticket_type(edition, amount=12_000)
    factories.make_ticket_type(edition, name={"en": "Speaker", "sr": "Предавач"})
    factories.make_extra(edition, asks_diet=True)
    return edition


def fill(edition: Edition, count: int) -> None:
    """Add confirmed registrations, each in a paid order with a line and a mail that was sent."""
    kinds = list(db.session.scalars(db.select(TicketType).order_by(TicketType.id)))
    first = (db.session.scalar(db.select(db.func.max(Registration.id))) or 0) + 1
    keys = [text.search_key(given, family) for given, family, _country in NAMES]
    for start in range(first, first + count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, first + count))
        rows = list(_rows(edition, kinds, numbers, keys))
        for model, at in ((Order, 0), (Registration, 1), (OrderLine, 2), (OutboundMail, 3)):
            db.session.execute(insert(model), [row[at] for row in rows])
    for kind in kinds:
        taken = db.select(db.func.count()).where(Registration.ticket_type_id == kind.id)
        db.session.execute(
            update(TicketType).where(TicketType.id == kind.id).values(taken=taken.scalar_subquery())
        )
    db.session.execute(
        update(Edition)
        .where(Edition.id == edition.id)
        .values(places_taken=Edition.places_taken + count)
    )
    db.session.commit()


def _rows(
    edition: Edition, kinds: list[TicketType], numbers: range, keys: list[str]
) -> Iterator[tuple[dict[str, Any], ...]]:
    now, amounts = clock.now(), [kind.prices[0].amount_minor for kind in kinds]
    for number in numbers:
        given, family, country = NAMES[number % len(NAMES)]
        kind, amount = kinds[number % len(kinds)], amounts[number % len(kinds)]
        email, place = f"n{number}@example.org", new_public_id()
        at = now - timedelta(minutes=number * 7 % 100_000)
        order = {
            "id": number,
            "public_id": new_public_id(),
            "created_at": at,
            "code": f"{number:08d}",
            "edition_id": edition.id,
            "email": email,
            "locale": "en",
            "state": OrderState.PAID,
            "confirmed_at": at,
            "currency": "EUR",
            "total_minor": amount,
        }
        registration = {
            "id": number,
            "public_id": place,
            "created_at": at,
            "edition_id": edition.id,
            "order_id": number,
            "ticket_type_id": kind.id,
            "state": RegistrationState.CONFIRMED,
            "confirmed_at": at,
            "given_name": given,
            "family_name": f"{family} {number}",
            "email": email,
            "organisation_name": f"Cluster {number % 400}",
            "country": country,
            "sort_key": text.fold(family) + f" {number:06d}",
            "search_key": f"{keys[number % len(NAMES)]} n{number} example org",
            "is_listed": number % 2 == 0,
            "badge_id": secrets.token_hex(8),
        }
        line = {
            "order_id": number,
            "registration_id": number,
            "ticket_type_id": kind.id,
            "text": kind.name,
            "amount_minor": amount,
        }
        mail = {
            "public_id": new_public_id(),
            "created_at": at,
            "name": "registration-confirmed",
            "to": email,
            "locale": "en",
            "about": place,
            "edition_id": edition.id,
            "message_id": f"<{number}@bench>",
            "state": MailState.SENT,
            "subject": "Your place",
            "due_at": at,
            "sent_at": at,
        }
        yield order, registration, line, mail


def settle_sequences() -> None:
    """PostgreSQL: ids were given by hand, so the next ones must be told."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in ("order", "registration"):
        name = f'"{table}"'
        db.session.execute(
            db.text(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'),"
                f" (SELECT max(id) FROM {name}))"
            )
        )
    db.session.execute(db.text("COMMIT"))
    db.session.commit()
