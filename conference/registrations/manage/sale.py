"""The organiser's pages of what is on sale: tickets and prices, extras, invitations."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for

from conference.core.errors import N_
from conference.core.money import Money
from conference.core.permissions import Permission, allows
from conference.editions.missing import Step
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations.manage.sale_forms import ExtraForm, InvitationForm, TicketForm
from conference.registrations.models import CATEGORY_NAMES, Extra, TicketType
from conference.registrations.service import catalogue, selling
from conference.web import i18n, slots
from conference.web.access import requires
from conference.web.filters import tr
from conference.web.forms import BaseForm, saved
from conference.web.i18n import _

blueprint = Blueprint("registrations_sale", __name__)
EDIT = Permission.EDIT_EDITION
HERE = "/<edition_code>/desk/tickets"


@blueprint.get(HERE)
@requires(EDIT)
def index() -> str:
    """Everything on sale, with what is taken."""
    currency = catalogue.currency_of(g.edition)
    prices = dict(catalogue.types_with_prices(g.edition))
    return render_template(
        "registrations/sale/index.html",
        types=[
            (kind, [(p, Money(p.amount_minor, currency)) for p in prices.get(kind, ())])
            for kind in selling.ticket_types(g.edition)
        ],
        extras=[(one, Money(one.amount_minor, currency)) for one in selling.extras(g.edition)],
        category_names=CATEGORY_NAMES,
    )


@blueprint.route(HERE + "/new", methods=["GET", "POST"])
@requires(EDIT)
def new_ticket() -> Any:
    """Put a ticket type on sale."""
    return _ticket(None)


@blueprint.route(HERE + "/<public_id>", methods=["GET", "POST"])
@requires(EDIT)
def ticket(public_id: str) -> Any:
    """Change a ticket type and its prices."""
    return _ticket(selling.one_type(g.edition, public_id))


def _ticket(kind: TicketType | None) -> Any:
    prices = selling.prices_of(kind) if kind is not None else []
    form = TicketForm.from_type(g.edition, kind, prices)
    steps = form.read_steps() if form.is_submitted() else []

    def act() -> None:
        selling.save_ticket_type(
            edition=g.edition, kind=kind, values=form.values(), steps=steps or [], by=g.person
        )

    if steps is not None and saved(form, act):
        return redirect(url_for(".index"))
    return _shown("ticket", form, kind=kind, currency=catalogue.currency_of(g.edition))


def _shown(name: str, form: BaseForm, **values: Any) -> tuple[str, int]:
    """A form; after a refusal it says so with its status, too."""
    page = render_template(f"registrations/sale/{name}.html", form=form, **values)
    return page, 422 if form.is_submitted() else 200


@blueprint.route(HERE + "/extras/new", methods=["GET", "POST"])
@requires(EDIT)
def new_extra() -> Any:
    """Put an extra on sale."""
    return _extra(None)


@blueprint.route(HERE + "/extras/<public_id>", methods=["GET", "POST"])
@requires(EDIT)
def extra(public_id: str) -> Any:
    """Change an extra."""
    return _extra(selling.one_extra(g.edition, public_id))


def _extra(one: Extra | None) -> Any:
    form = ExtraForm.from_extra(g.edition, one)

    def act() -> None:
        selling.save_extra(edition=g.edition, extra=one, values=form.values(), by=g.person)

    if saved(form, act):
        return redirect(url_for(".index"))
    return _shown("extra", form, extra=one, currency=catalogue.currency_of(g.edition))


def _thing(kind: str, public_id: str) -> TicketType | Extra:
    find = selling.one_type if kind == "types" else selling.one_extra
    return find(g.edition, public_id)


@blueprint.post(HERE + "/<any(types, extras):kind>/<public_id>/<any(hide, show, up):act>")
@requires(EDIT)
def move(kind: str, public_id: str, act: str) -> Any:
    """Take off sale, put back, or move up."""
    thing = _thing(kind, public_id)
    verbs = {"hide": selling.hide, "show": selling.show_again, "up": selling.move_up}
    verbs[act](edition=g.edition, thing=thing, by=g.person)
    db.session.commit()
    return redirect(url_for(".index"))


@blueprint.route("/<edition_code>/desk/invitations", methods=["GET", "POST"])
@requires(EDIT)
def invitations() -> Any:
    """Who is invited, and one more."""
    form = InvitationForm(data={"locale": i18n.current()})

    def act() -> None:
        selling.invite(
            edition=g.edition, email=form.email.data, locale=form.locale.data, by=g.person
        )

    if saved(form, act, _("The invitation is on its way.")):
        return redirect(url_for(".invitations"))
    return _shown("invitations", form, rows=selling.invitations(g.edition))


@blueprint.post("/<edition_code>/desk/invitations/<public_id>/withdraw")
@requires(EDIT)
def withdraw_invitation(public_id: str) -> Any:
    """Make the link of an invitation useless."""
    selling.withdraw_invitation(edition=g.edition, public_id=public_id, by=g.person)
    db.session.commit()
    flash(_("The invitation is withdrawn."), "success")
    return redirect(url_for(".invitations"))


@slots.desk_menu
def menu() -> list[slots.Entry] | None:
    """For those who may edit the edition."""
    if not allows(g.roles, EDIT):
        return None
    return [slots.Entry(_("Tickets"), url_for("registrations_sale.index"), 40)]


def tickets_are_on_sale(edition: Edition) -> Step:
    """For the desk's check list: without a ticket nobody can register."""
    return Step(
        N_("Tickets and prices"),
        N_("What people register as, and what it costs; a free ticket is one, too."),
        "registrations_sale.index",
        bool(catalogue.price_list(edition)),
    )


def ticket_choices(edition: Edition) -> list[tuple[str, str]]:
    """For the editor of questions: which tickets a question may be asked for."""
    return [(kind.public_id, tr(kind.name)) for kind in selling.ticket_types(edition)]
