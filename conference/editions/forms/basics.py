"""What an edition is, what visitors read, who may register, whom they may ask."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, EmailField, IntegerField, SelectField, TelField
from wtforms.validators import Email, Length, NumberRange, Optional

from conference.editions.forms.fields import (
    area,
    both,
    country_choices,
    line,
    local,
    moment,
    number,
    spread,
    zone_choices,
)
from conference.editions.kinds import AUDIENCE_NAMES, KIND_NAMES, Audience, EditionKind
from conference.editions.models import Edition, Series
from conference.editions.service.making import Basics, Rules
from conference.web.filters import tr
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import _, lazy

WRONG_ADDRESS = lazy("An e-mail address looks like name@example.org.")


class BasicsForm(BaseForm):
    """Kind, name, motto, city, dates, zone and code."""

    kind = SelectField(lazy("Kind of event"), [Wanted()])
    name_en = line(lazy("Name in English"), wanted=True)
    name_sr = line(lazy("Name in Serbian"))
    motto_en = line(lazy("Motto in English"))
    motto_sr = line(lazy("Motto in Serbian"))
    city_en = line(lazy("City in English"), wanted=True, most=100)
    city_sr = line(lazy("City in Serbian"), most=100)
    country = SelectField(lazy("Country"), [Wanted()])
    starts_on = DateField(lazy("First day"), [Wanted()])
    ends_on = DateField(lazy("Last day"), [Wanted()])
    zone = SelectField(
        lazy("Time zone"),
        [Wanted()],
        description=lazy("All times of this edition are typed and shown on the clocks there."),
    )
    code = line(
        lazy("Code for the address"),
        most=60,
        description=lazy(
            "Small letters, digits and hyphens, for example ohrid-2027. "
            "Leave it empty for a proposal."
        ),
    )

    def __init__(self, *args: Any, zone: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.kind.choices = [(kind.value, _(name)) for kind, name in KIND_NAMES.items()]
        self.country.choices = country_choices()
        self.zone.choices = zone_choices(zone)

    @classmethod
    def from_edition(cls, edition: Edition) -> Any:
        """The form filled with what is known."""
        data = {
            **spread("name", edition.name),
            **spread("motto", edition.motto),
            **spread("city", edition.city),
            "kind": edition.kind.value,
            "country": edition.country,
            "zone": edition.zone,
            "starts_on": edition.starts_on,
            "ends_on": edition.ends_on,
            "code": edition.code,
        }
        # Another form of the same page may have been sent, with fields of the same names.
        return cls(formdata=None, data=data, zone=edition.zone)

    def values(self) -> Basics:
        """What was typed."""
        return Basics(
            kind=EditionKind(self.kind.data),
            name=both(self, "name"),
            motto=both(self, "motto"),
            city=both(self, "city"),
            country=self.country.data or "",
            zone=self.zone.data or "",
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            code=self.code.data or "",
        )


class LogoForm(BaseForm):
    """A picture."""

    logo = FileField(lazy("Logo"), description=lazy("PNG, JPEG or WebP, at most 5 MB."))


class SeriesForm(BaseForm):
    """A series that an edition stands in."""

    series = SelectField(lazy("Series"))
    name_en = line(lazy("Name of a new series in English"))
    name_sr = line(lazy("Name of a new series in Serbian"))
    number = number(lazy("Number in the series"), most=1000)

    def __init__(self, *args: Any, found: list[Series], **kwargs: Any):
        # The basics on the same page have a name, too.
        super().__init__(*args, prefix="series-", **kwargs)
        known = [(one.public_id, tr(one.name)) for one in found]
        self.series.choices = [("", _("Please choose")), *known]


MARKDOWN = lazy(
    "An empty line begins a paragraph, **two stars** make bold, a hyphen begins a list, "
    "[words](https://example.org) make a link."
)


class TextsForm(BaseForm):
    """What visitors read."""

    summary_en = area(lazy("Summary in English"), most=400)
    summary_sr = area(lazy("Summary in Serbian"), most=400)
    about_en = area(lazy("About this edition, in English"))
    about_sr = area(lazy("About this edition, in Serbian"))
    for_whom_en = area(lazy("For whom, in English"), most=1000)
    for_whom_sr = area(lazy("For whom, in Serbian"), most=1000)
    how_to_take_part_en = area(lazy("How to take part, in English"), most=2000)
    how_to_take_part_sr = area(lazy("How to take part, in Serbian"), most=2000)
    outcome_en = area(lazy("What happened, in English"))
    outcome_sr = area(lazy("What happened, in Serbian"))

    NAMES = ("summary", "about", "for_whom", "how_to_take_part", "outcome")

    @classmethod
    def from_edition(cls, edition: Edition) -> Any:
        """The form filled with what is known."""
        data: dict[str, str] = {}
        for name in cls.NAMES:
            data |= spread(name, getattr(edition, name))
        return cls(data=data)

    def values(self) -> dict[str, dict[str, str]]:
        """What was typed."""
        return {name: both(self, name) for name in self.NAMES}


class RulesForm(BaseForm):
    """Who may register, from when until when, how many."""

    audience = SelectField(lazy("Who may register"), [Wanted()])
    opens = moment(lazy("Registration opens"), description=lazy("Empty: nobody can register yet."))
    closes = moment(
        lazy("Registration closes"), description=lazy("Empty: when the edition is over.")
    )
    cancel_until = moment(
        lazy("Cancelling is possible until"),
        description=lazy("Later only the staff can cancel. Empty: until it begins."),
    )
    places = number(lazy("Places"), description=lazy("Leave it empty when there is no limit."))
    has_waiting_list = BooleanField(lazy("Keep a waiting list when all places are taken"))
    offer_hours = IntegerField(
        lazy("Hours to accept a place from the waiting list"), [Wanted(), NumberRange(1, 720)]
    )
    max_per_order = IntegerField(lazy("Most people in one order"), [Wanted(), NumberRange(1, 100)])
    shows_participants = BooleanField(
        lazy("Show a public list of participants"),
        description=lazy("Only people who agreed stand in it."),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.audience.choices = [(who.value, _(name)) for who, name in AUDIENCE_NAMES.items()]

    @classmethod
    def from_edition(cls, edition: Edition) -> Any:
        """The form filled with what is known."""
        names = ("places", "has_waiting_list", "offer_hours", "max_per_order", "shows_participants")
        return cls(
            data={
                **{name: getattr(edition, name) for name in names},
                "audience": edition.audience.value,
                "opens": local(edition.registration_opens_at, edition.zone),
                "closes": local(edition.registration_closes_at, edition.zone),
                "cancel_until": local(edition.cancel_until_at, edition.zone),
            }
        )

    def values(self) -> Rules:
        """What was typed."""
        return Rules(
            audience=Audience(self.audience.data),
            opens=self.opens.data,
            closes=self.closes.data,
            cancel_until=self.cancel_until.data,
            places=self.places.data,
            has_waiting_list=self.has_waiting_list.data,
            offer_hours=self.offer_hours.data,
            max_per_order=self.max_per_order.data,
            shows_participants=self.shows_participants.data,
        )


class ContactForm(BaseForm):
    """Whom delegates may ask."""

    name = line(lazy("Name"), most=120)
    email = EmailField(lazy("E-mail address"), [Wanted(), Length(max=254), Email(WRONG_ADDRESS)])
    phone = TelField(lazy("Telephone"), [Optional(), Length(max=40)])

    @classmethod
    def from_edition(cls, edition: Edition) -> Any:
        """The form filled with what is known."""
        return cls(
            data={
                "name": edition.contact_name,
                "email": edition.contact_email,
                "phone": edition.contact_phone,
            }
        )

    def values(self) -> dict[str, str]:
        """What was typed."""
        names = ("name", "email", "phone")
        return {name: self[name].data or "" for name in names}
