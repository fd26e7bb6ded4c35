"""Forms of the desk: cancelling a place, correcting what somebody typed."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Email, Length

from conference.core import geo
from conference.registrations.models import Registration
from conference.registrations.service import desk
from conference.registrations.service.cancelling import Consequence
from conference.web import i18n
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import lazy


class CancelForm(BaseForm):
    """Why a place is cancelled, and whether paid money goes back."""

    reason = TextAreaField(
        lazy("Reason"),
        [Length(max=500)],
        description=lazy("The person reads it in the mail."),
    )
    refunds = BooleanField(lazy("Give the money back"))

    @classmethod
    def from_consequence(cls, consequence: Consequence) -> CancelForm:
        """Money is given back unless the deadline for it has passed."""
        form = cls(data={"refunds": consequence.kept.minor == 0})
        if not consequence.is_paid:
            del form.refunds
        return form

    def values(self) -> dict[str, Any]:
        """For the service; what was not paid is never asked for again."""
        refunds = self.refunds.data if self.refunds else True
        return {"reason": self.reason.data or "", "refunds": refunds}


class CorrectForm(BaseForm):
    """What staff may correct. `seen` is the stamp of what the form was filled with."""

    seen = HiddenField()
    given_name = StringField(lazy("Given name"), [Length(max=100)])
    family_name = StringField(lazy("Family name"), [Length(max=100)])
    latin_name = StringField(
        lazy("Whole name in Latin letters"),
        [Length(max=200)],
        description=lazy("The second line of the badge. Left empty, the system writes it."),
    )
    email = EmailField(
        lazy("E-mail"),
        [
            Wanted(),
            Length(max=254),
            Email(lazy("Please type an e-mail address such as name@example.org.")),
        ],
        description=lazy("Tickets and messages go here. Whoever has this address sees the place."),
    )
    organisation_name = StringField(lazy("Organisation"), [Length(max=200)])
    position = StringField(lazy("Position"), [Length(max=120)])
    country = SelectField(lazy("Country"), [Wanted()])
    diet = TextAreaField(lazy("Dietary wishes"), [Length(max=500)])
    accessibility = TextAreaField(lazy("What is needed to take part"), [Length(max=1000)])
    wants_visa_letter = BooleanField(lazy("Needs a letter for a visa"))
    is_listed = BooleanField(lazy("Has agreed to stand in the public list of participants"))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.country.choices = list(geo.countries(i18n.current()))

    @classmethod
    def from_registration(cls, registration: Registration) -> CorrectForm:
        """Filled with what stands there, and with the stamp of it."""
        return cls(data={**desk.values_of(registration), "seen": desk.stamp(registration)})

    def values(self) -> dict[str, Any]:
        """For the service: the fields, and what the organiser saw when typing."""
        values = {name: getattr(self, name).data for name in desk.FIELDS}
        plain = {name: "" if value is None else value for name, value in values.items()}
        return {"values": plain, "seen": self.seen.data or ""}
