"""Sign-in and security of the signed-in person: password, passkeys, second factor, sessions."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for

from conference.accounts import sessions, vault
from conference.accounts.browsers import browser_and_system
from conference.accounts.forms.security import NewPasswordForm, PasskeyForm, PressForm
from conference.accounts.service import passkeys, passwords
from conference.accounts.views.blueprint import Page, blueprint, fresh, refused
from conference.core.errors import DomainError
from conference.extensions import db
from conference.web.access import signed_in
from conference.web.i18n import _

METHODS = {
    "link": lambda: _("by mailed link"),
    "password": lambda: _("by password"),
    "passkey": lambda: _("by passkey"),
}


@blueprint.get("/account/security")
@signed_in
def security() -> Page:
    """How this person signs in, and what they can change about it."""
    return render_template(
        "accounts/security.html",
        has_password=g.person.password is not None,
        passkeys=passkeys.of(g.person),
        passkeys_possible=vault.passkeys_possible(),
        recovery_codes=len(g.person.recovery_hashes),
        passkey_form=PasskeyForm(formdata=None),
        form=PressForm(formdata=None),
    )


@blueprint.route("/account/password", methods=["GET", "POST"])
@signed_in
@fresh
def password() -> Page:
    """Set or change the password; other browsers are signed out."""
    template, form = "accounts/password.html", NewPasswordForm()
    if not form.validate_on_submit():
        return render_template(template, form=form), 422 if form.errors else 200
    email, name = g.person.email, g.person.name
    db.session.commit()  # hashing takes long: no transaction may wait for it
    try:
        hashed = passwords.hashed(form.password.data, email=email, name=name)
        passwords.keep(person=g.person, hashed=hashed, at=g.sign_in)
    except DomainError as error:
        form.refuse(error)
        return refused(template, error, form=form)
    db.session.commit()
    flash(_("The password is set. Other browsers were signed out."), "success")
    return redirect(url_for("accounts.security"))


@blueprint.post("/account/password/remove")
@signed_in
@fresh
def remove_password() -> Page:
    """Go on without a password."""
    if PressForm().validate_on_submit():
        passwords.keep(person=g.person, hashed=None, at=g.sign_in)
        db.session.commit()
        flash(_("The password is removed. Other browsers were signed out."), "success")
    return redirect(url_for("accounts.security"))


@blueprint.get("/account/sessions", endpoint="sessions")
@signed_in
def list_sessions() -> Page:
    """Where this person is signed in."""
    rows = [
        {
            "public_id": one.public_id,
            "name": _browser(one.browser),
            "method": METHODS.get(one.method, str)(),
            "address": one.address,
            "started_at": one.started_at,
            "seen_at": one.seen_at,
            "second_factor": one.second_factor_at is not None,
            "here": one.id == g.sign_in.id,
        }
        for one in sessions.of(g.person)
    ]
    return render_template("accounts/sessions.html", rows=rows)


def _browser(user_agent: str) -> str:
    browser, system = browser_and_system(user_agent)
    if browser and system:
        return str(_("%(browser)s on %(system)s", browser=browser, system=system))
    return browser or system or str(_("Unknown browser"))


@blueprint.post("/account/sessions/<public_id>/end")
@signed_in
def end_session(public_id: str) -> Page:
    """Sign another browser out."""
    if PressForm().validate_on_submit():
        sessions.end(g.person, public_id)
        db.session.commit()
        flash(_("That browser is signed out."), "success")
    return redirect(url_for("accounts.sessions"))


@blueprint.post("/account/sessions/end-others")
@signed_in
def end_other_sessions() -> Page:
    """Sign all other browsers out."""
    if PressForm().validate_on_submit():
        sessions.end_all(g.person, but=g.sign_in)
        db.session.commit()
        flash(_("All other browsers are signed out."), "success")
    return redirect(url_for("accounts.sessions"))
