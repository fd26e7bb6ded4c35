"""Finding people at the door without a badge: by name in any script, order code or short code."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select

from conference.checkin import short_codes
from conference.checkin.models import Admission, CheckinList
from conference.checkin.service.outcomes import WHO
from conference.core import text
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations import codes as order_codes
from conference.registrations.models import Order, Registration, TicketType

MOST = 20
LONGEST = 200


def people(
    edition: Edition,
    typed: str,
    *,
    checkin_list: CheckinList | None = None,
    day: date | None = None,
) -> list[Row[Any]]:
    """At most 21 people who match; with a list and a day, since when they are in.

    The twenty-first says that there are more.
    """
    wanted = _wanted(typed[:LONGEST])
    if wanted is None:
        return []
    query: Select[Any] = select(*WHO, Order.code.label("order_code"), Registration.badge_version)
    query = query.select_from(Registration).join(
        TicketType, TicketType.id == Registration.ticket_type_id
    )
    query = query.join(Order, Order.id == Registration.order_id)
    if checkin_list is not None:
        query = query.add_columns(Admission.admitted_at, Admission.device).outerjoin(
            Admission,
            and_(
                Admission.list_id == checkin_list.id,
                Admission.on_date == day,
                Admission.registration_id == Registration.id,
            ),
        )
    query = query.where(Registration.edition_id == edition.id, wanted)
    query = query.order_by(Registration.sort_key, Registration.id).limit(MOST + 1)
    return list(db.session.execute(query))


def _wanted(typed: str) -> ColumnElement[bool] | None:
    either: list[ColumnElement[bool]] = []
    terms = text.search_terms(typed)
    if terms:
        either.append(and_(*(Registration.search_key.contains(t, autoescape=True) for t in terms)))
    order_code = order_codes.read_code(typed)
    if order_code is not None:
        either.append(Order.code == order_code)
    short = short_codes.read_short_code(typed)
    if short is not None:
        either.append(Registration.badge_id.startswith(_beginning(short)))
    return or_(*either) if either else None


def _beginning(short: str) -> str:
    """The first 32 bits of the badge id in hex; the short code carries three more."""
    number = 0
    for character in short.replace("-", "")[: short_codes.DIGITS]:
        number = number * 32 + short_codes.ALPHABET.index(character)
    return f"{number >> 3:08x}"
