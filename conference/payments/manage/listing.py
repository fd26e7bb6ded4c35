"""Lists of finance: orders with what they owe, movements of money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Response, g, render_template, request, url_for
from sqlalchemy import ColumnElement

from conference.core.money import Money
from conference.payments import references
from conference.payments.manage.blueprint import HERE, SEE, TONES, blueprint
from conference.payments.manage.figures import currency, figures
from conference.payments.models import (
    ENTRY_NAMES,
    METHOD_NAMES,
    TAKES_AWAY,
    LedgerEntry,
    Method,
)
from conference.payments.service import queries
from conference.registrations import codes
from conference.registrations.models import Order
from conference.registrations.states import ORDER_STATE_NAMES
from conference.web import i18n
from conference.web.access import requires
from conference.web.database import only_reading
from conference.web.exports import as_csv, as_xlsx
from conference.web.i18n import _, lazy
from conference.web.tables import Choice, Search, Table


@dataclass(frozen=True)
class OrderSearch(Search):
    """By reference, code, name, e-mail, paper or amount."""

    amounts: tuple[Any, ...] = queries.OF_ORDERS

    def where(self, value: str) -> ColumnElement[bool] | None:
        return queries.matching(
            value, currency=currency(), locale=i18n.current(), amounts=self.amounts
        )


def _tabs() -> list[tuple[str, str]]:
    return [
        ("open", _("Waiting for payment")),
        ("back", _("To give back")),
        ("paid", _("Paid")),
        ("disputed", _("Disputed")),
        ("lapsed", _("Lapsed or cancelled")),
    ]


ORDERS = Table(
    lambda: queries.orders(g.edition),
    key=Order.public_id,
    sorts={"due": queries.DUE, "placed": Order.created_at, "price": queries.PRICE},
    sort="due",
    filters=[
        OrderSearch(Order.code),
        Choice("show", lazy("Show"), options=_tabs, where=queries.shown, every=lazy("All")),
    ],
)
MOVEMENTS = Table(
    lambda: queries.movements(g.edition),
    key=LedgerEntry.public_id,
    sorts={"booked": LedgerEntry.booked_on, "noted": LedgerEntry.created_at},
    sort="-noted",
    filters=[
        OrderSearch(Order.code, amounts=queries.OF_MOVEMENTS),
        Choice(
            "kind",
            lazy("What"),
            LedgerEntry.kind,
            lambda: [(kind.value, _(ENTRY_NAMES[kind])) for kind in sorted(queries.MOVED)],
            every=lazy("All"),
        ),
        Choice(
            "method",
            lazy("How"),
            LedgerEntry.method,
            lambda: [(method.value, _(METHOD_NAMES[method])) for method in Method],
            every=lazy("All"),
        ),
    ],
)


@blueprint.get(HERE)
@requires(SEE)
def index() -> str:
    """Orders with what they owe; a search looks through all of them."""
    asked: Mapping[str, str] = request.args
    if not {"q", "show"} & set(asked):
        asked = {**asked, "show": "open"}
    page = ORDERS.page(asked)
    return render_template(
        "payments/manage/index.html",
        page=page,
        tabs=_shown_tabs(page.filters[0].chosen, bool(page.query)),
        figures=figures(),
        states_of=ORDER_STATE_NAMES,
        show_reference=references.show_rf,
        tones=TONES,
    )


def _shown_tabs(chosen: str, searched: bool) -> list[tuple[str, str, bool, None]]:
    """A search looks through all orders, whichever tab it was sent from."""
    return [
        (name, url_for(".index", show=value), value == chosen and not searched, None)
        for value, name in _tabs()
    ]


@blueprint.get(f"{HERE}/movements")
@requires(SEE)
def movements() -> str:
    """Money that came in and went back."""
    return render_template(
        "payments/manage/movements.html",
        page=MOVEMENTS.page(),
        kinds=ENTRY_NAMES,
        methods=METHOD_NAMES,
        takes_away=TAKES_AWAY,
    )


@blueprint.get(f"{HERE}/movements.<any(csv, xlsx):form>")
@requires(SEE)
def export(form: str) -> Response:
    """The same movements for the bookkeeper: what went back is below zero."""
    head = (
        _("Date"), _("What"), _("How"), _("Buyer"), _("Order"), _("Reference"), _("Amount"),
        _("Currency"), _("Note"),
    )  # fmt: skip
    with only_reading():
        rows = (
            (
                row.booked_on, _(ENTRY_NAMES[row.kind]), _(METHOD_NAMES[row.method]), row.name,
                codes.show_code(row.code), row.reference or "", _signed(row), row.currency,
                row.note,
            )
            for row in MOVEMENTS.every()
        )  # fmt: skip
        write = as_csv if form == "csv" else as_xlsx
        return write(f"{g.edition.code}-movements", head, rows)


def _signed(row: Any) -> Decimal:
    amount = Money(row.amount_minor, row.currency).decimal
    return -amount if row.kind in TAKES_AWAY else amount
