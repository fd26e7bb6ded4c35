"""What is done with organisations: propose, correct, check, merge; join and leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from sqlalchemy import ForeignKey, UniqueConstraint, delete, exists, select, update

from conference.accounts.models import Person
from conference.core import audit, clock, files, geo
from conference.core.errors import N_, Conflict, Invalid, NotFound
from conference.core.text import fold, plain_line, search_key
from conference.extensions import db
from conference.organisations import identifiers
from conference.organisations.models import Affiliation, Organisation, OrganisationKind

NO_NAME = N_("Please type the name of the organisation.")
NO_COUNTRY = N_("Please choose a country.")
OTHER_REGION = N_("This region is not in the chosen country.")
NO_WEBSITE = N_("A web address looks like https://www.example.org.")
ALREADY_THERE = N_("You have named this organisation already.")
INTO_ITSELF = N_("Please choose another organisation: one cannot be merged into itself.")

ON_PROFILE = N_("Organisation and position")
"""What a person may show of their affiliations on their public page."""

visible_change: list[Callable[[], None]] = []
"""Called when something changed that visitors see; who keeps pages registers here."""


@dataclass(frozen=True)
class Details:
    """What is known about an organisation, as it was typed."""

    name: str
    kind: OrganisationKind
    country: str
    latin_name: str = ""
    short_name: str = ""
    sector: str = ""
    region: str | None = None
    seat: str = ""
    website: str = ""
    registration_number: str = ""
    tax_id: str = ""


def web_address(typed: str, *, field: str = "website") -> str:
    """An http or https address; a bare host gets https in front. Never fetched by us."""
    text = plain_line(typed).replace(" ", "")
    if not text:
        return ""
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        raise Invalid(NO_WEBSITE, field=field) from None
    host = parts.hostname or ""
    fine = parts.scheme in {"http", "https"} and "." in host and port_is_fine
    if not fine or parts.username or parts.password or any(c in text for c in "\\\"<>'`"):
        raise Invalid(NO_WEBSITE, field=field)
    return text


def _tidy(details: Details) -> dict[str, Any]:
    name = plain_line(details.name)
    if not fold(name):
        raise Invalid(NO_NAME, field="name")
    if not geo.is_country(details.country):
        raise Invalid(NO_COUNTRY, field="country")
    region = details.region or None
    if region is not None and not geo.is_region(region, details.country):
        raise Invalid(OTHER_REGION, field="region")
    values = {
        "name": name,
        "latin_name": plain_line(details.latin_name),
        "short_name": plain_line(details.short_name),
        "kind": details.kind,
        "sector": details.sector,
        "country": details.country,
        "region": region,
        "seat": plain_line(details.seat),
        "website": web_address(details.website),
        "registration_number": _number(
            identifiers.registration_number, details.country, details.registration_number
        ),
        "tax_id": _number(identifiers.tax_id, details.country, details.tax_id),
        "sort_key": fold(plain_line(details.latin_name) or name)[:250],
    }
    values["search_key"] = search_key(
        name, values["latin_name"], values["short_name"], values["seat"]
    )
    return values


def _number(check: Any, country: str, typed: str) -> str:
    if not typed.strip():
        return ""
    checked: identifiers.Checked = check(country, typed)
    if not checked.ok:
        raise Invalid(checked.reason, field=str(check.__name__))
    return checked.value


def propose(*, details: Details, by: Person | None) -> Organisation:
    """Add an organisation; staff check it before it stands in the public list."""
    organisation = Organisation(**_tidy(details), proposed_by_id=None if by is None else by.id)
    db.session.add(organisation)
    db.session.flush()
    audit.record("organisation.proposed", about=organisation, by=by)
    return organisation


def add(*, details: Details, is_member: bool, by: Person | None) -> Organisation:
    """Add an organisation by staff: checked at once."""
    organisation = propose(details=details, by=by)
    organisation.is_member = is_member
    check(organisation=organisation, by=by)
    return organisation


def edit(*, organisation: Organisation, details: Details, by: Person) -> None:
    """Write new details."""
    for name, value in _tidy(details).items():
        setattr(organisation, name, value)
    _changed(organisation, "edited", by)


def set_member(*, organisation: Organisation, is_member: bool, by: Person) -> None:
    """Whether it belongs to the network; members may see events that are open to members only."""
    if organisation.is_member != is_member:
        organisation.is_member = is_member
        _changed(organisation, "joined_network" if is_member else "left_network", by)


def check(*, organisation: Organisation, by: Person | None) -> None:
    """Staff have looked: it stands in the public list from now on."""
    if organisation.checked_at is None:
        organisation.checked_at = clock.now()
        _changed(organisation, "checked", by)


def set_logo(
    *, organisation: Organisation, upload: BinaryIO, name: str, folder: Path, by: Person
) -> None:
    """Keep a new logo, drawn anew; the old one goes."""
    fresh = files.store(
        upload, name, folder=folder, kinds=files.IMAGES, max_megabytes=5, field="logo"
    )
    old = organisation.logo
    organisation.logo = fresh
    db.session.flush()
    if old is not None:
        files.remove(old, folder=folder)
    _changed(organisation, "logo_changed", by)


def remove_logo(*, organisation: Organisation, folder: Path, by: Person) -> None:
    """Take the logo away."""
    old = organisation.logo
    if old is None:
        return
    organisation.logo = None
    db.session.flush()
    files.remove(old, folder=folder)
    _changed(organisation, "logo_removed", by)


def merge(*, organisation: Organisation, into: Organisation, by: Person) -> None:
    """Everything that names the one names the other from now on; the old address leads there.

    Walks every foreign key to organisations, so that no feature can be forgotten.
    """
    if organisation.id == into.id:
        raise Conflict(INTO_ITSELF, field="into")
    if into.merged_into_id is not None:
        raise NotFound()
    db.session.flush()
    for key in _references():
        _repoint(key, organisation.id, into.id)
    db.session.expire_all()
    organisation.merged_into_id = into.id
    into.search_key = search_key(into.search_key, organisation.name, organisation.latin_name)
    into.is_member = into.is_member or organisation.is_member
    _changed(organisation, "merged", by, into=into.public_id)


def _changed(organisation: Organisation, what: str, by: Person | None, **facts: Any) -> None:
    db.session.flush()
    audit.record(f"organisation.{what}", about=organisation, by=by, **facts)
    _tell()


def _tell() -> None:
    for tell in visible_change:
        tell()


def _references() -> list[ForeignKey]:
    return [
        key
        for table in db.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "organisation"
    ]


def _repoint(key: ForeignKey, old: int, new: int) -> None:
    column = key.parent
    table = column.table
    for rule in table.constraints:
        if isinstance(rule, UniqueConstraint) and column.name in rule.columns:
            there = table.alias()
            same = [there.c[c.name] == table.c[c.name] for c in rule.columns if c is not column]
            double = exists(select(1).where(there.c[column.name] == new, *same))
            db.session.execute(delete(table).where(column == old, double))
    db.session.execute(update(table).where(column == old).values({column.name: new}))


# -- people


def affiliate(
    *, person: Person, organisation: Organisation, position: str = "", is_main: bool = False
) -> Affiliation:
    """Say that a person belongs to an organisation; the first one named is the main one."""
    own = _own(person)
    if any(one.organisation_id == organisation.id for one in own):
        raise Conflict(ALREADY_THERE, field="organisation")
    made = Affiliation(
        person_id=person.id,
        organisation_id=organisation.id,
        position=plain_line(position)[:120],
        is_main=False,
    )
    db.session.add(made)
    db.session.flush()
    if is_main or not own:
        make_main(person=person, organisation=organisation)
    _shown(person)
    return made


def leave(*, person: Person, organisation: Organisation) -> None:
    """A person no longer belongs there; if it was the main one, the next becomes it."""
    own = _own(person)
    gone = next((one for one in own if one.organisation_id == organisation.id), None)
    if gone is None:
        raise NotFound()
    db.session.delete(gone)
    db.session.flush()
    rest = [one for one in own if one is not gone]
    if gone.is_main and rest:
        rest[0].is_main = True
        db.session.flush()
    _shown(person)


def set_position(*, person: Person, organisation: Organisation, position: str) -> None:
    """What the person is called there."""
    own = next((one for one in _own(person) if one.organisation_id == organisation.id), None)
    if own is None:
        raise NotFound()
    own.position = plain_line(position)[:120]
    db.session.flush()
    _shown(person)


def make_main(*, person: Person, organisation: Organisation) -> None:
    """The one that stands on the badge."""
    own = _own(person)
    if all(one.organisation_id != organisation.id for one in own):
        raise NotFound()
    for one in own:
        one.is_main = one.organisation_id == organisation.id
    db.session.flush()
    _shown(person)


def _shown(person: Person) -> None:
    if "affiliation" in person.public_fields:
        _tell()


def _own(person: Person) -> list[Affiliation]:
    query = select(Affiliation).where(Affiliation.person_id == person.id)
    return list(db.session.scalars(query.order_by(Affiliation.id)))
