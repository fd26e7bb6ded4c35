"""Who is paid, and on which account."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, EmailField, IntegerField, SelectField
from wtforms.validators import Email, Length, NumberRange, Optional

from conference.core.money import EXPONENTS
from conference.editions.forms.basics import WRONG_ADDRESS
from conference.editions.forms.fields import area, both, country_choices, line, spread
from conference.editions.models import Payee
from conference.editions.service.payees import Details
from conference.organisations import identifiers
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import _, lazy

# The currencies of the network first.
NEAR = ("EUR", "RSD", "BGN", "RON", "MKD", "HUF", "TRY", "ALL", "BAM")
PLAIN = (
    "name", "address", "country", "currency", "tax_id", "registration_number", "email", "iban",
    "bic", "domestic_account", "bank", "takes_cards", "invoice_prefix", "payment_days",
)  # fmt: skip


class PayeeForm(BaseForm):
    """A legal entity with its account."""

    name = line(lazy("Legal name"), wanted=True)
    address = area(lazy("Address"), most=500)
    country = SelectField(lazy("Country"), [Wanted()])
    tax_id = line(lazy("Tax number"), most=40)
    registration_number = line(lazy("Number in the company register"), most=40)
    email = EmailField(
        lazy("E-mail address of the office"), [Optional(), Length(max=254), Email(WRONG_ADDRESS)]
    )
    currency = SelectField(lazy("Currency"), [Wanted()])
    iban = line(
        lazy("IBAN"),
        most=60,
        description=lazy("Needed for payments in euro; spaces do not matter."),
    )
    bic = line(lazy("BIC"), most=20)
    domestic_account = line(
        lazy("Serbian account number"),
        most=40,
        description=lazy("For payments in dinars, such as 105-8123123123-17."),
    )
    bank = line(lazy("Name of the bank"), most=120)
    takes_cards = BooleanField(
        lazy("Takes card payments"),
        description=lazy("Only where this payee has an account with the card service Stripe."),
    )
    vat = line(lazy("VAT in percent"), most=10)
    vat_note_en = line(lazy("Note about VAT in English"), most=300)
    vat_note_sr = line(lazy("Note about VAT in Serbian"), most=300)
    invoice_prefix = line(
        lazy("Letters before the invoice number"), most=12, description=lazy("For example CH.")
    )
    payment_days = IntegerField(lazy("Days to pay"), [Wanted(), NumberRange(1, 365)])

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices()
        others = sorted(code for code in EXPONENTS if code not in NEAR)
        self.currency.choices = [(code, code) for code in (*NEAR, *others)]

    @classmethod
    def from_payee(cls, payee: Payee | None) -> Any:
        """The form filled with what is known."""
        if payee is None:
            return cls(data={"vat": "0", "payment_days": 14, "currency": "EUR"})
        return cls(
            data={
                **{name: getattr(payee, name) for name in PLAIN},
                **spread("vat_note", payee.vat_note),
                "iban": identifiers.show_iban(payee.iban),
                "domestic_account": _shown(payee.domestic_account),
                "vat": f"{payee.vat_permille / 10:g}",
            }
        )

    def values(self) -> Details:
        """What was typed."""
        typed = {name: self[name].data for name in PLAIN}
        plain: dict[str, Any] = {
            name: "" if value is None else value for name, value in typed.items()
        }
        return Details(**plain, vat=self.vat.data or "0", vat_note=both(self, "vat_note"))


def _shown(account: str) -> str:
    return identifiers.show_serbian_account(account) if len(account) == 18 else account


class ChoosePayeeForm(BaseForm):
    """A payee that is known already."""

    payee = SelectField(lazy("Use a payee of another edition"), [Wanted()])

    def __init__(self, *args: Any, found: list[Payee], **kwargs: Any):
        super().__init__(*args, **kwargs)
        known = [(one.public_id, f"{one.name}, {one.currency}, {one.iban[-4:]}") for one in found]
        self.payee.choices = [("", _("Please choose")), *known]
