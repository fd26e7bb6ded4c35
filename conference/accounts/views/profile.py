"""The profile: what a person says about themselves, their address, their public page."""

from __future__ import annotations

from babel import Locale
from flask import abort, flash, g, redirect, render_template, request, url_for

from conference.accounts import limits, people
from conference.accounts.forms.profile import ProfileForm
from conference.accounts.forms.security import EmailForm, PressForm
from conference.accounts.limits import What
from conference.accounts.service import profile as service
from conference.accounts.views.blueprint import Page, blueprint, fresh, refused
from conference.core import orcid
from conference.core.errors import DomainError
from conference.core.tokens import LinkUsedUp
from conference.extensions import db
from conference.web import i18n, slots
from conference.web.access import public, signed_in
from conference.web.i18n import _


@blueprint.route("/account/profile", methods=["GET", "POST"])
@signed_in
def profile() -> Page:
    """Names, country, languages, ORCID iD, what is public."""
    template = "accounts/profile.html"
    form = ProfileForm() if request.method == "POST" else ProfileForm.from_person(g.person)
    if not form.validate_on_submit():
        return render_template(template, form=form), 422 if form.errors else 200
    try:
        service.change(person=g.person, to=form.values(), by=g.person)
    except DomainError as error:
        form.refuse(error)
        return refused(template, error, form=form)
    db.session.commit()
    flash(_("Your profile is saved."), "success")
    return redirect(url_for("accounts.profile"))


@blueprint.get("/people/<public_id>")
@public
def public_profile(public_id: str) -> Page:
    """What somebody shows of themselves to everybody."""
    person = service.public(public_id)
    if person is None:
        abort(404)
    g.profile = person
    shown = set(person.public_fields)
    names = Locale.parse(i18n.current()).languages
    return render_template(
        "accounts/public_profile.html",
        name=person.name,
        latin_name=person.latin_name,
        country=person.country if "country" in shown else None,
        spoken=[names.get(code, code) for code in person.languages] if "languages" in shown else [],
        orcid=orcid.address(person.orcid) if person.orcid and "orcid" in shown else None,
        about=person.biography if "biography" in shown else None,
        found=list(slots.profile_cards),
    )


@blueprint.route("/account/email", methods=["GET", "POST"])
@signed_in
@fresh
def change_email() -> Page:
    """Ask for another address; a link goes there."""
    template, form = "accounts/change_email.html", EmailForm()
    if not form.validate_on_submit():
        return render_template(template, form=form), 422 if form.errors else 200
    try:
        limits.take(
            What.LINK,
            account=people.normal_email(form.email.data),
            address=request.remote_addr or "",
            field="email",
        )
        service.ask_for_new_address(person=g.person, email=form.email.data, locale=i18n.current())
    except DomainError as error:
        form.refuse(error)
        return refused(template, error, form=form)
    db.session.commit()
    flash(_("We have sent a link to the new address. Until you use it, nothing changes."), "info")
    return redirect(url_for("accounts.profile"))


@blueprint.route("/account/email/<token>", methods=["GET", "POST"])
@public
def take_new_address(token: str) -> Page:
    """The page of the link that went to the new address: a button makes it count."""
    try:
        if not PressForm().validate_on_submit():
            address = service.look_at_new_address(token)
            page = render_template("accounts/new_address.html", address=address, form=PressForm())
            return page, 200, {"Referrer-Policy": "no-referrer"}
        service.take_new_address(token)
    except LinkUsedUp:
        db.session.rollback()
        return render_template("accounts/new_address_expired.html"), 410
    db.session.commit()
    flash(_("Your account has the new address."), "success")
    return redirect(url_for("accounts.profile"))
