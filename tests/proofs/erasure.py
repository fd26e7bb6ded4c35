"""A person's data is exported whole, then gone from tables, disk and logs: but what is sealed."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Enum, String, or_, select
from sqlalchemy.orm.attributes import flag_modified

from conference.accounts import limits, sessions
from conference.accounts.models import Person
from conference.checkin.models import BadgeRun, Scan, ScanResult
from conference.core import audit, clock, files
from conference.core.audit import AuditEntry
from conference.core.files import StoredFile
from conference.core.model import Erase, new_public_id
from conference.core.permissions import Role
from conference.editions.models import Edition, RoleInvitation
from conference.extensions import db
from conference.organisations.models import Organisation
from conference.payments.models import (
    CardDispute,
    CheckoutAttempt,
    EntryKind,
    LedgerEntry,
    Method,
    RefundAttempt,
)
from conference.registrations.models import Invitation, Order, RegistrationDraft
from tests import access_world, factories
from tests.measures import proof
from tests.serving import Site, site

EMAIL = "canary0000@example.org"
BYSTANDER = "bystander0000"
# Found by these, or too short for a canary, or given a meaning by the product.
KEPT_AS_THEY_ARE = {
    ("person", "email"), ("person", "locale"), ("order", "locale"), ("sign_in_try", "subject"),
    ("audit_entry", "actor"), ("edition", "contact_email"), ("one_time_token", "email"),
    ("outbound_mail", "to"), ("role_invitation", "email"), ("invitation", "email"),
}  # fmt: skip


@dataclass
class Planted:
    """Which canary stands in which column, and whether it is a secret."""

    key: str
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    empty_tables: list[str] = field(default_factory=list)

    @property
    def columns(self) -> set[tuple[str, str]]:
        return set(self.texts.values())

    def new(self, table: str, column: str, *, secret: bool) -> str:
        """A text that stands nowhere else."""
        text = f"canary{len(self.texts) + 1:04d}"
        self.texts[text] = (table, column)
        if secret:
            self.secrets.add(text)
        return text


def _labelled() -> Iterator[tuple[Any, dict[str, Any]]]:
    """Every table with personal columns: its class, and the labels by column."""
    for mapper in db.Model.registry.mappers:
        labels = {
            a.key: a.columns[0].info["personal"]
            for a in mapper.column_attrs
            if a.columns[0].info.get("personal")
        }
        if labels:
            yield mapper.class_, labels


def _belongs(model: type[Any], person: Person) -> Any:
    """By the shape of the table, not by the rules that the product itself erases by."""
    orders = select(Order.id).where(or_(Order.person_id == person.id, Order.email == EMAIL))
    own = {
        Person: lambda: Person.id == person.id,
        StoredFile: lambda: StoredFile.name == "own.pdf",
        AuditEntry: lambda: AuditEntry.actor == person.public_id,
        Edition: lambda: Edition.contact_email == EMAIL,
        Organisation: lambda: Organisation.proposed_by_id == person.id,
        RegistrationDraft: lambda: RegistrationDraft.order_id.in_(orders),
    }
    if model in own:
        return own[model]()
    if model.__tablename__ == "sign_in_try":
        return model.subject == limits.of_account(limits.What.LINK, EMAIL)
    for name, condition in (
        ("by_id", lambda c: c == person.id),
        ("person_id", lambda c: c == person.id),
        ("email", lambda c: c == EMAIL),
        ("to", lambda c: c == EMAIL),
        ("order_id", lambda c: c.in_(orders)),
    ):
        found = model.__mapper__.columns.get(name)
        # Who acted as staff counts only where the label says that it is theirs.
        if found is not None and (name != "by_id" or found.info.get("personal")):
            return condition(getattr(model, name))
    raise LookupError(f"nobody said how rows of {model.__tablename__} belong to a person")


def _fill() -> Planted:
    """A person with a row in every such table, and a bystander with the same."""
    past = {"starts_on": factories.on_day(-30), "ends_on": factories.on_day(-28)}
    person = factories.make_person(email=EMAIL)
    objects = access_world.fill(person, contact_email=EMAIL, **past)
    other = factories.make_person(family_name=BYSTANDER)
    access_world.fill(other, **past)
    _more(person, objects)
    key = sessions.begin(
        person, method="link", browser="x", address="127.0.0.1", second_factor=True
    )
    planted = Planted(key)
    for model, labels in _labelled():
        rows = db.session.scalars(select(model).where(_belongs(model, person))).all()
        if not rows:
            planted.empty_tables.append(model.__tablename__)
        for row in rows:
            for column, label in labels.items():
                _plant(planted, row, column, label)
    return planted


def _more(person: Person, objects: Any) -> None:
    """What the world of access lacks."""
    from flask import current_app

    edition = objects.edition
    order = db.session.scalars(select(Order).where(Order.person_id == person.id)).first()
    place = db.session.scalars(
        select(factories.Registration).where(factories.Registration.person_id == person.id)
    ).first()
    gate = db.session.scalars(
        select(factories.CheckinList).where(factories.CheckinList.edition_id == edition.id)
    ).one()
    sent = files.keep(
        b"%PDF-1.7 canary9999 in a file",
        "own.pdf",
        folder=current_app.config["FILES_DIR"],
        content_type="application/pdf",
    )
    place.answers = {**place.answers, "own": {"file": sent.public_id, "name": "own.pdf"}}
    money = {"order_id": order.id, "amount_minor": 100, "currency": "EUR", "by_id": person.id}
    soon, today = factories.in_days(1), factories.on_day(0)
    paid = {name: value for name, value in money.items() if name != "by_id"}
    attempt = CheckoutAttempt(idempotency_key="a", expires_at=soon, **paid)
    scan = {
        "edition_id": edition.id,
        "list_id": gate.id,
        "registration_id": place.id,
        "on_date": today,
        "result": ScanResult.VALID,
        "scanned_at": clock.now(),
        "by_id": person.id,
    }
    rows = [
        Scan(uid=new_public_id(), **scan),
        BadgeRun(edition_id=edition.id, by_id=person.id, locale="en", badges=1),
        factories.make_organisation(proposed_by_id=person.id),
        RoleInvitation(
            email=EMAIL,
            edition_id=edition.id,
            role=Role.CHAIR,
            ends_on=today,
            invited_by_id=factories.make_person().id,
            expires_at=soon,
        ),
        Invitation(edition_id=edition.id, email=EMAIL),
        LedgerEntry(kind=EntryKind.PAYMENT, method=Method.TRANSFER, booked_on=today, **money),
        attempt,
        CardDispute(checkout=attempt, dispute_id="du_a", **paid),
        RefundAttempt(idempotency_key="b", method=Method.CARD, **money),
    ]
    db.session.add_all(rows)
    audit.record("registration.changed", about=place, by=person)
    limits.take(limits.What.LINK, account=EMAIL, address="127.0.0.1")


def _plant(planted: Planted, row: Any, key: str, label: dict[str, Any]) -> None:
    table, column = row.__tablename__, row.__mapper__.columns[key]
    if (table, key) in KEPT_AS_THEY_ARE or isinstance(column.type, Enum):
        return
    text = isinstance(column.type, String) and (column.type.length or 99) >= len(EMAIL)
    if not text and not isinstance(column.type, JSON):
        return
    if key == "email" and row.person_id is None:  # found by the address alone
        return
    canary = planted.new(table, key, secret=label["secret"])
    value = getattr(row, key)
    if isinstance(column.type, JSON):
        listed = isinstance(value, list)
        setattr(row, key, [*value, canary] if listed else {**(value or {}), "x": canary})
        flag_modified(row, key)
    else:
        setattr(row, key, f"{canary}@example.org" if key.endswith("email") else canary)


# -- through the pages


class Visitor:
    """The person's browser."""

    def __init__(self, made: Site, key: str) -> None:
        self._url = made.url
        self._cookie, self._token = made.visitor(key)
        self._opener = urllib.request.build_opener(_Staying)

    def ask(self, path: str, **form: str) -> tuple[int, bytes]:
        """Status and body; a form is posted."""
        body = urllib.parse.urlencode({**form, "csrf_token": self._token}).encode()
        request = urllib.request.Request(self._url + path, data=body if form else None)
        request.add_header("Cookie", self._cookie)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


