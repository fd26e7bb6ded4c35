"""Venues, rooms, key dates, partners, news, documents, events of partners."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, RadioField, SelectField, URLField
from wtforms.validators import Length

from conference.core import geo
from conference.editions.forms.fields import (
    area,
    both,
    country_choices,
    line,
    local,
    moment,
    number,
    spread,
)
from conference.editions.kinds import PARTNER_ROLE_NAMES, PartnerRole
from conference.editions.models import Edition, KeyDate, News, PartnerEvent, Place, Room
from conference.editions.service.content import Venue
from conference.organisations.models import Organisation
from conference.web import i18n
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import _, lazy


class PlaceForm(BaseForm):
    """A venue with its times."""

    name_en = line(lazy("Name in English"), wanted=True)
    name_sr = line(lazy("Name in Serbian"))
    address = line(lazy("Street and number"), most=300)
    city_en = line(lazy("City in English"), most=100)
    city_sr = line(lazy("City in Serbian"), most=100)
    country = SelectField(lazy("Country"), [Wanted()])
    map_url = URLField(
        lazy("Link to a map"),
        [Length(max=500)],
        description=lazy("The address of a page that shows the place. It begins with https://."),
    )
    starts = moment(lazy("Begins"), wanted=True)
    ends = moment(lazy("Ends"), wanted=True)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices()

    @classmethod
    def from_place(cls, place: Place, zone: str) -> Any:
        """The form filled with what is known."""
        return cls(
            data={
                **spread("name", place.name),
                **spread("city", place.city),
                "address": place.address,
                "country": place.country,
                "map_url": place.map_url,
                "starts": local(place.starts_at, zone),
                "ends": local(place.ends_at, zone),
            }
        )

    @classmethod
    def fresh(cls, edition: Edition) -> Any:
        """An empty form: the city of the edition, its first day from nine to its last at five."""
        from datetime import datetime, time

        return cls(
            data={
                **spread("city", edition.city),
                "country": edition.country,
                "starts": datetime.combine(edition.starts_on, time(9)),
                "ends": datetime.combine(edition.ends_on, time(17)),
            }
        )

    def values(self) -> Venue:
        """What was typed."""
        return Venue(
            name=both(self, "name"),
            address=self.address.data or "",
            city=both(self, "city"),
            country=self.country.data or "",
            map_url=self.map_url.data or "",
            starts=self.starts.data,
            ends=self.ends.data,
        )


class RoomForm(BaseForm):
    """A room of a venue."""

    name_en = line(lazy("Name in English"), wanted=True)
    name_sr = line(lazy("Name in Serbian"))
    capacity = number(lazy("Seats"), most=100_000)

    @classmethod
    def from_room(cls, room: Room) -> Any:
        """The form filled with what is known."""
        return cls(data={**spread("name", room.name), "capacity": room.capacity})

    def values(self) -> dict[str, Any]:
        """What was typed."""
        return {"name": both(self, "name"), "capacity": self.capacity.data}


class KeyDateForm(BaseForm):
    """A date that participants must know."""

    label_en = line(lazy("What happens, in English"), wanted=True)
    label_sr = line(lazy("What happens, in Serbian"))
    at = moment(lazy("When"), wanted=True)

    @classmethod
    def from_key_date(cls, key_date: KeyDate, zone: str) -> Any:
        """The form filled with what is known."""
        return cls(data={**spread("label", key_date.label), "at": local(key_date.at, zone)})

    def values(self) -> dict[str, Any]:
        """What was typed."""
        return {"label": both(self, "label"), "at": self.at.data}


class PartnerForm(BaseForm):
    """An organisation that was found, and what it does for the edition."""

    organisation = RadioField(
        lazy("Organisation"), [Wanted(lazy("Please choose an organisation."))]
    )
    role = SelectField(lazy("What it does"), [Wanted()])

    def __init__(self, *args: Any, found: list[Organisation], **kwargs: Any):
        super().__init__(*args, **kwargs)
        locale = i18n.current()
        self.organisation.choices = [
            (
                one.public_id,
                ", ".join(
                    filter(None, (one.name, one.seat, geo.country_name(one.country, locale)))
                ),
            )
            for one in found
        ]
        self.role.choices = [(role.value, _(name)) for role, name in PARTNER_ROLE_NAMES.items()]

    def chosen_role(self) -> PartnerRole:
        """The role that was chosen."""
        return PartnerRole(self.role.data)


class NewsForm(BaseForm):
    """A piece of news."""

    title_en = line(lazy("Title in English"), wanted=True)
    title_sr = line(lazy("Title in Serbian"))
    text_en = area(lazy("Text in English"))
    text_sr = area(lazy("Text in Serbian"))

    @classmethod
    def from_news(cls, piece: News) -> Any:
        """The form filled with what is known."""
        return cls(data={**spread("title", piece.title), **spread("text", piece.text)})

    def values(self) -> dict[str, dict[str, str]]:
        """What was typed."""
        return {"title": both(self, "title"), "text": both(self, "text")}


class DocumentForm(BaseForm):
    """A file for everybody to download."""

    title_en = line(lazy("Title in English"), wanted=True)
    title_sr = line(lazy("Title in Serbian"))
    file = FileField(
        lazy("File"),
        [Wanted(lazy("Please choose a file."))],
        description=lazy("PDF, Word, PowerPoint or Excel, at most 20 MB."),
    )

    def title(self) -> dict[str, str]:
        """The title in both languages."""
        return both(self, "title")


class PartnerEventForm(BaseForm):
    """An event of a partner, with its address in the web."""

    name_en = line(lazy("Name in English"), wanted=True)
    name_sr = line(lazy("Name in Serbian"))
    city = line(lazy("City"), most=100)
    starts_on = DateField(lazy("First day"), [Wanted()])
    ends_on = DateField(lazy("Last day"), [Wanted()])
    url = URLField(lazy("Web address"), [Wanted(), Length(max=500)])

    @classmethod
    def from_event(cls, event: PartnerEvent) -> Any:
        """The form filled with what is known."""
        names = ("city", "starts_on", "ends_on", "url")
        plain = {name: getattr(event, name) for name in names}
        return cls(data={**spread("name", event.name), **plain})

    def values(self) -> dict[str, Any]:
        """What was typed."""
        return {
            "name": both(self, "name"),
            "city": self.city.data or "",
            "starts_on": self.starts_on.data,
            "ends_on": self.ends_on.data,
            "url": self.url.data or "",
        }
