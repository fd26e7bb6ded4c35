"""The form of the profile."""

from __future__ import annotations

from typing import Any

from babel import Locale
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length

from conference.accounts.models import Person
from conference.accounts.service import profile
from conference.core import geo, text
from conference.web import i18n
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import _, lazy

# Languages of the network's countries and their neighbours.
SPOKEN = (
    "sq ar hy bs bg hr cs da nl en et fi fr ka de el he hu it ja ko lv lt mk no pl pt ro ru sr zh "
    "sk sl es sv tr uk"
).split()


class ProfileForm(BaseForm):
    """What a person says about themselves."""

    given_name = StringField(lazy("Given name"), [Wanted(), Length(max=100)])
    family_name = StringField(lazy("Family name"), [Wanted(), Length(max=100)])
    latin_name = StringField(lazy("Whole name in Latin letters"), [Length(max=200)])
    country = SelectField(lazy("Country"))
    languages = SelectMultipleField(lazy("Languages you speak"))
    orcid = StringField(lazy("ORCID iD"), [Length(max=60)])
    biography_en = TextAreaField(lazy("About me, in English"), [Length(max=1500)])
    biography_sr = TextAreaField(lazy("About me, in Serbian"), [Length(max=1500)])
    locale = SelectField(lazy("Language of our mails"), [Wanted()])
    is_public = BooleanField(lazy("Show a public page with my name"))
    public_fields = SelectMultipleField(lazy("Show there also"))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        code = i18n.current()
        names = Locale.parse(code).languages
        self.country.choices = [("", _("Please choose")), *geo.countries(code)]
        self.languages.choices = sorted(
            ((one, names.get(one, one)) for one in SPOKEN),
            key=lambda pair: text.sort_key(pair[1], code),
        )
        self.locale.choices = list(i18n.LANGUAGES)
        self.public_fields.choices = [
            (field, _(words)) for field, words in profile.PUBLIC_FIELDS.items()
        ]

    @classmethod
    def from_person(cls, person: Person) -> ProfileForm:
        """Filled with what is known."""
        return cls(
            data={
                "given_name": person.given_name,
                "family_name": person.family_name,
                "latin_name": person.latin_name
                or profile.proposed_latin_name(person.given_name, person.family_name),
                "country": person.country or "",
                "languages": person.languages,
                "orcid": person.orcid,
                "biography_en": person.biography.get("en", ""),
                "biography_sr": person.biography.get("sr", ""),
                "locale": person.locale or i18n.current(),
                "is_public": "name" in person.public_fields,
                "public_fields": person.public_fields,
            }
        )

    def values(self) -> profile.Profile:
        """What the service takes."""
        return profile.Profile(
            given_name=self.given_name.data,
            family_name=self.family_name.data,
            latin_name=self.latin_name.data or "",
            country=self.country.data or None,
            languages=list(self.languages.data or []),
            orcid=self.orcid.data or "",
            biography={
                "en": text.plain_text(self.biography_en.data or ""),
                "sr": text.plain_text(self.biography_sr.data or ""),
            },
            is_public=self.is_public.data,
            public_fields=list(self.public_fields.data or []),
            locale=self.locale.data,
        )
