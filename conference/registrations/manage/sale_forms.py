"""The forms in which organisers put tickets and extras on sale."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wtforms import (
    BooleanField,
    DateTimeLocalField,
    EmailField,
    FieldList,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Email, Length, NumberRange, Optional

from conference.core import money
from conference.core.errors import N_, DomainError, Invalid
from conference.editions import local_times
from conference.editions.models import Edition
from conference.registrations.models import (
    CATEGORY_NAMES,
    Category,
    Extra,
    Price,
    TicketType,
)
from conference.registrations.service.catalogue import currency_of
from conference.registrations.service.selling import Step
from conference.web import i18n
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import _, lazy, words

ROWS = 3
LARGEST = 100_000
WANTED = N_("Please fill this in.")


class _Timed(BaseForm):
    """Times are typed in the zone of the edition, amounts in the currency of its payee."""

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.edition = edition

    def instant(self, field: Any) -> Any:
        """The instant of a field, or None."""
        if field.data is None:
            return None
        return local_times.to_instant(field.data, self.edition.zone, field=field.short_name)

    def amount(self, field: Any) -> int:
        """The minor units of a typed amount; refused on the field."""
        return money.parse(field.data or "0", currency_of(self.edition), i18n.current()).minor


class StepForm(BaseForm):
    """One price."""

    class Meta(BaseForm.Meta):
        """The token stands in the form around."""

        csrf = False

    label_en = StringField(lazy("Label in English"), [Length(max=60)])
    label_sr = StringField(lazy("Label in Serbian"), [Length(max=60)])
    amount = StringField(lazy("Price"), [Length(max=20)])
    from_at = DateTimeLocalField(lazy("Valid from"), [Optional()])
    until_at = DateTimeLocalField(lazy("Valid until"), [Optional()])

    @property
    def is_empty(self) -> bool:
        """Whether the row was left blank."""
        return not any(field.data for field in self)


class TicketForm(_Timed):
    """A ticket type with its prices."""

    name_en = StringField(lazy("Name in English"), [Length(max=80)])
    name_sr = StringField(lazy("Name in Serbian"), [Length(max=80)])
    description_en = TextAreaField(lazy("Description in English"), [Length(max=400)])
    description_sr = TextAreaField(lazy("Description in Serbian"), [Length(max=400)])
    category = SelectField(
        lazy("For whom"),
        description=lazy("“Member cluster” asks for an organisation that is a member."),
    )
    quota = IntegerField(
        lazy("At most this many places"),
        [Optional(), NumberRange(min=0, max=LARGEST)],
        description=lazy("Empty: only the limit of the whole edition counts."),
    )
    by_invitation = BooleanField(
        lazy("By invitation only"),
        description=lazy("Everybody sees it; only who has an invitation can choose it."),
    )
    steps = FieldList(FormField(StepForm), label=lazy("Prices"), min_entries=ROWS, max_entries=8)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.category.choices = [(kind.value, _(name)) for kind, name in CATEGORY_NAMES.items()]
        self.name_en.flags.required = True

    @classmethod
    def from_type(cls, edition: Edition, kind: TicketType | None, prices: list[Price]) -> Any:
        """Filled with what is on sale, and one blank row for a further price."""
        if kind is None:
            return cls(edition=edition, data={"category": Category.REGULAR.value})
        rows = [_row(edition, price) for price in prices]
        blank: dict[str, Any] = {}
        return cls(
            edition=edition,
            data={
                "name_en": kind.name.get("en", ""),
                "name_sr": kind.name.get("sr", ""),
                "description_en": kind.description.get("en", ""),
                "description_sr": kind.description.get("sr", ""),
                "category": kind.category.value,
                "quota": kind.quota,
                "by_invitation": kind.by_invitation,
                "steps": [*rows, *[blank] * max(1, ROWS - len(rows))],
            },
        )

    def values(self) -> dict[str, Any]:
        """The type without its prices."""
        return {
            "name": _pair(self.name_en, self.name_sr),
            "description": _pair(self.description_en, self.description_sr),
            "category": Category(self.category.data),
            "quota": self.quota.data,
            "by_invitation": bool(self.by_invitation.data),
        }

    def read_steps(self) -> list[Step] | None:
        """The prices, or None with the faults beside their fields."""
        self.validate()  # first, since it forgets what was found before
        steps: list[Step] = []
        right = True
        for entry in self.steps:
            row = entry.form
            if row.is_empty:
                continue
            made: dict[str, Any] = {}
            for name, read in (
                ("amount", self.typed_amount),
                ("from_at", self.instant),
                ("until_at", self.instant),
            ):
                field = row._fields[name]
                try:
                    made[name] = read(field)
                except DomainError as error:
                    field.errors = [*field.errors, words(error)]
                    self.steps.errors = [entry.errors for entry in self.steps]
                    right = False
            if right:
                label = _pair(row.label_en, row.label_sr)
                steps.append(Step(label, made["amount"], made["from_at"], made["until_at"]))
        return steps if right else None

    def typed_amount(self, field: Any) -> int:
        """A price that was left out is not a price of zero."""
        if not field.data:
            raise Invalid(WANTED)
        return self.amount(field)


def _row(edition: Edition, price: Price) -> dict[str, Any]:
    amount = money.Money(price.amount_minor, currency_of(edition))
    return {
        "label_en": price.label.get("en", ""),
        "label_sr": price.label.get("sr", ""),
        "amount": amount.plain(),
        "from_at": _local(price.from_at, edition),
        "until_at": _local(price.until_at, edition),
    }


class ExtraForm(_Timed):
    """Something that can be booked beside the ticket."""

    name_en = StringField(lazy("Name in English"), [Length(max=80)])
    name_sr = StringField(lazy("Name in Serbian"), [Length(max=80)])
    description_en = TextAreaField(lazy("Description in English"), [Length(max=400)])
    description_sr = TextAreaField(lazy("Description in Serbian"), [Length(max=400)])
    place_en = StringField(lazy("Place in English"), [Length(max=120)])
    place_sr = StringField(lazy("Place in Serbian"), [Length(max=120)])
    starts_at = DateTimeLocalField(lazy("Begins"), [Optional()])
    ends_at = DateTimeLocalField(lazy("Ends"), [Optional()])
    amount_typed = StringField(
        lazy("Price"), [Length(max=20)], description=lazy("Empty: free of charge.")
    )
    quota = IntegerField(
        lazy("At most this many places"), [Optional(), NumberRange(min=0, max=LARGEST)]
    )
    most_each = IntegerField(
        lazy("At most this many for one person"), [Wanted(), NumberRange(min=1, max=10)]
    )
    asks_diet = BooleanField(lazy("Ask for diet and allergies"))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.name_en.flags.required = True

    @classmethod
    def from_extra(cls, edition: Edition, extra: Extra | None) -> Any:
        """Filled with what is on sale."""
        if extra is None:
            return cls(edition=edition, data={"most_each": 1})
        amount = money.Money(extra.amount_minor, currency_of(edition))
        return cls(
            edition=edition,
            data={
                **{
                    f"{name}_{language}": getattr(extra, name).get(language, "")
                    for name in ("name", "description", "place")
                    for language in ("en", "sr")
                },
                "starts_at": _local(extra.starts_at, edition),
                "ends_at": _local(extra.ends_at, edition),
                "amount_typed": amount.plain() if amount else "",
                "quota": extra.quota,
                "most_each": extra.most_each,
                "asks_diet": extra.asks_diet,
            },
        )

    def values(self) -> dict[str, Any]:
        """What was typed; raises a refusal that names the field."""
        try:
            amount = self.amount(self.amount_typed)
        except DomainError as error:
            error.field = "amount_typed"
            raise
        return {
            "name": _pair(self.name_en, self.name_sr),
            "description": _pair(self.description_en, self.description_sr),
            "place": _pair(self.place_en, self.place_sr),
            "starts_at": self.instant(self.starts_at),
            "ends_at": self.instant(self.ends_at),
            "amount_minor": amount,
            "quota": self.quota.data,
            "most_each": self.most_each.data,
            "asks_diet": bool(self.asks_diet.data),
        }

    def refuse(self, error: DomainError) -> None:
        """The service calls the price by its own name."""
        error.field = {"amount": "amount_typed"}.get(error.field or "", error.field)
        super().refuse(error)


class InvitationForm(BaseForm):
    """Whom to invite."""

    email = EmailField(
        lazy("E-mail address"),
        [
            Wanted(),
            Length(max=254),
            Email(lazy("Please type an e-mail address such as name@example.org.")),
        ],
    )
    locale = SelectField(lazy("Language of the message"))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.locale.choices = list(i18n.LANGUAGES)


def _local(instant: datetime | None, edition: Edition) -> datetime | None:
    """What the browser's field shows: whole minutes on the wall clock."""
    found = local_times.to_local(instant, edition.zone)
    return None if found is None else found.replace(second=0, microsecond=0)


def _pair(english: Any, serbian: Any) -> dict[str, str]:
    texts = {"en": english.data or "", "sr": serbian.data or ""}
    return {language: text for language, text in texts.items() if text}
