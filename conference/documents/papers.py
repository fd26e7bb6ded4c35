"""One function per kind of paper: plain data in, PDF out. Papers know no feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from conference.documents import apart, invoices, typesetting
from conference.documents.formats import code, day, days
from conference.documents.invoices import InvoiceData, Kind, Line, Party, Payment, VatRow

__all__ = [
    "STRIPES",
    "BadgePerson",
    "Edition",
    "Extra",
    "InvoiceData",
    "Kind",
    "Line",
    "Party",
    "Payment",
    "TicketData",
    "VatRow",
    "badges",
    "day",
    "days",
    "invoice",
    "ticket",
]

Labels = Mapping[str, str]

# Stripes of badges that can be told apart; the word on the stripe says the same without colour.
STRIPES = {
    "teal": "#0f5c5c",
    "amber": "#f2b632",
    "plum": "#6b2d5c",
    "rust": "#a63d1f",
    "navy": "#1f3a68",
    "olive": "#5d6b1e",
    "slate": "#4a5568",
    "rose": "#e8a0a8",
}
SHEET = 4
MANY = 60  # more badges than this are set in a process of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The event as it stands on a paper, already in the reader's language."""

    name: str
    motto: str = ""
    when: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgePerson:
    """One badge. `colour` is a name from STRIPES or "#rrggbb"; `code` goes into the QR."""

    name: str
    code: str
    short_code: str
    role: str
    colour: str = "teal"
    latin_name: str = ""
    affiliation: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """Something booked beside the ticket, with its own time and place."""

    name: str
    when: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketData:
    """One person's ticket."""

    name: str
    ticket_type: str
    code: str
    short_code: str
    latin_name: str = ""
    affiliation: str = ""
    country: str = ""
    order_number: str = ""
    extras: Sequence[Extra] = ()
    bring: Sequence[str] = ()
    contact: Sequence[str] = ()
    made_on: date | None = None


def badges(
    edition: Edition,
    people: Sequence[BadgePerson],
    labels: Labels,
    locale: str,
    *,
    fill_last_sheet: bool = False,
) -> bytes:
    """Badges in the order given, four to an A4 sheet; labels are `words.badge`.

    `fill_last_sheet` prints badges to be written by hand on the places that stay empty.
    """
    engine = apart.compile if len(people) > MANY else typesetting.compile
    return engine(
        "badges",
        badges_content(edition, people, labels, fill_last_sheet=fill_last_sheet),
        locale=locale,
        title=f"{labels['title']}: {edition.name}",
        standards=typesetting.PLAIN,
    )


def badges_content(
    edition: Edition,
    people: Sequence[BadgePerson],
    labels: Labels,
    *,
    fill_last_sheet: bool = False,
) -> dict[str, object]:
    """What templates/papers/badges.typ gets."""
    places = [_badge(person, labels["qr"]) for person in people]
    if fill_last_sheet:
        places += [_EMPTY_BADGE] * (-len(places) % SHEET)
    return {
        "edition": {"name": edition.name, "motto": edition.motto},
        "labels": dict(labels),
        "people": places,
    }


def ticket(edition: Edition, person: TicketData, labels: Labels, locale: str) -> bytes:
    """One A4 page to print or to show; labels are `words.ticket`."""
    return typesetting.compile(
        "ticket",
        ticket_content(edition, person, labels),
        locale=locale,
        title=f"{labels['title']}: {edition.name}",
        dated=person.made_on,
    )


def ticket_content(edition: Edition, person: TicketData, labels: Labels) -> dict[str, object]:
    """What templates/papers/ticket.typ gets."""
    return {
        "labels": dict(labels),
        "edition": {
            "name": edition.name,
            "motto": edition.motto,
            "when": edition.when,
            "where": edition.where,
        },
        "person": {
            "name": person.name,
            "latin": _different(person.latin_name, person.name),
            "affiliation": person.affiliation,
            "country": person.country,
            "ticket_type": person.ticket_type,
            "order": person.order_number,
            "code": person.short_code,
        },
        "qr": code(person.code, labels["qr"]),
        "extras": [
            {"name": extra.name, "when": extra.when, "where": extra.where}
            for extra in person.extras
        ],
        "bring": list(person.bring),
        "contact": list(person.contact),
    }


def invoice(paper: InvoiceData, labels: Labels, locale: str) -> bytes:
    """A proforma, invoice or credit note of as many pages as it takes; `words.invoice`."""
    return typesetting.compile(
        "invoice",
        invoices.content(paper, labels, locale),
        locale=locale,
        title=f"{labels[paper.kind.value]} {paper.number}",
        dated=paper.issued_on,
    )


_EMPTY_BADGE = {"blank": True, "role": "", "colour": None, "on-colour": "#000000"}


def _badge(person: BadgePerson, alt: str) -> dict[str, object]:
    colour = STRIPES.get(person.colour, person.colour)
    return {
        "blank": False,
        "name": person.name,
        "latin": _different(person.latin_name, person.name),
        "affiliation": person.affiliation,
        "country": person.country,
        "role": person.role,
        "colour": colour,
        "on-colour": _readable_on(colour),
        "code": person.short_code,
        "qr": code(person.code, alt),
    }


def _different(latin: str, name: str) -> str:
    return latin if latin.casefold() != name.casefold() else ""


def _readable_on(colour: str) -> str:
    """White or near-black, whichever has the higher contrast after WCAG 2.2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if luminance < 0.2 else "#1c2b2b"
