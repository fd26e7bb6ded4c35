"""Addresses and words of the money's pages, and a payment booked in one line."""

from __future__ import annotations

import re

from conference.core.model import new_public_id
from conference.core.money import Money
from conference.extensions import db
from conference.payments.models import Method
from conference.payments.service import ledger
from tests import factories


def path(order, page="pay"):
    return f"/{order.edition.code}/orders/{order.public_id}/{page}"


def desk(order, page=""):
    return f"/{order.edition.code}/desk/payments{page}"


WAYS = {"card": "You go on to the secure page", "transfer": "We show you the account"}


def plain(answer):
    """The words of a page."""
    body = re.sub(r"(?s)<(script|style|svg).*?</\1>", "", answer.text)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def book_at_once(order, minor=None, source=None):
    ledger.book_payment(
        order=order,
        amount=Money(minor or order.total_minor, order.currency),
        method=Method.TRANSFER,
        source=source or new_public_id(),
        booked_on=factories.on_day(0),
        by=None,
    )
    db.session.commit()
