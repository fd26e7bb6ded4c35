"""Two editions full of objects, and sixteen people who knock at every door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from conference.accounts import sessions
from conference.accounts.models import Passkey, Person, SignInSession
from conference.core import clock, files, outbox
from conference.core.model import new_public_id
from conference.core.permissions import Role
from conference.editions.models import (
    EditionDocument,
    InSeries,
    KeyDate,
    News,
    Partner,
    PartnerEvent,
    PartnerRole,
    RoleInvitation,
    Room,
    Series,
)
from conference.extensions import db
from conference.organisations.models import Affiliation
from conference.payments.models import Invoice, InvoiceKind
from conference.registrations.states import RegistrationState
from tests import factories

LETTERS = {
    "A": Role.ADMINISTRATOR,
    "O": Role.ORGANISER,
    "C": Role.CHAIR,
    "R": Role.REVIEWER,
    "F": Role.FINANCE,
    "D": Role.CHECK_IN,
    "U": Role.FUNDING_OFFICER,
    "P": Role.FUNDING_APPROVER,
}


@dataclass
class Objects:
    """What one edition holds, by the name of the parameter or of the endpoint that shows it."""

    edition: Any
    ids: dict[str, str] = field(default_factory=dict)


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def fill(owner: Person) -> Objects:
    """An edition with one of everything; the order and registration belong to `owner`."""
    two = {"en": "Something", "sr": "Нешто"}
    edition = factories.make_edition(shows_participants=True)
    place = factories.make_place(edition)
    kind = factories.make_ticket_type(edition, amount=12000)
    extra = factories.make_extra(edition)
    order = factories.make_order(edition, person=owner, email=owner.email, reference=None)
    registration = factories.make_registration(
        edition,
        ticket_type=kind,
        order=order,
        person=owner,
        email=owner.email,
        state=RegistrationState.PENDING,
    )
    organisation = factories.make_organisation()
    folder = _files_folder()
    stored = files.keep(b"%PDF-1.7", "a.pdf", folder=folder, content_type="application/pdf")
    series = _add(Series(name=two))
    by = factories.make_person()
    expires = clock.now() + timedelta(days=3)
    rows = {
        "place": place,
        "room": _add(Room(place_id=place.id, name=two)),
        "key_date": _add(KeyDate(edition_id=edition.id, label=two, at=clock.now())),
        "news": _add(
            News(edition_id=edition.id, title=two, text=two, html=two, published_at=clock.now())
        ),
        "partner": _add(
            Partner(
                edition_id=edition.id, organisation_id=organisation.id, role=PartnerRole.SUPPORTER
            )
        ),
        "document": _add(EditionDocument(edition_id=edition.id, title=two, file_id=stored.id)),
        "list": factories.make_checkin_list(edition),
        "registration": registration,
        "order": order,
        "organisation": organisation,
        "series": series,
        "event": _add(
            PartnerEvent(
                name=two, starts_on=factories.on_day(9), ends_on=factories.on_day(9), url="https://x"
            )
        ),
        "grant": factories.give_role(factories.make_person(), edition, Role.CHAIR),
        "site_grant": factories.give_role(factories.make_person(), None, Role.ADMINISTRATOR),
        "invitation": _add(
            RoleInvitation(
                email="new@example.org",
                edition_id=edition.id,
                role=Role.CHAIR,
                ends_on=factories.on_day(90),
                invited_by_id=by.id,
                expires_at=expires,
            )
        ),
        "site_invitation": _add(
            RoleInvitation(
                email="newer@example.org",
                edition_id=None,
                role=Role.ADMINISTRATOR,
                ends_on=factories.on_day(90),
                invited_by_id=by.id,
                expires_at=expires,
            )
        ),
        "invoice": _add(
            Invoice(
                payee_id=edition.payee_id,
                order_id=order.id,
                kind=InvoiceKind.PROFORMA,
                year=2016,
                number=order.id,
                label=f"P{order.id}",
                issued_on=factories.on_day(0),
                locale="en",
                currency="EUR",
                total_minor=12000,
                data={},
            )
        ),
        "ticket_type": kind,
        "extra": extra,
        "question": factories.make_question(edition),
        "person": owner,
    }
    _add(InSeries(edition_id=edition.id, series_id=series.id, number=7))
    outbox.queue(
        "registration-confirmed",
        to="a@example.org",
        locale="en",
        edition_id=edition.id,
        about=order.public_id,
    )
    db.session.flush()
    rows["mail"] = db.session.query(outbox.OutboundMail).filter_by(edition_id=edition.id).first()
    objects = Objects(edition, {name: row.public_id for name, row in rows.items()})
    objects.ids |= _of_owner(owner, organisation)
    return objects


def _files_folder() -> Any:
    from flask import current_app

    return current_app.config["FILES_DIR"]


def _of_owner(owner: Person, organisation: Any) -> dict[str, str]:
    _add(Affiliation(person_id=owner.id, organisation_id=organisation.id))
    passkey = _add(
        Passkey(
            credential_id=new_public_id().encode(),
            public_key=b"k",
            name="key",
            device_type="single_device",
            backed_up=False,
            person_id=owner.id,
        )
    )
    sessions.begin(owner, method="link", browser="other", address="127.0.0.1")
    session = db.session.query(SignInSession).filter_by(person_id=owner.id).first()
    return {
        "affiliation": organisation.public_id,
        "passkey": passkey.public_id,
        "session": session.public_id,
    }


@dataclass(frozen=True)
class Actor:
    """Somebody at the door: a person (or none), the letters of their roles here, what they own."""

    name: str
    person: Person | None
    letters: str = ""
    owns: bool = False
    second_factor: bool = True


def cast(objects: Objects, other: Objects, owner: Person) -> list[Actor]:
    """The sixteen."""
    actors = [
        Actor("anonymous", None),
        Actor("stranger", factories.make_person()),
        Actor("owner", owner, owns=True),
        Actor("other delegate", factories.make_person()),
    ]
    factories.make_registration(objects.edition, person=actors[-1].person)
    for letter, role in LETTERS.items():
        person = factories.make_person()
        factories.give_role(person, None if letter == "A" else objects.edition, role)
        actors.append(Actor(role.value, person, letter))
    without = factories.make_person()
    factories.give_role(without, objects.edition, Role.ORGANISER)
    actors.append(Actor("organiser without second factor", without, "O", second_factor=False))
    elsewhere = factories.make_person()
    for role in (Role.ORGANISER, Role.FINANCE, Role.CHECK_IN):
        factories.give_role(elsewhere, other.edition, role)
    actors.append(Actor("staff of another edition", elsewhere))
    over = factories.make_person()
    factories.give_role(over, objects.edition, Role.ORGANISER, ends_on=factories.on_day(-1))
    actors.append(Actor("organiser until yesterday", over))
    ended = factories.make_person()
    factories.give_role(ended, objects.edition, Role.ORGANISER, ended_at=clock.now())
    actors.append(Actor("organiser whose role was ended", ended))
    return actors


Ids = Callable[[Objects], dict[str, str]]


def _one(**names: str) -> Ids:
    return lambda objects: {parameter: objects.ids[name] for parameter, name in names.items()}


_FIXED: dict[str, dict[str, str]] = {
    "languages.switch": {"code": "sr"},
    "accounts.use_link": {"token": "no-such-token"},
    "accounts.take_new_address": {"token": "no-such-token"},
    "editions_desk.accept_role": {"token": "no-such-token"},
    "registrations.confirm": {"token": "no-such-token"},
    "registrations.accept_offer": {"token": "no-such-token"},
    "registrations.decline_offer": {"token": "no-such-token"},
    "editions_desk.move": {"move": "archive"},
    "registrations_desk.file": {"key": "letter"},
}
MISSING_TOKEN = frozenset(e for e, values in _FIXED.items() if "token" in values)

PARAMETERS: dict[str, Ids] = {
    "site.show_picture": _one(public_id="person"),
    "accounts.public_profile": _one(public_id="person"),
    "accounts.remove_passkey": _one(public_id="passkey"),
    "accounts.end_session": _one(public_id="session"),
    "organisations.show": _one(public_id="organisation"),
    "organisations.leave": _one(public_id="affiliation"),
    "organisations.make_main": _one(public_id="affiliation"),
    "organisations.set_position": _one(public_id="affiliation"),
    "organisations_desk": _one(public_id="organisation"),
    "editions.document": _one(public_id="document"),
    "editions.one_news": _one(public_id="news"),
    "editions_desk.leave_series": _one(public_id="series"),
    "editions_desk.place": _one(public_id="place"),
    "editions_desk.room": _one(place_id="place", public_id="room"),
    "editions_desk.key_date": _one(public_id="key_date"),
    "editions_desk.piece": _one(public_id="news"),
    "editions_desk.withdraw_news": _one(public_id="news"),
    "editions_desk.remove_document": _one(public_id="document"),
    "editions_desk.move_up": lambda o: {"kind": "partners", "public_id": o.ids["partner"]},
    "editions_desk.remove": lambda o: {"kind": "news", "public_id": o.ids["news"]},
    "editions_desk.end_role": _one(public_id="grant"),
    "editions_desk.withdraw_invitation": _one(public_id="invitation"),
    "editions_desk.partner_event": _one(public_id="event"),
    "editions_desk.remove_partner_event": _one(public_id="event"),
    "editions_desk.end_administrator": _one(public_id="site_grant"),
    "editions_desk.withdraw_administrator": _one(public_id="site_invitation"),
    "registrations_desk": _one(public_id="registration"),
    "messages_desk": _one(public_id="mail"),
    "payments": _one(order_id="order", invoice_id="invoice"),
    "payments_desk": _one(order_id="order", invoice_id="invoice"),
    "checkin_desk": _one(public_id="list"),
    "checkin_badges": _one(public_id="registration"),
}


def parameters(endpoint: str, objects: Objects) -> dict[str, str]:
    """The values of a route's parameters; raises KeyError for a route that nobody described."""
    values = dict(_FIXED.get(endpoint, {}))
    maker = PARAMETERS.get(endpoint) or PARAMETERS.get(endpoint.split(".")[0])
    if maker is not None:
        values |= maker(objects)
    return values

