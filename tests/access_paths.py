"""Which object stands in which address: of this edition, of another one, or none at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conference.core.model import new_public_id
from tests.access_world import Objects

FIXED: dict[str, dict[str, str]] = {
    "languages.switch": {"code": "sr"},
    "editions_desk.move": {"move": "archive"},
    "editions_desk.move_up": {"kind": "partners"},
    "editions_desk.remove": {"kind": "news"},
    "questions_desk.new": {"kind": "short_text"},
    "questions_desk.move": {"act": "up"},
    "registrations_sale.move": {"kind": "types", "act": "up"},
    "payments_desk.export": {"form": "csv"},
}
"""Parameters that name no object."""

NAMES: dict[str, dict[str, str]] = {
    "site.show_picture": {"public_id": "logo"},
    "accounts.public_profile": {"public_id": "person"},
    "accounts.remove_passkey": {"public_id": "passkey"},
    "accounts.end_session": {"public_id": "session"},
    "accounts.use_link": {"token": "sign_in_link"},
    "accounts.take_new_address": {"token": "address_link"},
    "organisations.show": {"public_id": "organisation"},
    "organisations.leave": {"public_id": "affiliation"},
    "organisations.make_main": {"public_id": "affiliation"},
    "organisations.set_position": {"public_id": "affiliation"},
    "organisations_desk": {"public_id": "organisation"},
    "editions.document": {"public_id": "document"},
    "editions.one_news": {"public_id": "news"},
    "editions_desk.accept_role": {"token": "role_link"},
    "editions_desk.leave_series": {"public_id": "series"},
    "editions_desk.place": {"public_id": "place"},
    "editions_desk.room": {"place_id": "place", "public_id": "room"},
    "editions_desk.key_date": {"public_id": "key_date"},
    "editions_desk.piece": {"public_id": "news"},
    "editions_desk.withdraw_news": {"public_id": "news"},
    "editions_desk.remove_document": {"public_id": "document"},
    "editions_desk.move_up": {"public_id": "partner"},
    "editions_desk.remove": {"public_id": "news"},
    "editions_desk.end_role": {"public_id": "grant"},
    "editions_desk.withdraw_invitation": {"public_id": "invitation"},
    "editions_desk.partner_event": {"public_id": "event"},
    "editions_desk.remove_partner_event": {"public_id": "event"},
    "editions_desk.end_administrator": {"public_id": "site_grant"},
    "editions_desk.withdraw_administrator": {"public_id": "site_invitation"},
    "questions_desk": {"public_id": "question"},
    "registrations": {"registration_id": "registration", "draft_id": "draft", "order_id": "order"},
    "registrations.ticket": {"registration_id": "confirmed"},
    "registrations.calendar": {"registration_id": "confirmed"},
    "registrations.answer_offer": {"registration_id": "offered"},
    "registrations.answer_file": {"registration_id": "registration", "key": "file_key"},
    "registrations.placed": {"draft_id": "placed"},
    "registrations.mail_again": {"draft_id": "placed"},
    "registrations.correct_address": {"draft_id": "placed"},
    "registrations.confirm": {"token": "confirm_link"},
    "registrations.offer": {"token": "offer_link"},
    "registrations_sale": {"public_id": "ticket_type"},
    "registrations_sale.extra": {"public_id": "extra"},
    "registrations_sale.withdraw_invitation": {"public_id": "guest"},
    "registrations_desk": {"public_id": "registration", "key": "file_key"},
    "messages_desk": {"public_id": "mail"},
    "payments": {"order_id": "order", "invoice_id": "invoice"},
    "payments_desk": {"order_id": "order", "invoice_id": "invoice"},
    "checkin_desk": {"public_id": "list"},
    "checkin_badges": {"public_id": "confirmed"},
    "checkin_badges.file": {"public_id": "run"},
}
"""Parameter → name of an object, by endpoint or by blueprint."""

NO_OBJECT = frozenset({"edition_code", "key"})


def named(endpoint: str) -> dict[str, str]:
    """Which object each parameter of a route names."""
    return NAMES.get(endpoint) or NAMES.get(endpoint.split(".")[0], {})


def parameters(endpoint: str, objects: Objects) -> dict[str, str]:
    """The values of a route's parameters with objects of one edition."""
    found = {parameter: objects.ids[name] for parameter, name in named(endpoint).items()}
    return FIXED.get(endpoint, {}) | found


def undescribed(rule: Any) -> set[str]:
    """Parameters of a route for which nobody said what belongs there."""
    return (
        set(rule.arguments)
        - {"edition_code"}
        - set(FIXED.get(rule.endpoint, {}))
        - set(named(rule.endpoint))
    )


def variants(rule: Any, own: Objects, other: Objects, more: Objects) -> Iterator[tuple[str, Any]]:
    """What a route is asked for: (name of the variant, values of its parameters).

    own        an object of this edition
    foreign    one of another edition, and of another person
    elsewhere  one of the same person, but of another edition
    mixed      of several objects one is of another edition
    missing    no such object
    draft      everything as own, in an edition that is not published
    """

    def of(edition: Objects, objects: Objects) -> dict[str, str]:
        values = {"edition_code": edition.code, **parameters(rule.endpoint, objects)}
        return {name: value for name, value in values.items() if name in rule.arguments}

    yield "own", of(own, own)
    in_edition = "edition_code" in rule.arguments
    if in_edition:
        yield "draft", of(more, more)
    wanted = sorted(set(rule.arguments) & set(named(rule.endpoint)) - NO_OBJECT)
    if not wanted:
        return
    yield "foreign", of(own, other)
    if in_edition:
        yield "elsewhere", of(own, more)
    if len(wanted) > 1:
        for name in wanted:
            yield "mixed", {**of(own, own), name: of(own, other)[name]}
    yield "missing", {**of(own, own), **{name: new_public_id() for name in wanted}}
