"""What an edition of the sample offers and asks: tickets, extras, questions, lists of the door."""

from __future__ import annotations

from typing import Any

from conference.checkin.models import CheckinList
from conference.core.money import Money
from conference.editions.models import Edition
from conference.extensions import db
from conference.questions.checks import check_questions
from conference.questions.kinds import Asked
from conference.questions.models import Question
from conference.registrations.models import Category, Extra, Price, TicketType
from seeds.world import Moments


def add_tickets(
    edition: Edition, data: dict[str, Any], moments: Moments, currency: str
) -> dict[str, TicketType]:
    """Ticket types with their prices by date."""
    made = {}
    labels = data.get("price_labels", {})
    for position, row in enumerate(data.get("tickets", ())):
        kind = TicketType(
            edition=edition,
            name=row["name"],
            description=row["description"],
            category=Category(row["category"]),
            quota=row.get("quota"),
            by_invitation=row.get("by_invitation", False),
            position=position,
        )
        for label, begins, ends, amount in row["prices"]:
            price = Price(
                ticket_type=kind,
                label=labels.get(label, {}),
                amount_minor=_minor(amount, currency),
                from_at=moments.maybe(begins),
                until_at=moments.maybe(ends),
            )
            db.session.add(price)
        db.session.add(kind)
        made[row["key"]] = kind
    return made


def add_extras(
    edition: Edition, data: dict[str, Any], moments: Moments, currency: str
) -> dict[str, Extra]:
    """What can be booked beside the ticket."""
    made = {}
    for position, row in enumerate(data.get("extras", ())):
        extra = Extra(
            edition_id=edition.id,
            name=row["name"],
            description=row["description"],
            place=row["place"],
            starts_at=moments.at(row["starts"]),
            ends_at=moments.at(row["ends"]),
            amount_minor=_minor(row["amount"], currency),
            quota=row.get("quota"),
            most_each=row.get("most_each", 1),
            asks_diet=row.get("asks_diet", False),
            position=position,
        )
        db.session.add(extra)
        made[row["key"]] = extra
    return made


def _minor(amount: int, currency: str) -> int:
    return Money.of(amount, currency).minor


def add_questions(edition: Edition, data: dict[str, Any], moments: Moments) -> list[Asked]:
    """What people are asked, checked as an organiser's own questions are."""
    rows = []
    for position, row in enumerate(data.get("questions", ())):
        limits = dict(row.get("limits", {}))
        if row["kind"] == "date":
            limits = {key: moments.day(text).isoformat() for key, text in limits.items()}
        options = [{"value": value, "label": label} for value, label in row.get("options", ())]
        rows.append(
            Question(
                edition_id=edition.id,
                key=row["key"],
                kind=row["kind"],
                label=row["label"],
                help=row.get("help", {}),
                options=options,
                limits=limits,
                required=row.get("required", "never"),
                shown=row.get("shown", "always"),
                shown_when=row.get("shown_when"),
                position=position,
            )
        )
    db.session.add_all(rows)
    asked = [Asked.from_row(row) for row in rows]
    if problems := check_questions(asked):
        raise ValueError(f"{edition.code}: {problems[0].field}: {problems[0]}")
    return asked


def add_lists(edition: Edition, data: dict[str, Any]) -> list[CheckinList]:
    """The lists that the door checks people in to."""
    made = [
        CheckinList(edition=edition, name=row["name"], position=position)
        for position, row in enumerate(data.get("checkin_lists", ()))
    ]
    db.session.add_all(made)
    return made
