"""Staff roles of an edition, and of all editions for administrators; accepting an invitation."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import flash, g, redirect, render_template, url_for

from conference.accounts import current
from conference.core import clock
from conference.core.errors import DomainError
from conference.core.permissions import ROLE_NAMES, Permission, Role, allows
from conference.core.tokens import LinkUsedUp
from conference.editions.forms.roles import RoleForm
from conference.editions.manage.blueprint import Page, blueprint, shown
from conference.editions.service import inviting
from conference.extensions import db
from conference.web import slots
from conference.web.access import public, requires
from conference.web.forms import BaseForm, saved
from conference.web.i18n import _, words

GRANT = Permission.GRANT_ROLES


@blueprint.route("/<edition_code>/desk/roles", methods=["GET", "POST"])
@requires(GRANT)
def roles() -> Page:
    """Who helps with this edition, and inviting others."""
    form = RoleForm(roles=_givable(), ends_on=g.edition.ends_on + timedelta(days=90))
    edition = g.edition
    if saved(
        form,
        lambda: inviting.invite(edition=edition, by=g.person, **form.values()),
        _("The invitation is on its way."),
    ):
        return redirect(url_for(".roles"))
    return shown("roles", form=form, **_listed(edition))


@blueprint.route("/administration/roles", methods=["GET", "POST"])
@requires(GRANT)
def administrators() -> Page:
    """Who may do everything in all editions."""
    form = RoleForm(roles=[Role.ADMINISTRATOR], ends_on=_in_a_year())
    if saved(
        form,
        lambda: inviting.invite(edition=None, by=g.person, **form.values()),
        _("The invitation is on its way."),
    ):
        return redirect(url_for(".administrators"))
    return shown("administrators", form=form, **_listed(None))


def _givable() -> list[Role]:
    return [role for role in Role if inviting.may_give(g.person, g.edition, role)]


def _in_a_year() -> date:
    return clock.now().date() + timedelta(days=365)


def _listed(edition: Any) -> dict[str, Any]:
    return {
        "grants": inviting.grants(edition),
        "invitations": inviting.open_invitations(edition),
        "role_names": ROLE_NAMES,
        "givable": set(_givable()) if edition else {Role.ADMINISTRATOR},
    }


@blueprint.post("/<edition_code>/desk/roles/<public_id>/end")
@requires(GRANT)
def end_role(public_id: str) -> Page:
    """The person no longer holds the role."""
    return _done(lambda: inviting.end(edition=g.edition, public_id=public_id, by=g.person), "roles")


@blueprint.post("/administration/roles/<public_id>/end")
@requires(GRANT)
def end_administrator(public_id: str) -> Page:
    """The person is no longer an administrator of all editions."""
    return _done(
        lambda: inviting.end(edition=None, public_id=public_id, by=g.person), "administrators"
    )


@blueprint.post("/<edition_code>/desk/roles/invitations/<public_id>/withdraw")
@requires(GRANT)
def withdraw_invitation(public_id: str) -> Page:
    """The link in the mail no longer works."""
    return _done(
        lambda: inviting.withdraw(edition=g.edition, public_id=public_id, by=g.person), "roles"
    )


@blueprint.post("/administration/roles/invitations/<public_id>/withdraw")
@requires(GRANT)
def withdraw_administrator(public_id: str) -> Page:
    """The link in the mail no longer works."""
    return _done(
        lambda: inviting.withdraw(edition=None, public_id=public_id, by=g.person),
        "administrators",
    )


def _done(act: Any, back: str) -> Page:
    try:
        act()
        db.session.commit()
        flash(_("Done: that role or invitation no longer counts."), "success")
    except DomainError as error:
        if error.status == 404:
            raise
        db.session.rollback()
        flash(words(error), "error")
    return redirect(url_for(f".{back}"))


@blueprint.route("/role-invitations/<token>", methods=["GET", "POST"])
@public
def accept_role(token: str) -> Any:
    """A button, because mail scanners open links; pressing it gives the role and signs in."""
    form = BaseForm()
    try:
        if not form.validate_on_submit():
            page = render_template(
                "editions/manage/accept_role.html",
                invitation=inviting.look_at(token),
                role_names=ROLE_NAMES,
                form=form,
            )
            return page, 200, {"Referrer-Policy": "no-referrer"}
        person, granted = inviting.accept(token)
    except LinkUsedUp:
        db.session.rollback()
        page = render_template("editions/manage/invitation_used_up.html")
        return page, 410, {"Referrer-Policy": "no-referrer"}
    if g.person is None or g.person.id != person.id:
        current.sign_in(person, method="invitation")
    code = granted.edition.code if granted.edition else None
    db.session.commit()
    flash(_("You hold the role now. Please set up the second step for signing in."), "success")
    goal = url_for(".desk", edition_code=code) if code else url_for(".administration")
    return redirect(goal)


@slots.desk_menu
def roles_entry() -> slots.Entry | None:
    if not allows(g.roles, GRANT):
        return None
    return slots.Entry(_("Roles"), url_for("editions_desk.roles"), 80)