class _Staying(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


# -- looking everywhere


def _on_disk(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _in_tables() -> dict[tuple[str, str], str]:
    """All text of the database, by table and column."""
    found: dict[tuple[str, str], str] = {}
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)).mappings():
            for name, value in row.items():
                text = json.dumps(value, default=str, ensure_ascii=False)
                found[table.name, str(name)] = found.get((table.name, str(name)), "") + text
    return found


def _sealed() -> set[tuple[str, str]]:
    return {
        (model.__tablename__, column)
        for model, labels in _labelled()
        for column, label in labels.items()
        if label["erase"] is Erase.SEALED
    }


def _leftovers(planted: Planted, app: Any, folder: Path) -> tuple[set[Any], list[str]]:
    """Sealed columns that still hold something, and whatever is left without being declared."""
    with app.app_context():
        tables, sealed = _in_tables(), _sealed()
        db.session.remove()
        db.engine.dispose()
    disk = _on_disk(folder)
    declared, undeclared = set(), []
    for canary in [*planted.texts, EMAIL.partition("@")[0], "canary9999"]:
        live = 0
        for place, text in tables.items():
            if (times := text.count(canary)) == 0:
                continue
            live += times
            if place in sealed:
                declared.add(place)
            else:
                undeclared.append(f"{canary} of {planted.texts.get(canary)} in {place}")
        raw = {name: content.count(canary.encode()) for name, content in disk.items()}
        if sum(raw.values()) > live:
            where = ", ".join(f"{name}: {times}" for name, times in raw.items() if times)
            undeclared.append(
                f"{canary} of {planted.texts.get(canary)}: {live} times in tables, on disk {where}"
            )
    return declared, undeclared


