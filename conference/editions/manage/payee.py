"""Who is paid for an edition."""

from __future__ import annotations

from flask import g, redirect, request, url_for

from conference.core.permissions import Permission
from conference.editions import queries
from conference.editions.forms.payee import ChoosePayeeForm, PayeeForm
from conference.editions.manage.blueprint import Page, blueprint, shown
from conference.editions.models import Payee
from conference.editions.service import payees
from conference.web.access import requires
from conference.web.forms import saved


@blueprint.route("/<edition_code>/desk/edition/payee", methods=["GET", "POST"])
@requires(Permission.EDIT_PAYEE)
def payee() -> Page:
    """The legal entity with its account."""
    now = g.edition.payee
    form = PayeeForm() if request.method == "POST" else PayeeForm.from_payee(now)
    if saved(form, lambda: payees.write(edition=g.edition, details=form.values(), by=g.person)):
        return redirect(url_for(".payee"))
    return _page(form, ChoosePayeeForm(formdata=None, found=_others()))


def _others() -> list[Payee]:
    return [one for one in queries.payees() if one.id != g.edition.payee_id]


def _page(form: PayeeForm, choose_form: ChoosePayeeForm) -> Page:
    now = g.edition.payee
    return shown(
        "payee",
        form=form,
        choose_form=choose_form,
        payee=now,
        others=payees.also_used_by(now, g.edition) if now else 0,
        fixed=payees.is_fixed(now) if now else False,
    )


@blueprint.post("/<edition_code>/desk/edition/payee/choose")
@requires(Permission.EDIT_PAYEE)
def choose_payee() -> Page:
    """Use a payee that is known already."""
    form = ChoosePayeeForm(found=_others())
    if saved(
        form,
        lambda: payees.choose(
            edition=g.edition, payee=queries.anywhere(Payee, form.payee.data), by=g.person
        ),
    ):
        return redirect(url_for(".payee"))
    return _page(PayeeForm.from_payee(g.edition.payee), form)
