"""Editions of the sample with all that belongs to them, made, published and archived in time."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from conference.accounts.models import Person
from conference.core.permissions import Role
from conference.editions import roles
from conference.editions.kinds import Audience, EditionKind, PartnerRole
from conference.editions.models import Edition, Series, SiteStamp
from conference.editions.service import content, making, payees, publishing, site
from conference.extensions import db
from seeds import offers, papers
from seeds.numbers import register_number, tax_number
from seeds.world import Built, Moments, World, coming, read

CODES = ("sofia", "bucharest", "nis", "ohrid", "leskovac")
TEXTS = ("summary", "for_whom", "how_to_take_part", "about", "outcome")
ROLES_LAST = timedelta(days=400)


def add_site(world: World) -> None:
    """Series and events of partners: what no single edition owns."""
    data, by = read("site"), world.cast["administrator"].person
    if db.session.get(SiteStamp, 1) is None:
        db.session.add(SiteStamp(id=1, version=1))
    for position, (key, row) in enumerate(data["series"].items()):
        world.series[key] = Series(position=position, **row)
    db.session.add_all(world.series.values())
    db.session.flush()
    moments = Moments(today=world.now.date(), start=world.now.date(), zone=ZoneInfo("UTC"))
    for row in data["partner_events"]:
        site.write_partner_event(
            event=None,
            name=row["name"],
            city=row["city"],
            starts_on=moments.day(row["starts"]),
            ends_on=moments.day(row["ends"]),
            url=row["url"],
            by=by,
        )


def grant_everywhere(world: World) -> None:
    """The administrator's role, which names no edition."""
    person = world.cast["administrator"].person
    ends_on = (world.now + ROLES_LAST).date()
    roles.grant(person=person, edition=None, role=Role.ADMINISTRATOR, ends_on=ends_on, by=None)


def plan(world: World) -> None:
    """Put the making, publishing and archiving of every edition into the history."""
    by = world.cast["organiser"].person
    for name in CODES:
        data = read(f"editions/{name}")
        moments = world.calendars[data["code"]] = moments_of(world, data)

        def make(data: dict[str, Any] = data, moments: Moments = moments) -> None:
            _make(world, data, moments)

        world.history.at(moments.at(data["made"]), make)
        for word, act in (("published", publishing.publish), ("archived", publishing.archive)):
            if data.get(word):

                def on(act: Any = act, code: str = data["code"]) -> None:
                    act(edition=world.editions[code].edition, by=by)

                world.history.at(moments.at(data[word]), on)
        for row in data.get("news", ()):

            def tell(row: dict[str, Any] = row, code: str = data["code"]) -> None:
                _tell(world.editions[code].edition, row, by)

            world.history.at(moments.at(row["at"]), tell)


def moments_of(world: World, data: dict[str, Any]) -> Moments:
    """When it begins: on its true date, or on the next fitting weekday."""
    zone = ZoneInfo(data["zone"])
    today = world.now.astimezone(zone).date()
    if "starts" in data:
        start = date.fromisoformat(data["starts"])
    else:
        start = coming(today, weekday=data["weekday"], ahead=data["ahead"])
    return Moments(today=today, start=start, zone=zone)


def _tell(edition: Edition, row: dict[str, Any], by: Person) -> None:
    piece = content.write_news(
        edition=edition, piece=None, title=row["title"], text=row["text"], by=by
    )
    content.publish_news(edition=edition, piece=piece, by=by)


