"""The forms of participants: who registers, what they need, who pays, changes afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Email, Length, ValidationError

from conference.core import geo
from conference.core.errors import DomainError
from conference.organisations import identifiers
from conference.registrations.models import Registration
from conference.registrations.service.catalogue import ExtraOffer, Offer
from conference.web import i18n
from conference.web.filters import tr
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import _, lazy

NOT_AN_ADDRESS = lazy("Please type an e-mail address such as name@example.org.")
PAYS_BY = {"card": lazy("By card, now"), "transfer": lazy("By bank transfer")}


class _Unless:
    """An e-mail address, or nothing."""

    def __call__(self, form: Any, field: Any) -> None:
        if field.data:
            Email(NOT_AN_ADDRESS)(form, field)


class EmailForm(BaseForm):
    """The address of whoever registers."""

    email = EmailField(
        lazy("Your e-mail address"), [Wanted(), Length(max=254), Email(NOT_AN_ADDRESS)]
    )


class PersonForm(BaseForm):
    """One person: names, where they come from, which ticket. `number` counts from 0."""

    class Meta(BaseForm.Meta):
        """The token stands once on the page, in the form around all people."""

        csrf = False

    given_name = StringField(lazy("Given name"), [Length(max=100)])
    family_name = StringField(lazy("Family name"), [Length(max=100)])
    latin_name = StringField(
        lazy("Whole name in Latin letters"),
        [Length(max=200)],
        description=lazy(
            "Only when your name is written in other letters. Left empty, we write it."
        ),
    )
    email = EmailField(
        lazy("E-mail address of this person"),
        [Length(max=254), _Unless()],
        description=lazy("Their ticket goes there. Left empty, it comes to you."),
    )
    organisation = StringField(lazy("Organisation"), [Length(max=200)])
    position = StringField(lazy("What you do there"), [Length(max=120)])
    country = SelectField(lazy("Country"), default="")
    ticket = RadioField(lazy("Ticket"), validate_choice=False)

    def __init__(self, *args: Any, number: int, offers: Sequence[Offer], **kwargs: Any):
        super().__init__(*args, prefix=f"p{number}-", **kwargs)
        self.number = number
        choices = [("", _("Please choose")), *geo.countries(i18n.current())]
        self.country.choices = choices if number == 0 else [("", _("The same")), *choices[1:]]
        self.ticket.choices = [
            (offer.ticket_type.public_id, tr(offer.ticket_type.name)) for offer in offers
        ]
        for field in (self.given_name, self.family_name, self.country):
            field.flags.required = number == 0
        self.ticket.flags.required = True

    def validate(self, extra_validators: Any = None) -> bool:
        """The first person says who they are; further ones may be named later."""
        right = bool(super().validate(extra_validators))
        wanted = [self.given_name, self.family_name, self.country] if self.number == 0 else []
        for field in wanted:
            if not field.data:
                field.errors = [_("Please fill this in.")]
                right = False
        if self.ticket.data not in {value for value, _label in self.ticket.choices}:
            self.ticket.errors = [_("Please choose a ticket.")]
            right = False
        return right

    @classmethod
    def from_person(cls, number: int, person: Mapping[str, Any], offers: Sequence[Offer]) -> Any:
        """Filled with what was typed before."""
        return cls(formdata=None, data=dict(person), number=number, offers=offers)

    def values(self) -> dict[str, Any]:
        """What was typed."""
        names = (
            "given_name",
            "family_name",
            "latin_name",
            "email",
            "organisation",
            "position",
            "country",
            "ticket",
        )
        return {name: getattr(self, name).data or "" for name in names}


class NeedsForm(BaseForm):
    """What one person books and needs besides the ticket. Extras are added per edition."""

    class Meta(BaseForm.Meta):
        """As for PersonForm."""

        csrf = False

    diet = StringField(
        lazy("Diet and allergies"),
        [Length(max=500)],
        description=lazy("What the kitchen must know. Seen by the caterer only."),
    )
    accessibility = TextAreaField(
        lazy("What you need to take part without hindrance"),
        [Length(max=1000)],
        description=lazy(
            "A place for a wheelchair, sign language, a reader, a break for a child …"
        ),
    )
    wants_visa_letter = BooleanField(lazy("I need a letter of invitation for a visa"))
    is_listed = BooleanField(
        lazy("My name, organisation and country may stand on the public list of participants"),
        description=lazy("You can change this at any time."),
    )

    extras: list[ExtraOffer] = []

    @classmethod
    def for_edition(cls, extras: Sequence[ExtraOffer]) -> type[NeedsForm]:
        """The form with one field for each extra."""
        fields: dict[str, Any] = {f"extra-{one.extra.public_id}": _field(one) for one in extras}
        return type("NeedsForm", (cls,), {**fields, "extras": list(extras)})

    def extra_field(self, offer: ExtraOffer) -> Any:
        """The field of an extra."""
        return self._fields[f"extra-{offer.extra.public_id}"]

    @classmethod
    def from_person(cls, prefix: str, person: Mapping[str, Any]) -> Any:
        """Filled with what was typed before."""
        booked = {f"extra-{key}": value for key, value in person["extras"].items()}
        return cls(formdata=None, data={**person, **booked}, prefix=prefix)

    def values(self) -> dict[str, Any]:
        """What was typed."""
        return {
            "extras": {
                one.extra.public_id: quantity
                for one in self.extras
                if (quantity := int(self.extra_field(one).data or 0))
            },
            "diet": self.diet.data or "",
            "accessibility": self.accessibility.data or "",
            "wants_visa_letter": bool(self.wants_visa_letter.data),
            "is_listed": bool(self.is_listed.data),
        }


def _field(offer: ExtraOffer) -> Any:
    extra = offer.extra
    if extra.most_each == 1:
        return BooleanField(tr(extra.name))
    most = extra.most_each if offer.places_left is None else min(extra.most_each, offer.places_left)
    return SelectField(
        tr(extra.name),
        choices=[(number, _("none") if number == 0 else str(number)) for number in range(most + 1)],
        coerce=int,
        default=0,
    )


class ReviewForm(BaseForm):
    """The last screen: what was shown, and who pays."""

    total = HiddenField(validators=[Length(max=40)])
    currency = HiddenField(validators=[Length(max=3)])
    waiting = HiddenField(validators=[Length(max=400)])
    pays_by = RadioField(lazy("How do you want to pay?"), validate_choice=False)
    invoice_name = StringField(
        lazy("Invoice to"),
        [Length(max=200)],
        description=lazy("The organisation, or yourself."),
    )
    invoice_address = TextAreaField(lazy("Address"), [Length(max=500)])
    invoice_country = SelectField(lazy("Country"), default="")
    invoice_tax_id = StringField(lazy("Tax number"), [Length(max=40)])

    def __init__(self, *args: Any, costs: bool, takes_cards: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.costs = costs
        self.invoice_country.choices = [("", _("Please choose")), *geo.countries(i18n.current())]
        ways = ("card", "transfer") if takes_cards else ("transfer",)
        self.pays_by.choices = [(way, PAYS_BY[way]) for way in ways]
        for field in (self.pays_by, self.invoice_name, self.invoice_address, self.invoice_country):
            field.flags.required = costs

    def validate(self, extra_validators: Any = None) -> bool:
        """An invoice needs its party; nothing is asked where nothing is to be paid."""
        right = bool(super().validate(extra_validators))
        if not self.costs:
            return right
        for field in (self.invoice_name, self.invoice_address, self.invoice_country):
            if not field.data:
                field.errors = [_("Please fill this in.")]
                right = False
        if self.pays_by.data not in {value for value, _label in self.pays_by.choices}:
            self.pays_by.errors = [_("Please choose how you pay.")]
            right = False
        return right

    def validate_invoice_tax_id(self, field: Any) -> None:
        """The check digits, where the country's rule is known."""
        if not field.data or not self.invoice_country.data:
            return
        checked = identifiers.tax_id(self.invoice_country.data, field.data)
        if not checked.ok:
            raise ValidationError(_(checked.reason))
        field.data = checked.value

    def values(self) -> dict[str, str]:
        """Who pays and how."""
        if not self.costs:
            return {}
        names = ("pays_by", "invoice_name", "invoice_address", "invoice_country", "invoice_tax_id")
        return {name: getattr(self, name).data or "" for name in names}

    @property
    def agreed_to_wait(self) -> set[int]:
        """The people of whom the page said that they would wait."""
        return {int(n) for n in (self.waiting.data or "").split(",") if n.isdecimal()}


