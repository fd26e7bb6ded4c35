"""The sums of an edition: on finance's list, and on the desk's overview."""

from __future__ import annotations

from flask import g, url_for

from conference.core.money import Money
from conference.core.permissions import allows
from conference.payments.manage.blueprint import SEE
from conference.payments.service import queries
from conference.web import i18n, slots
from conference.web.i18n import _


def currency() -> str:
    """Of the payee."""
    return g.edition.payee.currency if g.edition.payee is not None else "EUR"


def figures(sums: queries.Totals | None = None) -> list[tuple[str, str, str]]:
    """Received, open, to be given back."""
    sums, code = sums or queries.totals(g.edition), currency()

    def shown(minor: int) -> str:
        return Money(minor, code).format(i18n.current())

    found = [
        (_("Received"), shown(sums.received), _("of %(amount)s", amount=shown(sums.expected))),
        (_("Still open"), shown(sums.open), ""),
        (_("To give back"), shown(sums.to_give_back), ""),
    ]
    if sums.disputed:
        found.append((_("Disputed"), str(sums.disputed), ""))
    return found


@slots.desk_menu
def menu_entry() -> slots.Entry | None:
    """For those who may see money."""
    if not allows(g.roles, SEE):
        return None
    return slots.Entry(_("Payments"), url_for("payments_desk.index"), 25)


@slots.desk_cards
def card() -> slots.Card | None:
    """Money received, open and to be given back, for the desk's overview, once there is any."""
    if not allows(g.roles, SEE):
        return None
    sums = queries.totals(g.edition)
    if not sums.orders:
        return None
    return slots.Card(
        "payments/manage/_desk_card.html",
        {"figures": figures(sums), "url": url_for("payments_desk.index")},
        order=30,
    )
