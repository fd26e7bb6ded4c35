"""The second factor: showing it, setting it up, recovery codes, taking it away."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, session, url_for

from conference.accounts import current, limits, vault
from conference.accounts.forms.security import CodeForm, PressForm, RecoveryForm
from conference.accounts.limits import What
from conference.accounts.service import passkeys, second_factor
from conference.accounts.views.blueprint import Page, blueprint, fresh, refused, wanted
from conference.core.errors import DomainError
from conference.documents import qr
from conference.extensions import db
from conference.web.access import signed_in, signed_in_halfway
from conference.web.i18n import _, ngettext

ASK = "accounts/second_factor.html"
SET_UP = "accounts/set_up_second_factor.html"
NEW = "new_totp"


def _shown(form: CodeForm, **more: object) -> dict[str, object]:
    has_passkey = vault.passkeys_possible() and bool(passkeys.of(g.person))
    return {"form": form, "next": wanted(), "has_passkey": has_passkey, **more}


@blueprint.route("/account/second-factor", methods=["GET", "POST"], endpoint="second_factor")
@signed_in_halfway
def show_second_factor() -> Page:
    """Ask for the code of the authenticator; who has none sets one up first."""
    if not g.person.has_second_factor and not _shown(CodeForm(formdata=None))["has_passkey"]:
        return redirect(url_for("accounts.set_up_second_factor", next=wanted()))
    if g.sign_in.second_factor_at is not None and request.method == "GET":
        return redirect(wanted())
    form = CodeForm()
    vault.warm_codes()
    if not form.validate_on_submit():
        return render_template(ASK, **_shown(form)), 422 if form.errors else 200
    try:
        _take(What.CODE)
        second_factor.use_code(person=g.person, code=form.code.data)
    except DomainError as error:
        form.refuse(error)
        return refused(ASK, error, **_shown(form))
    limits.succeeded(What.CODE, account=g.person.email)
    current.pass_second_factor()
    db.session.commit()
    return redirect(wanted())


def _take(what: What) -> None:
    limits.take(what, account=g.person.email, address=request.remote_addr or "")


@blueprint.route("/account/second-factor/recovery", methods=["GET", "POST"])
@signed_in_halfway
def use_recovery_code() -> Page:
    """For who has lost the authenticator: one of the codes written down at the set-up."""
    template, form = "accounts/use_recovery_code.html", RecoveryForm()
    if not g.person.has_second_factor:
        return redirect(url_for("accounts.second_factor", next=wanted()))
    if not form.validate_on_submit():
        page = render_template(template, form=form, next=wanted())
        return page, 422 if form.errors else 200
    try:
        _take(What.RECOVERY)
        left = second_factor.use_recovery_code(person=g.person, code=form.recovery_code.data)
    except DomainError as error:
        form.refuse(error)
        return refused(template, error, form=form, next=wanted())
    limits.succeeded(What.RECOVERY, account=g.person.email)
    limits.succeeded(What.CODE, account=g.person.email)
    current.pass_second_factor()
    db.session.commit()
    flash(
        ngettext("%(num)s recovery code is left.", "%(num)s recovery codes are left.", left),
        "warning" if left < 4 else "info",
    )
    return redirect(wanted())


@blueprint.route("/account/second-factor/set-up", methods=["GET", "POST"])
@signed_in
@fresh
def set_up_second_factor() -> Page:
    """Show the secret as QR code and text; the first code that fits makes it count."""
    form = CodeForm()
    session.setdefault(NEW, second_factor.begin())
    secret = session[NEW]
    shown = _set_up_shown(form, secret)
    if not form.validate_on_submit():
        return render_template(SET_UP, **shown), 422 if form.errors else 200
    try:
        _take(What.CODE)
        codes = second_factor.set_up(
            person=g.person, secret=secret, code=form.code.data, at=g.sign_in
        )
    except DomainError as error:
        form.refuse(error)
        return refused(SET_UP, error, **shown)
    limits.succeeded(What.CODE, account=g.person.email)
    session.pop(NEW)
    current.pass_second_factor()
    db.session.commit()
    return render_template("accounts/recovery_codes.html", codes=codes, next=wanted())


def _set_up_shown(form: CodeForm, secret: str) -> dict[str, object]:
    address = vault.totp_address(secret, g.person.email)
    return {
        "form": form,
        "key": vault.totp_key(secret),
        "picture": qr.svg(address, title=_("QR code for your authenticator")),
        "replaces": g.person.has_second_factor,
        "next": wanted(),
    }


@blueprint.post("/account/second-factor/recovery-codes")
@signed_in
@fresh
def renew_recovery_codes() -> Page:
    """New recovery codes, shown once."""
    if not (g.person.has_second_factor and PressForm().validate_on_submit()):
        return redirect(url_for("accounts.security"))
    codes = second_factor.renew_recovery_codes(person=g.person)
    db.session.commit()
    return render_template(
        "accounts/recovery_codes.html", codes=codes, next=url_for("accounts.security")
    )


@blueprint.post("/account/second-factor/remove")
@signed_in
@fresh
def remove_second_factor() -> Page:
    """Go on without: staff are asked to set one up again."""
    if PressForm().validate_on_submit() and g.person.has_second_factor:
        second_factor.remove(person=g.person, at=g.sign_in, by=g.person)
        g.sign_in.second_factor_at = None
        db.session.commit()
        flash(_("The second step is off. Other browsers were signed out."), "success")
    return redirect(url_for("accounts.security"))
