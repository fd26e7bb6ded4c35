"""Passkeys: JSON for the small script that talks to the browser."""

from __future__ import annotations

from flask import Response, flash, g, jsonify, redirect, request, url_for

from conference.accounts import current, limits, vault
from conference.accounts.forms.security import PasskeyForm, PressForm
from conference.accounts.limits import What
from conference.accounts.service import passkeys
from conference.accounts.views.blueprint import Page, blueprint, enter, fresh, wanted
from conference.core.errors import Invalid
from conference.extensions import db
from conference.web.access import public, sent_object, signed_in, signed_in_halfway
from conference.web.i18n import _


def _options(text: str) -> Response:
    db.session.commit()
    return Response(text, content_type="application/json")


def _take() -> None:
    limits.take(What.PASSKEY, account=None, address=request.remote_addr or "")
    vault.warm_passkeys()


@blueprint.post("/sign-in/passkey/options")
@public
def passkey_options() -> Response:
    """What the browser must sign to sign in; any passkey of this site will do."""
    _take()
    return _options(passkeys.options_for_sign_in())


@blueprint.post("/sign-in/passkey")
@public
def sign_in_by_passkey() -> Response:
    """Begin the session of the passkey's owner; one that knew its owner is a second factor too."""
    _take()
    person, knew = passkeys.use(answer=sent_object())
    gone_to = enter(person, method="passkey", then=wanted(), second_factor=knew)
    return jsonify(next=gone_to.headers["Location"])


@blueprint.post("/account/second-factor/passkey/options")
@signed_in_halfway
def second_factor_passkey_options() -> Response:
    """The same for one of the person's own passkeys."""
    _take()
    return _options(passkeys.options_for_sign_in(g.person))


@blueprint.post("/account/second-factor/passkey")
@signed_in_halfway
def second_factor_by_passkey() -> Response:
    """A passkey that knew its owner is the second factor of this session."""
    _take()
    _person, knew = passkeys.use(answer=sent_object(), person=g.person)
    if not knew:
        raise passkeys.PasskeyNotAccepted()
    current.pass_second_factor()
    db.session.commit()
    return jsonify(next=wanted())


@blueprint.post("/account/passkeys/options")
@signed_in
@fresh
def new_passkey_options() -> Response:
    """What the browser needs to make a passkey."""
    _take()
    return _options(passkeys.options_for_new(g.person))


@blueprint.post("/account/passkeys")
@signed_in
@fresh
def add_passkey() -> Page:
    """Keep a new passkey under the name its owner gave it."""
    form = PasskeyForm(data={"name": str(sent_object().get("name", ""))}, meta={"csrf": False})
    if not form.validate():
        raise Invalid(field="name")
    passkeys.add(person=g.person, name=form.name.data, answer=sent_object())
    db.session.commit()
    flash(_("The passkey is set up. Next time you can sign in with it."), "success")
    return jsonify(next=url_for("accounts.security"))


@blueprint.post("/account/passkeys/<public_id>/remove")
@signed_in
@fresh
def remove_passkey(public_id: str) -> Page:
    """Forget a passkey."""
    if PressForm().validate_on_submit():
        passkeys.remove(person=g.person, public_id=public_id, at=g.sign_in)
        db.session.commit()
        flash(_("The passkey is removed. Other browsers were signed out."), "success")
    return redirect(url_for("accounts.security"))
