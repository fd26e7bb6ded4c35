"""Input at the door and at the badge desk."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp
from wtforms.widgets import TextInput

from conference.checkin.models import CheckinList
from conference.checkin.service.badges import REASON_NAMES, Reason, Which
from conference.web.forms import BaseForm
from conference.web.i18n import LANGUAGES, _, lazy


def _languages() -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in LANGUAGES]


UID = Regexp(r"^[A-Za-z0-9-]{16,40}\Z")


class ScanForm(BaseForm):
    """One scan sent as a plain form: a typed or read text, or a person chosen from the search."""

    uid = HiddenField(validators=[UID])
    list = HiddenField(validators=[InputRequired()])
    registration = HiddenField()
    # A text area is left as it is; a line would be squeezed, and a blank is a digit of the code.
    text = TextAreaField(
        lazy("Code of the badge"), widget=TextInput(), validators=[Length(max=1000)]
    )

    @classmethod
    def on(cls, checkin_list: CheckinList, uid: str) -> ScanForm:
        """An empty form for a list."""
        form = cls(formdata=None)
        form.list.data, form.uid.data = checkin_list.public_id, uid
        return form

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        chosen = self.registration.data or None
        return {
            "uid": self.uid.data,
            "checkin_list": self.list.data,
            "registration": chosen,
            "text": None if chosen else self.text.data or "",
            "means": "search" if chosen else "typed",
        }


class UndoForm(BaseForm):
    """Taking a scan back."""

    uid = HiddenField(validators=[UID])
    scan = HiddenField(validators=[UID])


class ListForm(BaseForm):
    """The name of a list in two languages."""

    name_en = StringField(lazy("Name in English"), validators=[Length(max=80)])
    name_sr = StringField(lazy("Name in Serbian"), validators=[Length(max=80)])

    @classmethod
    def from_list(cls, checkin_list: CheckinList) -> ListForm:
        """Filled with what stands now."""
        name = checkin_list.name
        return cls(name_en=name.get("en", ""), name_sr=name.get("sr", ""))

    def values(self) -> dict[str, str]:
        """The name, without empty languages."""
        both = {"en": self.name_en.data or "", "sr": self.name_sr.data or ""}
        return {language: text for language, text in both.items() if text}


class PrintForm(BaseForm):
    """Whose badges, and in which language their small words are."""

    which = RadioField(lazy("Which badges"), default=Which.NEW.value)
    locale = SelectField(lazy("Language of the badges"), choices=_languages())

    def __init__(self, *args: Any, new: int = 0, every: int = 0, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.which.choices = [
            SelectChoice(Which.NEW.value, _("Only those not printed yet (%(count)s)", count=new)),
            SelectChoice(Which.ALL.value, _("All confirmed people (%(count)s)", count=every)),
        ]


class OneBadgeForm(BaseForm):
    """Printing the badge of one person again, as it is."""

    locale = SelectField(lazy("Language of the badges"), choices=_languages())


class ReplaceForm(BaseForm):
    """Why a badge gets a new code."""

    reason = RadioField(lazy("Why is it replaced?"), validators=[InputRequired()])
    locale = SelectField(lazy("Language of the badges"), choices=_languages())

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.reason.choices = [SelectChoice(r.value, _(REASON_NAMES[r])) for r in Reason]
