"""Signing in by mailed link or password, and signing out."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, session, url_for

from conference.accounts import current, limits, people, vault
from conference.accounts.forms.security import LinkForm, PasswordForm, PressForm
from conference.accounts.limits import What
from conference.accounts.service import signing_in
from conference.accounts.views.blueprint import Page, blueprint, enter, refused, wanted
from conference.core.errors import DomainError
from conference.core.tokens import LinkUsedUp
from conference.extensions import db
from conference.web import i18n
from conference.web.access import public, signed_in_halfway
from conference.web.i18n import _
from conference.web.page_cache import cached

TEMPLATE = "accounts/sign_in.html"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
@cached
def sign_in() -> Page:
    """Ask for a link; beside it the ways by password and passkey."""
    again = "again" in request.values
    if g.person is not None and not again and request.method == "GET":
        return redirect(wanted())
    form = LinkForm(email=g.person.email if g.person else None)
    if not form.validate_on_submit():
        return _page(form)
    try:
        _send(form.email.data)
    except DomainError as error:
        form.refuse(error)
        return refused(TEMPLATE, error, **_shown(form))
    db.session.commit()
    session["link_sent_to"] = form.email.data
    return redirect(url_for("accounts.link_sent"))


def _send(email: str) -> None:
    limits.take(
        What.LINK,
        account=people.normal_email(email),
        address=request.remote_addr or "",
        field="email",
    )
    signing_in.send_link(email=email, locale=i18n.current(), then=wanted())


def _shown(form: LinkForm, password: PasswordForm | None = None) -> dict[str, object]:
    other = password or PasswordForm(formdata=None, prefix="password-", email=form.email.data)
    return {
        "form": form,
        "password_form": other,
        "by_password": password is not None,
        "passkeys": vault.passkeys_possible(),
        "again": request.values.get("again"),
        "next": wanted(),
    }


def _page(form: LinkForm, password: PasswordForm | None = None) -> Page:
    failed = bool(form.errors or (password and password.errors))
    return render_template(TEMPLATE, **_shown(form, password)), 422 if failed else 200


@blueprint.get("/sign-in/sent")
@public
def link_sent() -> Page:
    """Look into your mailbox. The same for known and unknown addresses."""
    return render_template(
        "accounts/link_sent.html",
        address=session.get("link_sent_to"),
    )


@blueprint.route("/sign-in/link/<token>", methods=["GET", "POST"])
@public
def use_link(token: str) -> Page:
    """A button, because mail scanners open links; pressing it uses the link up."""
    try:
        if not PressForm().validate_on_submit():
            address = signing_in.look_at_link(token)
            return _unreferred("accounts/use_link.html", 200, address=address, form=PressForm())
        person, then = signing_in.use_link(token)
    except LinkUsedUp:
        db.session.rollback()
        if g.person is not None:
            return redirect(url_for("accounts.home"))
        return _unreferred("accounts/link_used_up.html", 410, form=LinkForm(formdata=None))
    limits.succeeded(What.LINK, account=person.email)
    limits.succeeded(What.PASSWORD, account=person.email)
    return enter(person, method="link", then=then)


def _unreferred(template: str, status: int, **values: object) -> Page:
    # The address of this page is a secret: no other site and no log of one may hear it.
    return render_template(template, **values), status, {"Referrer-Policy": "no-referrer"}


@blueprint.post("/sign-in/password")
@public
def sign_in_by_password() -> Page:
    """Compare a password; wrong, missing and unknown look the same and take as long."""
    form = PasswordForm(prefix="password-")
    link = LinkForm(formdata=None, email=form.email.data)
    if not form.validate_on_submit():
        return _page(link, form)
    account = people.normal_email(form.email.data)
    try:
        limits.take(What.PASSWORD, account=account, address=request.remote_addr or "")
        stored = signing_in.stored_password(account)
        db.session.commit()  # comparing takes long: no transaction may wait for it
        fits, stronger = signing_in.password_fits(form.password.data, stored)
        person = signing_in.with_password(email=account, fits=fits, stronger=stronger)
    except DomainError as error:
        form.refuse(error)
        return refused(TEMPLATE, error, **_shown(link, form))
    limits.succeeded(What.PASSWORD, account=account)
    return enter(person, method="password", then=wanted())


@blueprint.post("/sign-out")
@signed_in_halfway
def sign_out() -> Page:
    """End this browser's session."""
    current.sign_out()
    db.session.commit()
    flash(_("You are signed out."), "success")
    return redirect("/")
