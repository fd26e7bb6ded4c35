"""Forms of organisations: shape and wording of input."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, StringField, URLField
from wtforms.validators import Length

from conference.core import geo
from conference.organisations.models import KIND_NAMES, Organisation, OrganisationKind
from conference.organisations.sectors import SECTORS, name_of
from conference.organisations.service import Details
from conference.web import i18n
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import _, lazy


def kind_choices() -> list[tuple[str, str]]:
    """Kinds in the reader's language."""
    return [(kind.value, _(name)) for kind, name in KIND_NAMES.items()]


def sector_choices(now: str = "") -> list[tuple[str, str]]:
    """Sectors in the reader's language; a sector that is no code of ours stays choosable."""
    choices = sorted(((code, _(name)) for code, name in SECTORS.items()), key=lambda c: c[1])
    return choices if not now or now in SECTORS else [*choices, (now, name_of(now))]


def country_choices() -> list[tuple[str, str]]:
    """Countries in the order of the reader's alphabet."""
    return list(geo.countries(i18n.current()))


def region_choices() -> dict[str, list[tuple[str, str]]]:
    """Regions under the name of their country, for a select that works without JavaScript."""
    locale = i18n.current()
    groups = {"": [("", _("Not named"))]}
    for code, name in geo.countries(locale):
        regions = geo.region_choices(code, locale)
        if regions:
            groups[name] = list(regions)
    return groups


class OrganisationForm(BaseForm):
    """An organisation as people know it."""

    name = StringField(lazy("Name of the organisation"), [Wanted(), Length(max=200)])
    latin_name = StringField(
        lazy("Name in Latin letters"),
        [Length(max=200)],
        description=lazy("When the name is written in other letters."),
    )
    short_name = StringField(lazy("Short name"), [Length(max=60)])
    kind = SelectField(lazy("What it is"), [Wanted()])
    sector = SelectField(lazy("Sector"), default="")
    country = SelectField(lazy("Country"), [Wanted()])
    region = SelectField(
        lazy("Region"),
        default="",
        description=lazy("Of the chosen country, as in official statistics."),
    )
    seat = StringField(lazy("Town of the seat"), [Length(max=100)])
    website = URLField(
        lazy("Website"),
        [Length(max=300)],
        description=lazy("It begins with https://."),
    )
    registration_number = StringField(lazy("Number in the company register"), [Length(max=40)])
    tax_id = StringField(lazy("Tax number"), [Length(max=40)])

    def __init__(self, *args: Any, sector: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        empty = [("", _("Please choose"))]
        self.kind.choices = [*empty, *kind_choices()]
        self.sector.choices = [("", _("Not named")), *sector_choices(sector)]
        self.country.choices = [*empty, *country_choices()]
        self.region.choices = region_choices()

    @classmethod
    def from_organisation(cls, organisation: Organisation) -> Any:
        """The form filled with what is known."""
        names = ("name", "latin_name", "short_name", "sector", "country", "seat", "website")
        data = {name: getattr(organisation, name) for name in names}
        return cls(
            data={
                **data,
                "kind": organisation.kind.value,
                "region": organisation.region or "",
                "registration_number": organisation.registration_number,
                "tax_id": organisation.tax_id,
                "is_member": organisation.is_member,
            },
            sector=organisation.sector,
        )

    def values(self) -> Details:
        """What was typed."""
        return Details(
            name=self.name.data or "",
            latin_name=self.latin_name.data or "",
            short_name=self.short_name.data or "",
            kind=OrganisationKind(self.kind.data),
            sector=self.sector.data or "",
            country=self.country.data or "",
            region=self.region.data or None,
            seat=self.seat.data or "",
            website=self.website.data or "",
            registration_number=self.registration_number.data or "",
            tax_id=self.tax_id.data or "",
        )


class ProposalForm(OrganisationForm):
    """A new organisation; `sure` is asked when one of that name may be there already."""

    sure = BooleanField(lazy("It is none of these: add it as a new one"))
    mine = BooleanField(lazy("I belong to this organisation"))


class StaffForm(OrganisationForm):
    """What staff may decide besides."""

    is_member = BooleanField(
        lazy("Member of the network"),
        description=lazy("Its people may register for events that are open to members only."),
    )
    sure = BooleanField(lazy("It is none of these: add it as a new one"))


class LogoForm(BaseForm):
    """A picture."""

    logo = FileField(
        lazy("Logo"),
        [Wanted(lazy("Please choose a picture."))],
        description=lazy("PNG, JPEG or WebP, at most 5 MB."),
    )


class AffiliationForm(BaseForm):
    """Where a person belongs: one of the organisations that were found."""

    organisation = RadioField(
        lazy("Organisation"), [Wanted(lazy("Please choose an organisation."))]
    )
    position = StringField(
        lazy("Your position"),
        [Length(max=120)],
        description=lazy("For example: cluster manager, professor, director."),
    )
    is_main = BooleanField(lazy("This is my main organisation; it stands on my badge"))

    def __init__(self, *args: Any, found: list[Organisation], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.organisation.choices = [(one.public_id, shown(one)) for one in found]


class MergeForm(BaseForm):
    """Which organisation takes over."""

    into = RadioField(
        lazy("Which one stays"), [Wanted(lazy("Please choose the organisation that stays."))]
    )

    def __init__(self, *args: Any, found: list[Organisation], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.into.choices = [(one.public_id, shown(one)) for one in found]


def shown(organisation: Organisation) -> str:
    """One line that tells organisations of the same name apart."""
    country = geo.country_name(organisation.country, i18n.current())
    place = ", ".join(part for part in (organisation.seat, country) if part)
    return f"{organisation.name} ({place})"
