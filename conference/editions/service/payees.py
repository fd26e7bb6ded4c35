"""Who is paid: the legal entity with its checked account, currency and tax note."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from sqlalchemy import func, select

from conference.accounts.models import Person
from conference.core import audit, geo
from conference.core.errors import N_, Conflict, Invalid, NotAllowed
from conference.core.money import EXPONENTS
from conference.core.permissions import Permission, allows
from conference.core.text import fold, plain_line, plain_text
from conference.editions import hooks, roles, stamps
from conference.editions.models import Edition, Payee
from conference.editions.service.making import Texts, two_languages
from conference.editions.states import EditionState
from conference.extensions import db
from conference.organisations import identifiers

NAME_WANTED = N_("Please type the name of the legal entity.")
NO_COUNTRY = N_("Please choose a country.")
NO_CURRENCY = N_("Please choose a currency.")
IBAN_WANTED = N_("Payments in euro need an IBAN.")
ACCOUNT_WANTED = N_("Please type the IBAN or the domestic account.")
CURRENCY_FIXED = N_("Money was asked in %(currency)s already; the currency cannot change any more.")
OTHERS_TOO = N_(
    "Other editions are paid there too, and you do not look after the money of all of them. "
    "Please ask an administrator."
)
NO_RATE = N_("Please type a percentage between 0 and 50, such as 20 or 8.5.")
BIC_SHAPE = N_("A BIC has 8 or 11 letters and digits.")
PREFIX_SHAPE = N_("Up to 12 letters, digits or hyphens.")


@dataclass(frozen=True)
class Details:
    """A payee as it was typed; `vat` is a percentage."""

    name: str
    address: str
    country: str
    currency: str
    tax_id: str = ""
    registration_number: str = ""
    email: str = ""
    iban: str = ""
    bic: str = ""
    domestic_account: str = ""
    bank: str = ""
    takes_cards: bool = False
    vat: str = "0"
    vat_note: Texts = field(default_factory=dict)
    invoice_prefix: str = ""
    payment_days: int = 14


def choose(*, edition: Edition, payee: Payee, by: Person) -> None:
    """Money for this edition goes to a payee that is known already."""
    _refuse_other_currency(edition, payee.currency)
    edition.payee = payee
    db.session.flush()
    stamps.bump(edition)
    audit.record("edition.payee_chosen", about=edition, by=by, payee=payee.public_id)


def write(*, edition: Edition, details: Details, by: Person) -> Payee:
    """Make the payee of an edition, or correct it; other editions may be paid there too."""
    values = _tidy(details)
    payee = edition.payee
    if payee is None:
        payee = Payee(**values)
        db.session.add(payee)
        db.session.flush()
        edition.payee = payee
    else:
        if payee.currency != details.currency and is_fixed(payee):
            raise Conflict(CURRENCY_FIXED, field="currency", currency=payee.currency)
        _refuse_for_others(payee, edition, by)
        for name, value in values.items():
            setattr(payee, name, value)
    db.session.flush()
    stamps.bump(edition)
    audit.record("payee.written", about=payee, by=by, edition=edition.public_id)
    return payee


def _refuse_for_others(payee: Payee, edition: Edition, by: Person) -> None:
    """An account that others are paid on is not for the finance of one edition to change."""
    others = db.session.scalars(
        select(Edition).where(
            Edition.payee_id == payee.id,
            Edition.id != edition.id,
            Edition.state != EditionState.ARCHIVED,
        )
    )
    if not all(allows(roles.roles_of(by, one), Permission.EDIT_PAYEE) for one in others):
        raise NotAllowed(OTHERS_TOO)


def is_fixed(payee: Payee) -> bool:
    """Whether its currency can no longer change: money was asked for an edition paid there."""
    paid_there = db.session.scalars(select(Edition).where(Edition.payee_id == payee.id))
    return any(_money_was_asked(edition) for edition in paid_there)


def _money_was_asked(edition: Edition) -> bool:
    return any(ask(edition) for ask in hooks.payee_is_fixed)


def also_used_by(payee: Payee, edition: Edition) -> int:
    """How many other editions are paid there."""
    return int(
        db.session.scalar(
            select(func.count(Edition.id)).where(
                Edition.payee_id == payee.id, Edition.id != edition.id
            )
        )
        or 0
    )


def _refuse_other_currency(edition: Edition, currency: str) -> None:
    now = edition.payee
    if now is not None and now.currency != currency and _money_was_asked(edition):
        raise Conflict(CURRENCY_FIXED, field="payee", currency=now.currency)


def _tidy(details: Details) -> dict[str, object]:
    if not fold(details.name):
        raise Invalid(NAME_WANTED, field="name")
    if not geo.is_country(details.country):
        raise Invalid(NO_COUNTRY, field="country")
    if details.currency not in EXPONENTS:
        raise Invalid(NO_CURRENCY, field="currency")
    iban = _checked(identifiers.iban, details.iban, "iban")
    account = _checked(identifiers.serbian_account, details.domestic_account, "domestic_account")
    if account and not iban:
        iban = identifiers.serbian_iban(account)
    if iban.startswith("RS") and not account:
        account = iban[4:]
    if details.currency == "EUR" and not iban:
        raise Invalid(IBAN_WANTED, field="iban")
    if not iban and not account:
        raise Invalid(ACCOUNT_WANTED, field="iban")
    return {
        "name": plain_line(details.name),
        "address": plain_text(details.address),
        "country": details.country,
        "currency": details.currency,
        "tax_id": _number(identifiers.tax_id, details.country, details.tax_id, "tax_id"),
        "registration_number": _number(
            identifiers.registration_number,
            details.country,
            details.registration_number,
            "registration_number",
        ),
        "email": plain_line(details.email),
        "iban": iban,
        "bic": _bic(details.bic),
        "domestic_account": account,
        "bank": plain_line(details.bank),
        "takes_cards": details.takes_cards,
        "vat_permille": permille(details.vat),
        "vat_note": two_languages(details.vat_note, lines=True),
        "invoice_prefix": _prefix(details.invoice_prefix),
        "payment_days": details.payment_days,
    }


def permille(typed: str) -> int:
    """A percentage as it was typed, in tenths of a percent."""
    try:
        rate = Decimal(plain_line(typed).rstrip("% ").replace(",", ".") or "0") * 10
    except InvalidOperation:
        raise Invalid(NO_RATE, field="vat") from None
    if not rate.is_finite() or rate != rate.to_integral_value() or not 0 <= rate <= 500:
        raise Invalid(NO_RATE, field="vat")
    return int(rate)


def _checked(check: object, typed: str, name: str) -> str:
    if not typed.strip():
        return ""
    checked: identifiers.Checked = check(typed)  # type: ignore[operator]
    if not checked.ok:
        raise Invalid(checked.reason, field=name)
    return checked.value


def _number(check: object, country: str, typed: str, name: str) -> str:
    if not typed.strip():
        return ""
    checked: identifiers.Checked = check(country, typed)  # type: ignore[operator]
    if not checked.ok:
        raise Invalid(checked.reason, field=name)
    return checked.value


def _bic(typed: str) -> str:
    bic = plain_line(typed).replace(" ", "").upper()
    if bic and not (len(bic) in {8, 11} and bic.isascii() and bic.isalnum() and bic[:6].isalpha()):
        raise Invalid(BIC_SHAPE, field="bic")
    return bic


def _prefix(typed: str) -> str:
    prefix = plain_line(typed).upper()
    if len(prefix) > 12 or not all(c.isascii() and (c.isalnum() or c == "-") for c in prefix):
        raise Invalid(PREFIX_SHAPE, field="invoice_prefix")
    return prefix
