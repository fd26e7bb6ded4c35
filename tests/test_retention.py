"""What a label promises about time is done by a job, seen with a stopped clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select

from conference import jobs
from conference.accounts import limits, sessions
from conference.accounts.models import SignInTry
from conference.checkin.models import Scan, ScanResult
from conference.core import audit, clock, files, outbox, retention
from conference.core.audit import AuditEntry
from conference.core.files import StoredFile
from conference.core.outbox import MailState, OutboundMail
from conference.core.permissions import Role
from conference.editions.models import RoleInvitation
from conference.extensions import db
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
from conference.registrations.models import Invitation, Order, Registration
from conference.registrations.states import OrderState
from tests import factories

ENDS = date(2026, 11, 30)
CANARY = "Canary"


@pytest.fixture
def edition(app: Any) -> Any:
    return factories.make_edition(
        starts_on=ENDS - timedelta(days=2), ends_on=ENDS, shows_participants=True
    )


def keep(tmp_path: Any) -> int:
    count = retention.apply(tmp_path)
    db.session.expire_all()
    return count


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def held(row: Any, keep_word: str) -> dict[str, Any]:
    """What the columns of one period hold."""
    table = inspect(type(row)).local_table
    return {
        c.name: getattr(row, c.name) for c in table.columns if retention.keep_of(c) == keep_word
    }


def test_every_period_that_a_label_names_is_kept_by_a_job(app):
    assert retention.broken_promises() == []


def test_a_period_without_a_job_is_found(app, monkeypatch):
    monkeypatch.setattr(retention, "terms", retention.terms[1:])
    assert retention.broken_promises() == [("outbound_mail", "2 years")]


def test_the_nightly_jobs_do_it(app):
    assert {one.__name__ for one in jobs.every_night} >= {"keep_terms", "forget_old"}
    assert {limits.forget_old, sessions.forget_old, audit.forget_old} <= set(jobs.every_night)


@pytest.mark.sql
def test_needs_of_the_body_go_when_the_edition_is_over(edition, at, tmp_path):
    made = factories.make_registration(edition, diet="no pork", accessibility="a ramp")
    at(noon(ENDS + timedelta(days=1)))
    assert keep(tmp_path) == 0
    assert held(made, "until the edition ends") == {"diet": "no pork", "accessibility": "a ramp"}
    at(noon(ENDS + timedelta(days=2)))
    assert keep(tmp_path) == 1
    assert held(made, "until the edition ends") == {"diet": "", "accessibility": ""}
    assert made.given_name != "erased"
    assert keep(tmp_path) == 0  # nothing is written a second time


@pytest.mark.sql
def test_registrations_are_emptied_two_years_after_the_edition(edition, at, tmp_path, organiser):
    sent = files.keep(b"%PDF-1.7 visa", "visa.pdf", folder=tmp_path, content_type="x")
    made = factories.make_registration(
        edition,
        given_name=CANARY,
        family_name=CANARY,
        latin_name=CANARY,
        organisation_name=CANARY,
        position=CANARY,
        search_key=CANARY,
        sort_key=CANARY,
        answers={"visa": {"file": sent.public_id}, "shirt": CANARY},
    )
    other = factories.make_registration(factories.make_edition(), given_name="Stays")
    invited = Invitation(edition_id=edition.id, email="canary@example.org")
    scan = Scan(
        uid="u",
        edition_id=edition.id,
        list_id=factories.make_checkin_list(edition).id,
        registration_id=made.id,
        on_date=ENDS,
        result=ScanResult.VALID,
        scanned_at=clock.now(),
        by_id=organiser.id,
    )
    db.session.add_all([invited, scan])
    made.order.locale = "sr"
    country, path = made.country, tmp_path / sent.place
    db.session.commit()
    at(noon(ENDS + timedelta(days=730)))
    keep(tmp_path)
    assert (made.given_name, scan.by_id, path.exists()) == (CANARY, organiser.id, True)
    at(noon(ENDS + timedelta(days=734)))
    assert keep(tmp_path) >= 3
    gone = held(made, "2 years after the edition")
    assert CANARY not in str(gone)
    assert (made.given_name, made.answers, made.sort_key) == ("erased", {}, "")
    assert made.email == f"erased-{made.public_id}@erased.invalid"
    assert invited.email == f"erased-{invited.public_id}@erased.invalid"
    assert (scan.by_id, made.order.locale, made.country) == (None, "en", country)
    assert db.session.scalars(select(StoredFile)).all() == []
    assert not path.exists()
    assert (other.given_name, other.edition.ends_on) == ("Stays", other.edition.ends_on)
    assert keep(tmp_path) == 0


@pytest.mark.sql
def test_books_are_emptied_ten_years_after_their_year(edition, at, tmp_path):
    at(noon(date(2026, 3, 1)))
    order = factories.make_order(
        edition, email="canary@example.org", state=OrderState.PAID, invoice_name=CANARY
    )
    own = {"order_id": order.id, "amount_minor": 100, "currency": "EUR"}
    attempt = CheckoutAttempt(
        **own, idempotency_key="i", expires_at=clock.now(), request={"who": CANARY}
    )
    db.session.add(attempt)
    db.session.flush()
    rows = [
        LedgerEntry(
            **own,
            kind=EntryKind.PAYMENT,
            method=Method.CASH,
            booked_on=date(2026, 3, 1),
            note=CANARY,
        ),
        RefundAttempt(**own, idempotency_key="r", method=Method.CARD, reason=CANARY),
        CardDispute(**own, checkout_id=attempt.id, dispute_id="du_1", reason=CANARY),
        Invoice(
            payee_id=edition.payee_id,
            order_id=order.id,
            currency="EUR",
            kind=InvoiceKind.INVOICE,
            year=2026,
            number=1,
            label="CH-1",
            issued_on=date(2026, 3, 1),
            locale="en",
            total_minor=100,
            data={"buyer": CANARY},
        ),
    ]
    db.session.add_all(rows)
    db.session.commit()
    rows += [order, attempt]
    books = "10 years (accounting)"
    at(noon(date(2036, 12, 31)))
    keep(tmp_path)
    assert all("canary" in str(held(row, books)).casefold() for row in rows)
    at(noon(date(2037, 1, 1)))
    assert keep(tmp_path) == len(rows)
    assert not any("canary" in str(held(row, books)).casefold() for row in rows)
    assert (rows[0].amount_minor, rows[0].kind) == (100, EntryKind.PAYMENT)
    assert keep(tmp_path) == 0


def test_paper_whose_time_is_over_is_not_there_any_more(edition, at, tmp_path, finance, browse):
    from conference.payments.service import invoices

    order = factories.make_order(edition)
    paper = Invoice(
        payee_id=edition.payee_id,
        order_id=order.id,
        currency="EUR",
        kind=InvoiceKind.INVOICE,
        year=2026,
        number=1,
        label="CH-1",
        issued_on=ENDS,
        locale="en",
        total_minor=100,
        data={},
    )
    db.session.add(paper)
    db.session.commit()
    with pytest.raises(invoices.NotFound):
        invoices.of_order(order, paper.public_id)


def test_mails_are_emptied_after_two_years_but_not_one_that_waits(app, at, tmp_path):
    def mail(state: MailState) -> OutboundMail:
        made = OutboundMail(
            name="order-expired",
            to="canary@example.org",
            locale="en",
            subject=CANARY,
            values={"name": CANARY},
            message_id=f"<{state}>",
            due_at=clock.now(),
            state=state,
        )
        db.session.add(made)
        db.session.commit()
        return made

    start = clock.now()
    sent, failed, waits = mail(MailState.SENT), mail(MailState.FAILED), mail(MailState.QUEUED)
    at(start + timedelta(days=729))
    assert keep(tmp_path) == 0
    at(start + timedelta(days=731))
    assert keep(tmp_path) == 2
    for one in (sent, failed):
        assert (one.subject, one.values) == (None, {})
        assert one.to == f"erased-{one.public_id}@erased.invalid"
    assert waits.to == "canary@example.org"
    assert outbox.due() == [waits.id]


def test_invitations_to_a_role_are_emptied_after_a_year(app, at, tmp_path):
    made = RoleInvitation(
        email="canary@example.org",
        role=Role.ADMINISTRATOR,
        ends_on=ENDS,
        invited_by_id=factories.make_person().id,
        expires_at=clock.now(),
    )
    db.session.add(made)
    db.session.commit()
    at(clock.now() + timedelta(days=366))
    assert keep(tmp_path) == 1
    assert made.email == f"erased-{made.public_id}@erased.invalid"


def test_jobs_of_their_own_keep_the_days_that_the_labels_name(app):
    kept = (limits.KEPT, sessions.LASTS + sessions.KEPT)
    assert kept == (
        timedelta(days=30),
        timedelta(days=90),
    )
    assert SignInTry.__table__.c.subject.info["personal"]["keep"] == "30 days"


def test_public_list_is_made_anew_when_its_time_is_over(edition, at, browse):
    from conference.editions.models import SiteStamp

    factories.make_registration(edition, is_listed=True)
    db.session.commit()
    before = db.session.scalar(select(SiteStamp.version)) or 1
    at(noon(ENDS + timedelta(days=740)))
    (job,) = [one for one in jobs.every_night if one.__name__ == "keep_terms"]
    job()
    db.session.commit()
    assert (db.session.scalar(select(SiteStamp.version)) or 1) > before


# -- the log


def written(number: int) -> None:
    person = factories.make_person()
    for _ in range(number):
        audit.record("thing.done", about=person, by=person, what=CANARY)
    db.session.flush()
    audit.chain()
    db.session.commit()


def test_log_forgets_who_acted_after_ten_years_and_its_chain_still_holds(app, at):
    start = clock.now()
    written(3)
    at(start + timedelta(days=4000))
    written(2)
    assert audit.forget_old() == 3
    db.session.commit()
    kept = db.session.scalars(select(AuditEntry).order_by(AuditEntry.position)).all()
    assert [(one.position, one.act) for one in kept] == [
        (3, "log.begins"),
        (4, "thing.done"),
        (5, "thing.done"),
    ]
    assert (kept[0].actor, kept[0].data) == (None, {})
    assert audit.first_break() is None
    assert audit.forget_old() == 0
    written(1)
    assert audit.first_break() is None


@pytest.mark.parametrize("harm", ["change", "delete", "begin later", "forge a beginning"])
def test_harm_to_a_shortened_log_is_found(app, at, harm):
    start = clock.now()
    written(3)
    at(start + timedelta(days=4000))
    written(3)
    audit.forget_old()
    kept = db.session.scalars(select(AuditEntry).order_by(AuditEntry.position)).all()
    if harm == "change":
        kept[2].data = {}
    elif harm == "delete":
        db.session.delete(kept[2])
    elif harm == "begin later":
        db.session.delete(kept[0])
    else:
        db.session.delete(kept[0])
        kept[1].act = audit.BEGINS
    db.session.flush()
    assert audit.first_break() is not None


def test_young_log_is_left_alone(app):
    written(3)
    assert audit.forget_old() == 0
    assert audit.first_break() is None
    assert db.session.query(Registration).count() == db.session.query(Order).count() == 0
