"""What finance types: amounts, dates, references. Money is read in the language of the page."""

from __future__ import annotations

from datetime import date

from wtforms import DateField, HiddenField, RadioField, StringField
from wtforms.validators import Length

from conference.core.model import new_public_id
from conference.core.money import Money, NotAnAmount, parse
from conference.payments.models import METHOD_NAMES, Method
from conference.registrations.models import Order
from conference.web import i18n
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import _, lazy

LONGEST_NOTE = 500


def _mark() -> str:
    return "." if i18n.current() == "en" else ","


class MoneyForm(BaseForm):
    """An amount in the currency of an order, and a token that makes a second click harmless."""

    amount = StringField(lazy("Amount"), [Wanted(), Length(max=60)])
    token = HiddenField(validators=[Wanted(), Length(max=40)], default=new_public_id)

    def money(self, currency: str) -> Money:
        """The typed amount; NotAnAmount on its field."""
        try:
            return parse(self.amount.data or "", currency, i18n.current())
        except NotAnAmount as refusal:
            refusal.field = "amount"
            raise


class BookForm(MoneyForm):
    """Money that has come in."""

    reference = StringField(lazy("Reference or order code"), [Wanted(), Length(max=140)])
    method = RadioField(lazy("How it came"), default=Method.TRANSFER.value)
    booked_on = DateField(lazy("Date on the statement"), [Wanted(lazy("Please choose a date."))])
    note = StringField(lazy("Note"), [Length(max=LONGEST_NOTE)])

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.method.choices = [
            (method.value, _(METHOD_NAMES[method])) for method in (Method.TRANSFER, Method.CASH)
        ]

    @classmethod
    def for_order(cls, order: Order | None, owed: Money | None, today: date) -> BookForm:
        """Filled with what is expected of an order."""
        return cls(
            reference=order.reference if order else "",
            amount=owed.plain(_mark()) if owed and owed.minor > 0 else "",
            booked_on=today,
        )


class CreditForm(MoneyForm):
    """A price that is lowered."""

    reason = StringField(lazy("Reason"), [Wanted(), Length(max=LONGEST_NOTE)])


class GiveBackForm(MoneyForm):
    """Money that goes back, by the card it came from or by a transfer that finance has made."""

    way = RadioField(lazy("How it goes back"))
    booked_on = DateField(lazy("Date of the transfer"))
    reason = StringField(lazy("Reason"), [Length(max=LONGEST_NOTE)])

    @classmethod
    def for_order(cls, back: Money, today: date) -> GiveBackForm:
        """Filled with all that stands open."""
        return cls(amount=back.plain(_mark()) if back.minor else "", booked_on=today)

    def offer(self, *, by_card: bool) -> None:
        """The ways that are open for this order."""
        ways = [(Method.TRANSFER.value, _("I have transferred it to a bank account"))]
        if by_card:
            ways.insert(0, (Method.CARD.value, _("To the card that it came from")))
        self.way.choices = ways
        if self.way.data is None or self.way.data == "None":
            self.way.data = ways[0][0]
