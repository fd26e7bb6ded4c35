"""Taking one's data away and being erased: by the labels of the columns, over all tables."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import JSON, LargeBinary, select

from conference.accounts import my_data, vault
from conference.accounts.limits import What, of_account
from conference.accounts.models import Erasure, Passkey, Person, SignInSession, SignInTry
from conference.checkin.models import BadgeRun, Scan, ScanResult
from conference.core import audit, clock, files, outbox, tokens
from conference.core.audit import AuditEntry
from conference.core.files import StoredFile
from conference.core.model import Erase
from conference.core.outbox import OutboundMail
from conference.core.permissions import Role
from conference.core.tokens import OneTimeToken
from conference.editions.models import Edition, RoleInvitation
from conference.extensions import db
from conference.organisations.models import Affiliation, Organisation
from conference.payments.models import (
    CardDispute,
    CheckoutAttempt,
    EntryKind,
    Invoice,
    InvoiceKind,
    LedgerEntry,
    Method,
    RefundAttempt,
)
from conference.registrations.models import Invitation, Order, Registration, RegistrationDraft
from conference.registrations.states import OrderState, RegistrationState
from tests import factories

EMAIL = "canary-person-email@example.org"
FILE = b"%PDF-1.7 canary in a file"


@pytest.fixture
def folder(app):
    app.config["FILES_DIR"].mkdir(parents=True, exist_ok=True)
    return app.config["FILES_DIR"]


def _past_edition():
    return factories.make_edition(
        starts_on=factories.on_day(-30), ends_on=factories.on_day(-28), contact_email=EMAIL
    )


def everywhere(folder):
    """A person with a row in every table that holds personal data, a canary in every column."""
    person = factories.make_person(email=EMAIL, former_emails=["canary-old@example.org"])
    edition = _past_edition()
    sent = files.keep(FILE, "canary-file.pdf", folder=folder, content_type="application/pdf")
    order = factories.make_order(
        edition, person=person, state=OrderState.PAID, email="canary-order@example.org"
    )
    place = factories.make_registration(edition, person=person, order=order)
    order.total_minor = 100
    helper = factories.make_person()
    own = {"order_id": order.id, "amount_minor": 100, "currency": "EUR"}
    paper = {"payee_id": edition.payee_id, "order_id": order.id, "currency": "EUR"}
    lists = factories.make_checkin_list(edition)
    attempt = CheckoutAttempt(**own, idempotency_key="i", expires_at=clock.now())
    db.session.add(attempt)
    db.session.flush()
    rows = [
        person,
        edition,
        sent,
        order,
        place,
        Passkey(
            person_id=person.id,
            credential_id=b"key",
            public_key=b"key",
            device_type="single_device",
            backed_up=False,
        ),
        SignInSession(
            person_id=person.id,
            key_hash="k",
            seen_at=clock.now(),
            expires_at=factories.in_days(1),
            method="link",
        ),
        SignInTry(subject=of_account(What.LINK, EMAIL), what="link"),
        OneTimeToken(purpose="sign-in", hash="h", email=EMAIL, expires_at=clock.now()),
        OutboundMail(
            name="sign-in-link", to=EMAIL, locale="en", message_id="<m>", due_at=clock.now()
        ),
        AuditEntry(act="x", actor=person.public_id, subject_kind="person", subject="y"),
        factories.make_organisation(proposed_by_id=person.id),
        Affiliation(person_id=person.id, organisation_id=factories.make_organisation().id),
        RoleInvitation(
            email=EMAIL,
            role=Role.ADMINISTRATOR,
            ends_on=factories.on_day(9),
            invited_by_id=helper.id,
            expires_at=clock.now(),
        ),
        RegistrationDraft(edition_id=edition.id, data={"buyer": {"email": EMAIL}}),
        Invitation(edition_id=edition.id, email=EMAIL),
        LedgerEntry(
            **own, kind=EntryKind.PAYMENT, method=Method.TRANSFER, booked_on=factories.on_day(0)
        ),
        attempt,
        RefundAttempt(**own, idempotency_key="r", method=Method.CARD),
        CardDispute(**own, checkout_id=attempt.id, dispute_id="du_1"),
        Invoice(
            **paper,
            kind=InvoiceKind.INVOICE,
            year=2026,
            number=1,
            label="CH-1",
            issued_on=factories.on_day(0),
            locale="en",
            total_minor=100,
        ),
        Scan(
            uid="u",
            edition_id=edition.id,
            list_id=lists.id,
            registration_id=place.id,
            on_date=factories.on_day(-29),
            result=list(ScanResult)[0],
            scanned_at=clock.now(),
            by_id=person.id,
        ),
        BadgeRun(edition_id=edition.id, by_id=person.id, locale="en", badges=1),
    ]
    for row in rows:
        _plant(row)
    place.answers = {"paper": {"file": sent.public_id}, "why": _canary(place, "answers")}
    db.session.add_all(rows)
    db.session.commit()
    return person, rows


KEYS = {
    "email",
    "contact_email",
    "to",
    "subject",
    "by_id",
    "proposed_by_id",
    "organisation_id",
    "actor",
    "country",
}


def _canary(row, column):
    return f"canary-{row.__tablename__}-{column}"


def _plant(row):
    """Mark every personal column, but for those by which the row is found."""
    for column in row.__table__.columns:
        about = column.info.get("personal")
        if not about or column.foreign_keys or getattr(row, column.key):
            if not (about and isinstance(getattr(row, column.key), str) and column.key not in KEYS):
                continue
            if row.__tablename__ == "sign_in_try":
                continue
        word = _canary(row, column.name)
        if isinstance(column.type, JSON):
            default = column.default.arg(None) if column.default is not None else {}
            setattr(row, column.key, [word] if isinstance(default, list) else {"x": word})
        elif not isinstance(column.type, LargeBinary) and (column.type.length or 99) >= len(word):
            setattr(row, column.key, word)


def _all_text():
    """Everything in the database as text, by table and column."""
    found = {}
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)).mappings():
            for name, value in row.items():
                if "canary" in json.dumps(value, default=str, ensure_ascii=False):
                    found.setdefault((table.name, name), []).append(value)
    return found


def _labels(*, but=()):
    return {
        (table.name, column.name)
        for table in db.metadata.tables.values()
        for column in table.columns
        if column.info.get("personal") and column.info["personal"]["erase"] not in but
    }


def test_every_table_with_personal_columns_says_how_its_rows_belong_to_a_person(app):
    owned = {owner.model.__tablename__ for owner in my_data.owners}
    assert {table for table, _column in _labels()} - owned == set()


def test_canary_stands_in_a_row_of_every_table_with_personal_columns(app, folder):
    _person, rows = everywhere(folder)
    assert {t for t, _c in _labels()} - {row.__tablename__ for row in rows} == set()


def test_person_takes_everything_away_and_no_secret_or_number(app, folder):
    person, rows = everywhere(folder)
    stranger = factories.make_person(email="stranger@example.org", family_name="Nobody’s business")
    with zipfile.ZipFile(io.BytesIO(my_data.export(person, folder=folder))) as archive:
        text = archive.read("data.json").decode()
        packed = {name: archive.read(name) for name in archive.namelist()}
    records = json.loads(text)["records"]
    for row in rows:
        for column in row.__table__.columns:
            about = column.info.get("personal")
            if not about:
                continue
            record = next(r for r in records if r["table"] == row.__tablename__)
            assert record["kept"][column.key]["how_long"] == about["keep"]
            value = getattr(row, column.key)
            if about["secret"]:
                assert record["rows"][0][column.key] == my_data.HIDDEN
                assert json.dumps(value) not in text
            elif isinstance(value, str) and "canary" in value:
                assert value in text, (row.__tablename__, column.key)
    assert len([name for name, content in packed.items() if content == FILE]) == 1
    assert stranger.email not in text
    assert stranger.family_name not in text
    assert '"id":' not in text


def test_erased_person_is_gone_but_for_what_is_declared_as_sealed(app, folder):
    person, rows = everywhere(folder)
    sent = next(row for row in rows if isinstance(row, StoredFile))
    assert len(_all_text()) > 30
    stays = my_data.erase(person, by=person, folder=folder)
    db.session.commit()
    db.session.expire_all()
    left = _all_text()
    sealed = _labels(but=[Erase.CLEAR, Erase.REPLACE, Erase.DELETE])
    assert set(left) - sealed == set()
    assert ("order", "invoice_name") in left
    assert ("invoice", "data") in left
    assert not (folder / sent.place).exists()
    assert (person.active, person.erased_at is not None, person.name) == (False, True, "")
    (note,) = db.session.scalars(select(Erasure)).all()
    assert note.person_public_id == person.public_id
    assert {"what": "Invoices", "until": "10 years (accounting)"} in note.sealed["records"]
    assert [one.what for one in stays] == [row["what"] for row in note.sealed["records"]]
    assert "person.erased" in [entry.act for entry in audit.about(person)]


def test_what_a_free_order_was_addressed_to_is_not_sealed(app, folder):
    person = factories.make_person(email=EMAIL)
    edition = _past_edition()
    order = factories.make_order(edition, person=person, invoice_name="canary inc.")
    my_data.erase(person, by=person, folder=folder)
    db.session.commit()
    assert (order.invoice_name, order.invoice_country) == ("", None)


def test_erasing_one_person_leaves_the_others_as_they_were(app, folder):
    person, _rows = everywhere(folder)
    edition = factories.make_edition()
    other = factories.make_person(family_name="Ilić", password=vault.hash_password("x"))
    place = factories.make_registration(edition, person=other, email=other.email)
    outbox.queue("sign-in-link", to=other.email, locale="en", secrets={"link": "l"})
    raw = tokens.issue("sign-in", lasts=timedelta(minutes=9), email=other.email)
    before = {c.key: getattr(place, c.key) for c in Registration.__table__.columns}
    my_data.erase(person, by=person, folder=folder)
    db.session.commit()
    db.session.expire_all()
    assert {c.key: getattr(place, c.key) for c in Registration.__table__.columns} == before
    assert (other.family_name, other.active) == ("Ilić", True)
    assert tokens.peek("sign-in", raw).email == other.email
    assert len(outbox.due()) == 1


def test_erased_address_can_begin_anew_and_old_sessions_are_gone(browse, folder):
    person, _rows = everywhere(folder)
    client = browse(person)
    my_data.erase(person, by=person, folder=folder)
    db.session.commit()
    assert client.get("/account").status_code == 302
    from conference.accounts import people

    assert people.find_or_make(EMAIL, locale="en").public_id != person.public_id


def test_place_at_an_event_to_come_is_given_up_first(browse, edition):
    person = factories.make_person(email="ana@example.org")
    place = factories.make_registration(edition, person=person, email=person.email)
    client = browse(person)
    page = client.get("/account/erase").get_data(as_text=True)
    assert f"There is a place at {edition.name['en']} in your name" in page
    answer = client.post("/account/erase", data={"word": person.email, "sure": "y"})
    assert answer.status_code == 409
    db.session.refresh(person)
    assert person.active
    ended = {"state": RegistrationState.CANCELLED, "cancelled_at": clock.now()}
    db.session.execute(
        Registration.__table__.update().where(Registration.id == place.id).values(**ended)
    )
    db.session.commit()
    assert client.post("/account/erase", data={"word": person.email, "sure": "y"}).location == "/"
    db.session.refresh(person)
    assert not person.active


def test_only_administrator_cannot_leave_before_there_is_another(browse, administrator):
    client = browse(administrator)
    data = {"word": administrator.email, "sure": "y"}
    assert client.post("/account/erase", data=data).status_code == 409
    assert "only administrator" in client.get("/account/erase").get_data(as_text=True)
    factories.give_role(factories.make_person(), None, Role.ADMINISTRATOR)
    assert client.post("/account/erase", data=data).location == "/"


def test_erasing_needs_the_address_and_the_tick(browse, stranger):
    client = browse(stranger)
    for data in ({"word": "other@example.org", "sure": "y"}, {"word": stranger.email}, {}):
        assert client.post("/account/erase", data=data).status_code == 422
    assert stranger.active


@pytest.mark.parametrize("path", ["/account/erase", "/account/data/download", "/account/password"])
def test_grave_steps_ask_to_sign_in_once_more_after_half_an_hour(browse, stranger, at, path):
    client = browse(stranger)
    assert client.get(path).status_code == 200
    at(clock.now() + timedelta(minutes=31))
    assert client.get(path).location == f"/sign-in?next={path}&again=1"
    assert client.get("/account").status_code == 200


def test_download_is_a_file_that_is_never_shown_as_a_page(browse, stranger):
    answer = browse(stranger).get("/account/data/download")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=my-data-")
    assert answer.content_type == "application/zip"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    names = zipfile.ZipFile(io.BytesIO(answer.get_data())).namelist()
    assert names == ["data.json"]


def test_rows_of_every_kind_of_owner_can_be_read_for_somebody_who_has_nothing(app):
    nobody = my_data.whose(factories.make_person())
    found = {o.what: len(db.session.scalars(o.rows(nobody)).all()) for o in my_data.owners}
    assert {what for what, number in found.items() if number} == {"Account and profile"}
    assert {Person, Edition, Order, Organisation, StoredFile} <= {o.model for o in my_data.owners}
