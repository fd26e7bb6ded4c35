"""Editions full of objects: one of everything that an address can name."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import current_app

from conference.accounts import sessions
from conference.accounts.models import Passkey, Person, SignInSession
from conference.accounts.service import profile, signing_in
from conference.checkin.models import BadgePrint, BadgeRun
from conference.core import clock, files, outbox, tokens
from conference.core.model import new_public_id
from conference.core.permissions import Role
from conference.editions.kinds import PartnerRole
from conference.editions.models import (
    EditionDocument,
    InSeries,
    KeyDate,
    News,
    Partner,
    PartnerEvent,
    RoleInvitation,
    Room,
    Series,
    SiteStamp,
)
from conference.editions.service import inviting
from conference.extensions import db
from conference.organisations.models import Affiliation
from conference.payments.models import Invoice
from conference.payments.service import charging
from conference.registrations.models import Invitation, RegistrationDraft
from conference.registrations.service import confirming, offering
from conference.registrations.states import OrderState, RegistrationState
from tests import factories

TWO = {"en": "Something", "sr": "Нешто"}
DAY = timedelta(days=1)
FILE_KEY = "letter"


@dataclass
class Objects:
    """What one edition holds, by name; the names stand in access_paths.py."""

    edition: Any
    code: str
    ids: dict[str, str] = field(default_factory=dict)


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def _keep(content: bytes, name: str, content_type: str) -> files.StoredFile:
    folder = current_app.config["FILES_DIR"]
    return files.keep(content, name, folder=folder, content_type=content_type)


def _picture() -> bytes:
    from PIL import Image

    drawn = io.BytesIO()
    Image.new("RGB", (2, 2)).save(drawn, "PNG")
    return drawn.getvalue()


def fill(owner: Person, **edition_values: Any) -> Objects:
    """An edition with one of everything; its orders, registrations and forms are of `owner`."""
    if db.session.get(SiteStamp, 1) is None:
        _add(SiteStamp(id=1, version=1))
    logo = _keep(_picture(), "logo.png", "image/png")
    edition = factories.make_edition(shows_participants=True, logo=logo, **edition_values)
    organisation = factories.make_organisation()
    rows = {
        "logo": logo,
        "organisation": organisation,
        "person": owner,
        **_content(edition, organisation),
        **_on_sale(edition),
        **_site(edition),
    }
    rows |= _bought(edition, owner, rows)
    rows |= _staff(edition, rows["confirmed"])
    objects = Objects(edition, edition.code, {name: row.public_id for name, row in rows.items()})
    objects.ids |= {"file_key": FILE_KEY, **_of_owner(owner, organisation)}
    objects.ids |= _links(owner, rows)
    return objects


def _content(edition: Any, organisation: Any) -> dict[str, Any]:
    place = factories.make_place(edition)
    stored = _keep(b"%PDF-1.7", "a.pdf", "application/pdf")
    written = {"title": TWO, "text": TWO, "html": TWO}
    here = {"edition_id": edition.id}
    series = _add(Series(name=TWO))
    _add(InSeries(series_id=series.id, number=7, **here))
    return {
        "place": place,
        "series": series,
        "room": _add(Room(place_id=place.id, name=TWO)),
        "key_date": _add(KeyDate(label=TWO, at=clock.now(), **here)),
        "news": _add(News(published_at=clock.now(), **written, **here)),
        "partner": _add(
            Partner(organisation_id=organisation.id, role=PartnerRole.SUPPORTER, **here)
        ),
        "document": _add(EditionDocument(title=TWO, file_id=stored.id, **here)),
        "list": factories.make_checkin_list(edition),
    }


def _on_sale(edition: Any) -> dict[str, Any]:
    return {
        "ticket_type": factories.make_ticket_type(edition, amount=12000),
        "extra": factories.make_extra(edition, amount_minor=3000),
        "question": factories.make_question(edition),
        "file_question": factories.make_question(edition, key=FILE_KEY, kind="file"),
        "guest": _add(Invitation(edition_id=edition.id, email="guest@example.org")),
    }


def _site(edition: Any) -> dict[str, Any]:
    soon = factories.on_day(9)
    site_grant = factories.give_role(factories.make_person(), None, Role.ADMINISTRATOR)
    event = PartnerEvent(name=TWO, starts_on=soon, ends_on=soon, url="https://www.example.org")
    return {
        "event": _add(event),
        "grant": factories.give_role(factories.make_person(), edition, Role.CHAIR),
        "site_grant": site_grant,
        "invitation": _invitation(edition.id, Role.CHAIR),
        "site_invitation": _invitation(None, Role.ADMINISTRATOR),
    }


def _invitation(edition_id: int | None, role: Role) -> Any:
    return _add(
        RoleInvitation(
            email=f"{new_public_id()}@example.org",
            edition_id=edition_id,
            role=role,
            ends_on=factories.on_day(90),
            invited_by_id=factories.make_person().id,
            expires_at=clock.now() + DAY,
        )
    )


def _bought(edition: Any, owner: Person, rows: dict[str, Any]) -> dict[str, Any]:
    """An order that waits for payment, a paid one, a place offered, a form half filled in."""
    kind = rows["ticket_type"]
    mine = {"ticket_type": kind, "person": owner, "email": owner.email}
    order = factories.make_order(edition, person=owner, email=owner.email, reference=None)
    letter = _keep(b"%PDF-1.7", "letter.pdf", "application/pdf")
    answer = {"file": letter.public_id, "name": "letter.pdf", "kind": "pdf", "size": 8}
    registration = factories.make_registration(
        edition,
        order=order,
        state=RegistrationState.PENDING,
        answers={FILE_KEY: answer, rows["question"].key: "yes"},
        **mine,
    )
    charging.awaits_payment(order)
    placed = factories.make_order(
        edition, state=OrderState.PLACED, email=owner.email, confirmed_at=None, due_at=None
    )
    factories.make_registration(
        edition, order=placed, ticket_type=kind, state=RegistrationState.PENDING
    )
    outbox.queue(
        "registration-confirmed",
        to=owner.email,
        locale="en",
        edition_id=edition.id,
        about=order.public_id,
    )
    db.session.flush()
    typed = {"given_name": "Ana", "family_name": "Marić", "country": "RS"}
    data = {"email": owner.email, "people": [{**typed, "ticket": kind.public_id}]}
    return {
        "order": order,
        "placed_order": placed,
        "registration": registration,
        "confirmed": factories.make_registration(edition, **mine),
        "offered": factories.make_registration(edition, state=RegistrationState.OFFERED, **mine),
        "invoice": db.session.query(Invoice).filter_by(order_id=order.id).one(),
        "mail": db.session.query(outbox.OutboundMail).filter_by(edition_id=edition.id).first(),
        "draft": _add(RegistrationDraft(edition_id=edition.id, data=data)),
        "placed": _add(RegistrationDraft(edition_id=edition.id, data=data, order_id=placed.id)),
    }


def _staff(edition: Any, confirmed: Any) -> dict[str, Any]:
    by = factories.make_person()
    run = _add(BadgeRun(edition_id=edition.id, by_id=by.id, locale="en", badges=1))
    _add(BadgePrint(run_id=run.id, registration_id=confirmed.id, version=1))
    return {"run": run}


def _of_owner(owner: Person, organisation: Any) -> dict[str, str]:
    owner.public_fields = ["name"]
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


def _links(owner: Person, rows: dict[str, Any]) -> dict[str, str]:
    """Links as they stand in mails."""
    invited = rows["invitation"]
    offered = {"registration": rows["offered"].public_id}
    return {
        "sign_in_link": tokens.issue(
            signing_in.PURPOSE, lasts=DAY, email=owner.email, data={"then": None, "locale": "en"}
        ),
        "address_link": tokens.issue(
            profile.CHANGE, lasts=DAY, email="new@example.org", data={"person": owner.public_id}
        ),
        "role_link": tokens.issue(
            inviting.PURPOSE,
            lasts=DAY,
            email=invited.email,
            data={"invitation": invited.public_id, "locale": "en"},
        ),
        "confirm_link": tokens.issue(
            confirming.CONFIRM,
            lasts=DAY,
            email=owner.email,
            data={"order": rows["placed_order"].public_id},
        ),
        "offer_link": tokens.issue(offering.ANSWER, lasts=DAY, email=owner.email, data=offered),
    }
