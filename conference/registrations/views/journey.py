"""Registering in three screens: who and which ticket, what they need, look and send."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, session, url_for

from conference.core.errors import DomainError
from conference.core.money import EXPONENTS, Money
from conference.extensions import db
from conference.registrations import drafting, naming
from conference.registrations.models import Order, RegistrationDraft
from conference.registrations.refusals import PriceChanged, TicketsGone
from conference.registrations.service import drafts, ordering
from conference.registrations.states import OrderState
from conference.registrations.views.blueprint import Page, blueprint, closed_page
from conference.registrations.views.screens import NeedsScreen, PeopleScreen, ReviewScreen
from conference.web import i18n
from conference.web.access import public
from conference.web.i18n import _

BEGUN = "begun"  # in the cookie: the draft that this browser began last


@blueprint.route("/<edition_code>/registrations/new", methods=["GET", "POST"])
@public
def new() -> Page:
    """The first screen, before anything is kept on the server."""
    return closed_page() or _people(_sent_again())


def _sent_again() -> RegistrationDraft | None:
    """Back on the first screen and sent once more: the draft of the first time, with its needs."""
    key = session.get(BEGUN)
    if request.method != "POST" or not key:
        return None
    email, given, family = (
        request.form.get(name, "").strip() for name in ("email", "p0-given_name", "p0-family_name")
    )
    return drafts.same_again(g.edition, key, email=email, name=(given, family))


@blueprint.route("/<edition_code>/registrations/new/<draft_id>/people", methods=["GET", "POST"])
@public
def people(draft_id: str) -> Page:
    """The first screen, coming back to it."""
    draft = drafts.load(g.edition, draft_id)
    return _placed(draft) or closed_page() or _people(draft)


def _people(draft: RegistrationDraft | None) -> Page:
    screen = PeopleScreen(draft)
    if request.method == "POST":
        screen.read()
        further = screen.wants_another_row
        if further or screen.validate():
            kept = screen.save(draft)
            db.session.commit()
            session[BEGUN] = kept.public_id
            page = "registrations.people" if further else "registrations.details"
            anchor = screen.anchor if further else None
            return redirect(url_for(page, draft_id=kept.public_id, _anchor=anchor))
    return render_template("registrations/people.html", screen=screen, draft=draft)


@blueprint.route("/<edition_code>/registrations/new/<draft_id>/details", methods=["GET", "POST"])
@public
def details(draft_id: str) -> Page:
    """The second screen: extras, questions, needs."""
    draft = drafts.load(g.edition, draft_id)
    if (elsewhere := _placed(draft) or closed_page()) is not None:
        return elsewhere
    screen = NeedsScreen(draft)
    if screen.fault is not None:
        return _back_to_people(draft, screen.fault)
    if request.method == "POST":
        right = screen.read()
        screen.save(draft)
        db.session.commit()
        if right:
            return redirect(url_for("registrations.review", draft_id=draft.public_id))
    return render_template("registrations/details.html", screen=screen, draft=draft)


@blueprint.route("/<edition_code>/registrations/new/<draft_id>/review", methods=["GET", "POST"])
@public
def review(draft_id: str) -> Page:
    """The third screen: everything at a glance, who pays, one button."""
    draft = drafts.load(g.edition, draft_id)
    if (elsewhere := _placed(draft) or closed_page()) is not None:
        return elsewhere
    screen = ReviewScreen(draft)
    if screen.fault is not None:
        return _back_to_people(draft, screen.fault)
    if request.method == "POST":
        try:
            if screen.form.validate():
                there = _after(draft, _place(draft, screen))
                db.session.commit()
                return redirect(there)
        except DomainError as error:
            db.session.rollback()
            screen = ReviewScreen(drafts.load(g.edition, draft_id))
            _explain(screen, error)
        drafts.save(screen.draft, buyer=screen.form.values())
        db.session.commit()
    return render_template("registrations/review.html", screen=screen, draft=screen.draft)


def _place(draft: RegistrationDraft, screen: ReviewScreen) -> Order:
    return ordering.place(
        edition=g.edition,
        wishes=drafting.wishes(draft.data, may_wait=screen.form.agreed_to_wait),
        buyer=drafting.buyer({**draft.data, "buyer": screen.form.values()}),
        by=g.person,
        locale=i18n.current(),
        expected_total=_shown_total(screen),
        draft=draft,
        invitation=draft.data.get("invitation"),
    )


def _shown_total(screen: ReviewScreen) -> Money:
    """What the page said; an amount below zero where that cannot be read."""
    figure, currency = screen.form.total.data or "", screen.form.currency.data
    currency = currency if currency in EXPONENTS else screen.quote.currency
    return Money(int(figure) if figure.isdecimal() else -1, currency)


def _explain(screen: ReviewScreen, error: DomainError) -> None:
    """Nothing was placed; the page shows why, and the figures as they are now."""
    if isinstance(error, PriceChanged):
        screen.price_changed = error
    elif isinstance(error, TicketsGone):
        screen.tickets_gone = True
    else:
        screen.form.refuse(error)


def _placed(draft: RegistrationDraft) -> Page | None:
    """Back button, second tab, double click: the order is there already."""
    if draft.order is None:
        return None
    return redirect(_after(draft, draft.order))


def _after(draft: RegistrationDraft, order: Order) -> str:
    if g.person is not None and order.person_id == g.person.id:
        if order.state is OrderState.AWAITING_PAYMENT:
            return f"/{g.edition.code}/orders/{order.public_id}/pay"
        return url_for("registrations.order", order_id=order.public_id)
    return url_for("registrations.placed", draft_id=draft.public_id)


def _back_to_people(draft: RegistrationDraft, fault: DomainError) -> Page:
    flash(i18n.words(fault), "warning")
    return redirect(url_for("registrations.people", draft_id=draft.public_id))


def steps(draft: RegistrationDraft | None) -> list[tuple[str, str | None]]:
    """The three screens, with links to those that are done."""
    names = [
        (_("Who and which ticket"), "registrations.people"),
        (_("What you need"), "registrations.details"),
        (_("Check and send"), "registrations.review"),
    ]
    return [
        (name, url_for(page, draft_id=draft.public_id) if draft else None) for name, page in names
    ]


def latin_of(person: dict[str, Any]) -> str:
    """The name in Latin letters as it will be kept."""
    name = f"{person['given_name']} {person['family_name']}"
    return person["latin_name"] or naming.proposal(name)


@blueprint.context_processor
def _context() -> dict[str, object]:
    return {"journey_steps": steps, "latin_of": latin_of}