class DetailsForm(BaseForm):
    """What may be changed after registering."""

    given_name = StringField(lazy("Given name"), [Wanted(), Length(max=100)])
    family_name = StringField(lazy("Family name"), [Wanted(), Length(max=100)])
    latin_name = StringField(
        lazy("Whole name in Latin letters"),
        [Length(max=200)],
        description=lazy(
            "Only when your name is written in other letters. Left empty, we write it."
        ),
    )
    email = EmailField(
        lazy("E-mail address of this person"),
        [Wanted(), Length(max=254), Email(NOT_AN_ADDRESS)],
        description=lazy("A new address gets the ticket and sees this registration."),
    )
    organisation = StringField(lazy("Organisation"), [Length(max=200)])
    position = StringField(lazy("What you do there"), [Length(max=120)])
    country = SelectField(lazy("Country"), [Wanted()])
    diet = StringField(
        lazy("Diet and allergies"),
        [Length(max=500)],
        description=lazy("What the kitchen must know. Seen by the caterer only."),
    )
    accessibility = TextAreaField(
        lazy("What you need to take part without hindrance"), [Length(max=1000)]
    )
    wants_visa_letter = BooleanField(lazy("I need a letter of invitation for a visa"))
    is_listed = BooleanField(
        lazy("My name, organisation and country may stand on the public list of participants"),
        description=lazy("You can change this at any time."),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.country.choices = [("", _("Please choose")), *geo.countries(i18n.current())]

    @classmethod
    def from_registration(cls, registration: Registration) -> Any:
        """Filled with what is known."""
        names = [name for name in _DETAILS if name != "organisation"]
        data = {name: getattr(registration, name) for name in names}
        return cls(data={**data, "organisation": registration.organisation_name})

    def values(self) -> dict[str, Any]:
        """What was typed; without an address where it may not be changed."""
        return {
            name: self._fields[name].data
            if isinstance(self._fields[name], BooleanField)
            else self._fields[name].data or ""
            for name in _DETAILS
            if name in self._fields
        }


_DETAILS = (
    "given_name",
    "family_name",
    "latin_name",
    "email",
    "organisation",
    "position",
    "country",
    "diet",
    "accessibility",
    "wants_visa_letter",
    "is_listed",
)


class ReasonlessForm(BaseForm):
    """One button."""


def refuse(error: DomainError, forms: Mapping[str, Any], otherwise: Any) -> None:
    """Show a refusal on the field that it names: "p1-ticket" is the field ticket of person 1."""
    prefix, _dash, name = (error.field or "").partition("-")
    form = forms.get(prefix)
    if form is None or name not in form._fields:
        otherwise.refuse(error)
        return
    error.field = name
    form.refuse(error)
