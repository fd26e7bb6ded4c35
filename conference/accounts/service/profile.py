"""What people say about themselves: names, country, languages, ORCID iD; what is public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from conference import emails
from conference.accounts import people
from conference.accounts.models import Person
from conference.core import audit, clock, links, orcid, text, tokens
from conference.core.errors import N_, Conflict, Invalid
from conference.core.text import full_name
from conference.extensions import db

NOT_AN_ORCID = N_(
    "This is not an ORCID iD, or a digit is mistyped. It looks like 0000-0002-1825-0097."
)
NO_NAME = N_("A public page needs your name.")
CHANGE = "change-email"
CHANGE_LASTS = timedelta(hours=2)

PUBLIC_FIELDS: dict[str, str] = {
    "country": N_("Country"),
    "languages": N_("Languages"),
    "orcid": N_("ORCID iD"),
    "biography": N_("About me"),
}
"""What may stand on the public page beside the name; upper features add theirs."""


class AddressTaken(Conflict):
    """Somebody has an account with the new address; only its owner learns that."""

    message = N_("There is another account with this address. Please sign in with it instead.")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What the profile form hands over."""

    given_name: str
    family_name: str
    latin_name: str
    country: str | None
    languages: list[str]
    orcid: str
    biography: dict[str, str]
    is_public: bool
    public_fields: list[str]
    locale: str


def proposed_latin_name(given_name: str, family_name: str) -> str:
    """The name in Latin letters as we would write it; empty when it is in Latin letters already."""
    name = full_name(given_name, family_name)
    written = text.latin(name)
    return "" if written == name else written


def change(*, person: Person, to: Profile, by: Person) -> None:
    """Keep what the person says about themselves."""
    checked = orcid.normal(to.orcid) if to.orcid else None
    if to.orcid and checked is None:
        raise Invalid(NOT_AN_ORCID, field="orcid")
    if to.is_public and not (to.given_name or to.family_name):
        raise Invalid(NO_NAME, field="family_name")
    person.given_name, person.family_name = to.given_name, to.family_name
    person.latin_name = to.latin_name or proposed_latin_name(to.given_name, to.family_name)
    person.country, person.languages, person.orcid = to.country, to.languages, checked
    person.biography = {language: words for language, words in to.biography.items() if words}
    person.public_fields = ["name", *to.public_fields] if to.is_public else []
    person.locale = to.locale
    people.index_name(person)
    db.session.flush()
    audit.record("person.profile_changed", about=person, by=by)
    people.visitors_see_a_change()


def public(public_id: str) -> Person | None:
    """The person with a public page; None when there is none, whatever the reason."""
    person = people.by_public_id(public_id)
    if person is None or not person.active or "name" not in person.public_fields:
        return None
    return person


def ask_for_new_address(*, person: Person, email: str, locale: str) -> None:
    """Mail a link to the new address; nothing changes before it is used."""
    address = people.normal_email(email)
    if address == person.email:
        raise Invalid(N_("This is your address already."), field="email")
    raw = tokens.issue(CHANGE, lasts=CHANGE_LASTS, email=address, data={"person": person.public_id})
    emails.confirm_new_address(address, locale=locale, link=links.to("account", "email", raw))


def look_at_new_address(raw: str) -> str:
    """The new address of a link; uses nothing up."""
    return tokens.peek(CHANGE, raw).email or ""


def take_new_address(raw: str) -> Person:
    """Use the link up: the account has the new address, the old one is told."""
    token = tokens.consume(CHANGE, raw)
    person = people.by_public_id(str(token.data.get("person")))
    new = token.email or ""
    if person is None or not person.active:
        raise tokens.LinkUsedUp()
    if people.by_email(new) is not None:
        raise AddressTaken()
    old, person.email = person.email, new
    person.former_emails = [*person.former_emails, old]
    person.confirmed_at = clock.now()
    db.session.flush()
    for purpose in ("sign-in", CHANGE):
        tokens.revoke(purpose, email=old)
    audit.record("person.address_changed", about=person, by=person)
    emails.address_changed(old, person)
    return person
