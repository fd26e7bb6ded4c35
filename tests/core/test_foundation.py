"""Tokens, states, outbox and audit on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conference.core import audit, outbox, tokens
from conference.core.errors import InvalidTransition
from conference.core.states import transition
from conference.editions.states import TRANSITIONS, EditionState
from conference.extensions import db
from tests import factories


@pytest.mark.sql
def test_token_is_used_once(app):
    raw = tokens.issue("try", lasts=timedelta(minutes=10), email="a@example.org")
    assert tokens.peek("try", raw).email == "a@example.org"
    assert tokens.consume("try", raw).used_at is not None
    with pytest.raises(tokens.LinkUsedUp):
        tokens.consume("try", raw)


def test_token_of_another_purpose_is_refused(app):
    raw = tokens.issue("try", lasts=timedelta(minutes=10))
    with pytest.raises(tokens.LinkUsedUp):
        tokens.consume("other", raw)


@pytest.mark.sql
def test_state_changes_only_along_the_table_and_leaves_an_entry(app, edition):
    transition(edition, EditionState.ARCHIVED, TRANSITIONS, by=None)
    assert edition.state is EditionState.ARCHIVED
    assert [e.act for e in audit.about(edition)] == ["edition.archived"]
    with pytest.raises(InvalidTransition):
        transition(edition, EditionState.DRAFT, TRANSITIONS, by=None)


@pytest.mark.sql
def test_audit_chain_finds_a_changed_entry(app, edition):
    for state in (EditionState.ARCHIVED, EditionState.PUBLISHED):
        transition(edition, state, TRANSITIONS, by=None)
    assert audit.chain() == 2
    assert audit.first_break() is None
    audit.about(edition)[0].act = "something.else"
    db.session.flush()
    assert audit.first_break() == 1


@pytest.mark.sql
def test_audit_chain_whose_tail_was_cut_lacks_the_head_noted_before(app, edition):
    assert audit.holds(audit.head())
    for state in (EditionState.ARCHIVED, EditionState.PUBLISHED):
        transition(edition, state, TRANSITIONS, by=None)
    audit.chain()
    noted = audit.head()
    assert audit.holds(noted)
    db.session.delete(audit.about(edition)[-1])
    db.session.flush()
    assert audit.first_break() is None
    assert not audit.holds(noted)


def test_verify_compares_with_a_head_noted_before(app, edition):
    transition(edition, EditionState.ARCHIVED, TRANSITIONS, by=None)
    audit.chain()
    db.session.commit()
    run = app.test_cli_runner().invoke
    told = run(args=["verify"])
    assert told.exit_code == 0
    noted = told.output.split()[-1]
    assert run(args=["verify", "--head", noted]).exit_code == 0
    assert run(args=["verify", "--head", f"9{noted}"]).exit_code == 1
    assert run(args=["verify", "--head", "nonsense"]).exit_code == 1


@pytest.mark.sql
def test_mail_is_claimed_by_one_worker(app):
    outbox.queue("sign-in-link", to="a@example.org", locale="en", values={"link": "x"})
    db.session.flush()
    (mail_id,) = outbox.due()
    assert outbox.claim(mail_id) is not None
    assert outbox.claim(mail_id) is None


def test_mail_that_is_said_to_go_once_is_queued_once(app):
    for _ in range(2):
        outbox.queue("sign-in-link", to="a@example.org", locale="en", once="first")
        db.session.flush()
    assert len(outbox.due()) == 1


def test_page_answers_without_a_database_write(browse):
    assert browse().get("/healthz").get_json() == {"alive": True}


def test_cast_is_signed_in(browse, organiser):
    assert browse(organiser).get("/languages/sr?next=/healthz").status_code == 302
    assert factories.make_person().public_id != organiser.public_id