def _in_free_pages(copy: Path, *, secure: bool) -> int:
    """How many canaries a file keeps when every row is deleted with and without overwriting."""
    connection = sqlite3.connect(copy, isolation_level=None)
    connection.execute(f"PRAGMA secure_delete={'ON' if secure else 'OFF'}")
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type='table'"
    ).fetchall():
        connection.execute(f'DELETE FROM "{name}"')
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = copy.read_bytes()
    copy.unlink()
    return content.count(b"canary")


def _settle(app: Any) -> None:
    """What the worker does every hour."""
    from conference import jobs
    from conference.web import database

    assert database.empty_the_log in jobs.every_hour
    jobs.run(app, [database.empty_the_log])
    with app.app_context():
        db.engine.dispose()


@proof("erasure")
def erasure() -> tuple[dict[str, Any], bool]:
    """Through the pages of the real server; then the disk is read byte by byte."""
    kept: list[Planted] = []
    with site(prepare=lambda: kept.append(_fill())) as made:
        planted, app, data = kept[0], made.app(), made.folder / "test.sqlite3"
        made.serve()
        visitor = Visitor(made, planted.key)
        _settle(app)
        before = data.read_bytes()
        found_before = sum(canary.encode() in before for canary in planted.texts)
        plain, secure = (shutil.copy(data, made.folder.parent / f"{new_public_id()}") for _ in "ab")
        control = _in_free_pages(Path(plain), secure=False)
        overwritten = _in_free_pages(Path(secure), secure=True)
        _status, packed = visitor.ask("/account/data/download")
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            taken = b"".join(archive.read(name) for name in archive.namelist()).decode()
        told = {canary for canary in planted.texts if canary in taken}
        status, page = visitor.ask("/account/erase", word=EMAIL, sure="y")
        after, _page = visitor.ask("/account")
        made.stop()
        _settle(app)
        declared, undeclared = _leftovers(planted, app, made.folder)
        bystander = (made.folder / "test.sqlite3").read_bytes().count(BYSTANDER.encode())
        logs = len(list(made.folder.glob("*.log")))
    missing = set(planted.texts) - told - planted.secrets
    for canary in sorted(missing):
        print("  not exported:", planted.texts[canary])
    for canary in sorted(told & planted.secrets):
        print("  a secret was exported:", planted.texts[canary])
    for line in undeclared[:40]:
        print("  left:", line)
    for table in planted.empty_tables:
        print("  no row in", table)
    if status != 302:
        print("  the page did not erase:", status, page[:2000].decode(errors="replace"))
    figures = {
        "columns": len(planted.columns),
        "canaries": len(planted.texts),
        "in_the_file_before": found_before,
        "exported": len(told),
        "secrets_kept_back": len(planted.secrets - told),
        "left_declared": len(declared),
        "left_undeclared": len(undeclared),
        "logs_read": logs,
        "bystander_kept": bystander > 0,
        "control_in_free_pages": control,
        "control_overwritten": overwritten,
    }
    exported = not missing and planted.secrets and not told & planted.secrets
    gone = status == after == 302 and not undeclared and declared and not planted.empty_tables
    honest = found_before == len(planted.texts) and control > 0 and overwritten == 0 and logs > 0
    return figures, bool(exported and gone and honest and bystander)
