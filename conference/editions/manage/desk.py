"""The desk: what comes next, figures of other features, publishing; making a new edition."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for

from conference.core.errors import N_, DomainError
from conference.core.permissions import Permission, allows
from conference.core.states import can
from conference.editions import queries
from conference.editions.forms.basics import BasicsForm
from conference.editions.manage.blueprint import EDIT, Page, blueprint, shown
from conference.editions.missing import stops_publishing
from conference.editions.models import Edition
from conference.editions.service import making, publishing
from conference.editions.states import STATE_NAMES, TRANSITIONS, EditionState
from conference.extensions import db
from conference.web import slots
from conference.web.access import requires, signed_in
from conference.web.forms import saved
from conference.web.i18n import _, words


@blueprint.get("/<edition_code>/desk")
@requires(Permission.ENTER_DESK)
def desk() -> Page:
    """The dashboard of the staff."""
    steps = publishing.check_list(g.edition) if allows(g.roles, EDIT) else []
    return shown(
        "desk",
        steps=steps,
        missing=stops_publishing(steps),
        cards_of_features=list(slots.desk_cards),
        state_name=STATE_NAMES[g.edition.state],
        can={state.value: can(g.edition, state, TRANSITIONS) for state in EditionState},
    )


MOVES = {
    "publish": (publishing.publish, N_("Published. Everybody sees this edition now.")),
    "withdraw": (publishing.withdraw, N_("Withdrawn. Only the staff see this edition now.")),
    "archive": (publishing.archive, N_("Archived. Nobody can register any more.")),
    "reopen": (publishing.reopen, N_("Published again.")),
}


@blueprint.post("/<edition_code>/desk/<any(publish, withdraw, archive, reopen):move>")
@requires(Permission.PUBLISH_EDITION)
def move(move: str) -> Page:
    """Publish, withdraw, archive or reopen the edition."""
    act, said = MOVES[move]
    try:
        act(edition=g.edition, by=g.person)
        db.session.commit()
        flash(_(said), "success")
    except DomainError as error:
        db.session.rollback()
        flash(words(error), "error")
    return redirect(url_for(".desk"))


@blueprint.route("/editions/new", methods=["GET", "POST"])
@requires(Permission.MAKE_EDITIONS)
def new() -> Page:
    """The form of a new edition; it begins as a draft."""
    form = BasicsForm(data={"zone": "Europe/Belgrade", "country": "RS"})
    return _draft(form, after=None)


@blueprint.route("/<edition_code>/desk/next-edition", methods=["GET", "POST"])
@requires(Permission.MAKE_EDITIONS)
def next_edition() -> Page:
    """An organiser goes on to the next edition: the form begins with what will be the same."""
    known = {"kind": g.edition.kind.value, "zone": g.edition.zone, "country": g.edition.country}
    return _draft(BasicsForm(data=known), after=g.edition)


def _draft(form: BasicsForm, *, after: Edition | None) -> Page:
    made: list[Edition] = []
    if saved(
        form,
        lambda: made.append(making.make(basics=form.values(), after=after, by=g.person)),
        _("The draft is made. Only the staff see it until you publish it."),
    ):
        return redirect(url_for(".desk", edition_code=made[0].code))
    return shown("new", form=form, after=after)


@blueprint.get("/account/editions")
@signed_in
def mine() -> Page:
    """The editions in which I hold a role."""
    return render_template("editions/manage/mine.html", editions=queries.of_staff(g.person))


@slots.home_cards
def my_work() -> slots.Card | None:
    """The way to the desks for those who help with an edition that is not over."""
    running = [one for one in queries.of_staff(g.person) if one.state != EditionState.ARCHIVED]
    if not running:
        return None
    return slots.Card("editions/manage/_my_work.html", {"editions": running[::-1]}, 20)


@slots.desk_menu
def desk_entry() -> slots.Entry:
    return slots.Entry(_("Desk"), url_for("editions_desk.desk"), 0, exact=True)


@slots.desk_menu
def settings_entry() -> slots.Entry | None:
    if allows(g.roles, EDIT):
        return slots.Entry(_("Settings"), url_for("editions_desk.basics"), 60)
    if allows(g.roles, Permission.EDIT_PAYEE):
        return slots.Entry(_("Payee"), url_for("editions_desk.payee"), 60)
    return None


@slots.edition_menu
def to_the_desk() -> slots.Entry | None:
    if not g.get("roles"):
        return None
    return slots.Entry(_("Desk"), url_for("editions_desk.desk"), 95)


@slots.account_menu
def my_editions() -> slots.Entry | None:
    if g.get("person") is None or not queries.is_staff(g.person):
        return None
    return slots.Entry(_("My editions"), url_for("editions_desk.mine"), 40)
