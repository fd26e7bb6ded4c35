"""The screen on which a registration's details are changed."""

from __future__ import annotations

from flask import g

from conference.questions import service as questions
from conference.questions.forms import Answering
from conference.registrations import queries
from conference.registrations.forms import DetailsForm
from conference.registrations.models import Registration
from conference.registrations.service import catalogue
from conference.registrations.views.telling import context_of


class ChangeScreen:
    """The form of one registration with its questions."""

    def __init__(self, registration: Registration):
        self.registration = registration
        # Only who ordered may hand the place to another address.
        self.may_readdress = queries.is_buyer(g.person, registration.order)
        self.form = DetailsForm.from_registration(registration)
        if not self.may_readdress:
            del self.form.email
        self.asks_diet = bool(registration.diet) or any(
            one.extra.asks_diet for one in catalogue.extras(g.edition)
        )
        self.questions = Answering(
            questions.asked(g.edition),
            prefix="",
            context=context_of(registration),
            answers=registration.answers,
        )

    def read(self) -> bool:
        """Take what was sent; True when all of it can be used."""
        right = self.form.validate()
        return self.questions.read() and right