def _make(world: World, data: dict[str, Any], moments: Moments) -> None:
    by = world.cast["organiser"].person
    basics = making.Basics(
        kind=EditionKind(data["kind"]),
        name=data["name"],
        city=data["city"],
        country=data["country"],
        zone=data["zone"],
        starts_on=moments.start,
        ends_on=moments.start + timedelta(days=data["days"] - 1),
        code=data["code"],
        motto=data["motto"],
    )
    edition = making.make(basics=basics, by=world.cast["administrator"].person)
    _grant(world, edition)
    making.edit_texts(edition=edition, texts={name: data[name] for name in TEXTS}, by=by)
    _set_rules(edition, data, moments, by)
    name, email, phone = (data[f"contact_{part}"] for part in ("name", "email", "phone"))
    making.edit_contact(edition=edition, name=name, email=email, phone=phone, by=by)
    _set_payee(world, edition, data["payee"])
    _add_places(edition, data, moments, by)
    _add_partners(world, edition, data, by)
    _add_papers(world, edition, data, moments, by)
    currency = edition.payee.currency if edition.payee else "EUR"
    world.editions[edition.code] = Built(
        edition=edition,
        data=data,
        moments=moments,
        tickets=offers.add_tickets(edition, data, moments, currency),
        extras=offers.add_extras(edition, data, moments, currency),
        questions=offers.add_questions(edition, data, moments),
        lists=offers.add_lists(edition, data),
    )
    db.session.flush()


def _grant(world: World, edition: Edition) -> None:
    ends_on = (world.now + ROLES_LAST).date()
    for key, row in read("cast")["roles"].items():
        if edition.code in row["editions"]:
            roles.grant(
                person=world.cast[key].person,
                edition=edition,
                role=Role(row["role"]),
                ends_on=ends_on,
                by=world.cast["administrator"].person,
            )


def _set_rules(edition: Edition, data: dict[str, Any], moments: Moments, by: Person) -> None:
    rules = making.Rules(
        audience=Audience(data["audience"]),
        opens=moments.local(data["registration_opens"]),
        closes=moments.local(data["registration_closes"]),
        cancel_until=moments.local(data["cancel_until"]),
        places=data["places"],
        has_waiting_list=True,
        offer_hours=data.get("offer_hours", 48),
        max_per_order=10,
        shows_participants=data["shows_participants"],
    )
    making.edit_rules(edition=edition, rules=rules, by=by)


def _set_payee(world: World, edition: Edition, key: str) -> None:
    if not key:
        return
    by = world.cast["administrator"].person
    if key in world.payees:
        payees.choose(edition=edition, payee=world.payees[key], by=by)
        return
    details = payees.Details(
        **read("site")["payees"][key],
        tax_id=tax_number("house"),
        registration_number=register_number("house"),
    )
    world.payees[key] = payees.write(edition=edition, details=details, by=by)


def _add_places(edition: Edition, data: dict[str, Any], moments: Moments, by: Person) -> None:
    for row in data["venues"]:
        starts, ends = moments.local(row["starts"]), moments.local(row["ends"])
        if starts is None or ends is None:
            raise ValueError("a venue has times")
        venue = content.Venue(
            name=row["name"],
            address=row["address"],
            city=row["city"],
            country=row["country"],
            map_url=row["map_url"],
            starts=starts,
            ends=ends,
        )
        place = content.write_place(edition=edition, place=None, venue=venue, by=by)
        for name, capacity in row["rooms"]:
            content.write_room(
                edition=edition, place=place, room=None, name=name, capacity=capacity, by=by
            )


def _add_partners(world: World, edition: Edition, data: dict[str, Any], by: Person) -> None:
    for role, key in (row for block in data.get("partners", ()) for row in block["rows"]):
        content.add_partner(
            edition=edition,
            organisation=world.organisations[key],
            role=PartnerRole(role),
            by=by,
        )
    for key, number in data.get("series", ()):
        site.put_in_series(
            edition=edition, series=world.series[key], name={}, number=number or None, by=by
        )


def _add_papers(
    world: World, edition: Edition, data: dict[str, Any], moments: Moments, by: Person
) -> None:
    for row in data.get("key_dates", ()):
        at = moments.local(row["at"])
        if at is not None:
            content.write_key_date(edition=edition, key_date=None, label=row["label"], at=at, by=by)
    for row in data.get("documents", ()):
        content.add_document(
            edition=edition,
            upload=io.BytesIO(papers.pdf(row["file"], edition.name, moments)),
            name=f"{row['file']}.pdf",
            title=row["title"],
            folder=world.files,
            by=by,
        )
