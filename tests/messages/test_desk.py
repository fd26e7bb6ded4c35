"""The mails of an edition as its organisers see them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import conference
from conference.core import audit, outbox
from conference.core.outbox import MailState, OutboundMail
from conference.extensions import db
from conference.messages import service
from conference.messages.manage import MAILS, is_complete, preview
from conference.messages.names import ATTACHMENT_NAMES, MAIL_NAMES
from conference.registrations.service import offering
from conference.registrations.states import RegistrationState
from tests import factories

VALUES = {
    "edition": {"name": "Ohrid", "city": "Ohrid", "when": "May", "contact": "", "url": "u"},
    "code": "7K3M-9QXA",
    "total": "€120.00",
    "is_free": False,
    "order_url": "o",
}


def make_mail(edition: Any, state: MailState = MailState.SENT, **overrides: Any) -> OutboundMail:
    number = db.session.scalar(db.select(db.func.count(OutboundMail.id)))
    values = {
        "name": "order-expired",
        "to": f"to{number}@example.org",
        "locale": "en",
        "values": VALUES,
        "edition_id": edition.id if edition else None,
        "message_id": f"<{number}@test>",
        "due_at": factories.in_days(-1),
        "state": state,
        **overrides,
    }
    mail = OutboundMail(**values)
    db.session.add(mail)
    db.session.flush()
    return mail


def addresses(page: Any) -> list[str]:
    return re.findall(r'<td data-label="To"[^>]*>([^<]+)</td>', page.get_data(as_text=True))


def url(edition: Any, *parts: str) -> str:
    return "/".join(["", edition.code, "desk", "mails", *parts])


def test_every_mail_and_every_attachment_has_a_name_for_people(app):
    folder = Path(conference.__file__).parent.parent / "templates" / "emails"
    written = {path.stem for path in folder.glob("*.txt") if not path.name.startswith("_")}
    assert set(MAIL_NAMES) == written
    assert set(ATTACHMENT_NAMES) == set(outbox.makers)


@pytest.mark.sql
def test_the_list_has_the_newest_first_and_only_of_this_edition(edition, organiser, browse):
    for number in range(3):
        make_mail(edition, to=f"{number}@example.org", created_at=factories.in_days(number - 9))
    make_mail(factories.make_edition(), to="other@example.org")
    make_mail(None, to="link@example.org")
    client = browse(organiser)
    assert addresses(client.get(url(edition))) == [f"{n}@example.org" for n in (2, 1, 0)]
    found = client.get(url(edition), query_string={"q": "1@EXAMPLE"})
    assert addresses(found) == ["1@example.org"]


def test_the_states_are_filters_and_the_uncertain_ones_are_explained(edition, organiser, browse):
    for state in MailState:
        make_mail(edition, state, to=f"{state}@example.org")
    client = browse(organiser)
    page = client.get(url(edition), query_string={"state": "uncertain"})
    assert addresses(page) == ["uncertain@example.org"]
    assert "nobody knows whether these mails arrived" in page.get_data(as_text=True)


@pytest.mark.sql
def test_the_list_takes_as_many_statements_for_300_as_for_one(
    edition, organiser, browse, queries, monkeypatch
):
    monkeypatch.setattr(MAILS, "size", 300)
    client, taken = browse(organiser), {}
    for wanted, more in ((1, 1), (3, 2), (300, 297)):
        for _ in range(more):
            make_mail(edition)
        db.session.commit()
        client.get(url(edition))
        queries.clear()
        assert len(addresses(client.get(url(edition)))) == wanted
        taken[wanted] = len(queries)
    assert taken[1] == taken[3] == taken[300] <= 7


def test_a_mail_is_shown_in_its_own_language_whoever_looks(edition, organiser, browse):
    mail = make_mail(edition, locale="sr", subject="Наслов")
    page = browse(organiser).get(url(edition, mail.public_id)).get_data(as_text=True)
    assert '<h1><span lang="sr-Cyrl">Наслов</span></h1>' in page
    assert "7K3M-9QXA" in page
    assert 'lang="sr-Cyrl"' in page


def test_a_personal_link_is_shown_to_nobody_else(edition, organiser, browse):
    secret = "https://example.org/confirm/very-secret"
    mail = make_mail(
        edition, MailState.QUEUED, name="confirm-registration", secrets={"link": secret}
    )
    page = browse(organiser).get(url(edition, mail.public_id)).get_data(as_text=True)
    assert "very-secret" not in page
    assert "[personal link, only in the recipient&#39;s mail]" in page


def test_a_mail_whose_values_are_gone_says_so(edition, organiser, browse):
    mail = make_mail(edition, values={}, to="erased")
    assert preview(mail) == ("", None)
    page = browse(organiser).get(url(edition, mail.public_id)).get_data(as_text=True)
    assert "The text is no longer kept." in page


@pytest.mark.sql
@pytest.mark.parametrize("state", [MailState.FAILED, MailState.UNCERTAIN])
def test_sending_again_queues_the_same_mail_and_is_in_the_registrations_story(
    edition, organiser, browse, state
):
    made = factories.make_registration(edition)
    mail = make_mail(edition, state, about=made.public_id, attempts=3, last_error="worker died")
    message_id = mail.message_id
    answer = browse(organiser).post(url(edition, mail.public_id, "send-again"))
    assert answer.status_code == 302
    db.session.refresh(mail)
    assert (mail.state, mail.attempts, mail.message_id) == (MailState.QUEUED, 0, message_id)
    entry = audit.about(made)[-1]
    assert (entry.act, entry.actor) == ("mail.repeated", organiser.public_id)
    assert entry.data == {"mail": "order-expired"}


@pytest.mark.parametrize("state", [MailState.SENT, MailState.QUEUED, MailState.SENDING])
def test_what_was_sent_or_is_on_its_way_does_not_go_again(edition, organiser, browse, state):
    mail = make_mail(edition, state)
    with pytest.raises(service.NotRepeatable):
        service.send_again(mail, complete=True, by=organiser)
    browse(organiser).post(url(edition, mail.public_id, "send-again"))
    db.session.refresh(mail)
    assert mail.state is state


def test_a_mail_whose_personal_link_is_gone_is_not_sent_without_it(edition, organiser, browse):
    mail = make_mail(edition, MailState.FAILED, name="confirm-registration", secrets=None)
    client, page = browse(organiser), url(edition, mail.public_id)
    with client.application.test_request_context():
        assert not is_complete(mail)
    assert "no longer kept, or no longer works" in client.get(page).get_data(as_text=True)
    client.post(page + "/send-again")
    db.session.refresh(mail)
    assert mail.state is MailState.FAILED


def unsent(edition, state, **overrides):
    """An offer whose mail did not go, and that mail with its link."""
    made = factories.make_registration(
        edition, state=RegistrationState.OFFERED, offered_until_at=factories.in_days(2)
    )
    offering.send_again(registration=made)
    mail = outbox.about(made.public_id)[-1]
    mail.state, mail.last_error = state, "no line"  # as the worker leaves it
    db.session.commit()
    return made, mail


@pytest.mark.parametrize("state", [MailState.FAILED, MailState.UNCERTAIN])
def test_a_mail_with_a_dead_link_goes_only_with_a_new_one(edition, organiser, browse, state):
    made, mail = unsent(edition, state)
    client, page = browse(organiser), url(edition, mail.public_id)
    assert f"{mail.public_id}/send-again" in client.get(page).text
    anew = f"/{edition.code}/desk/registrations/{made.public_id}/repeat-mail"
    assert anew not in client.get(page).text
    client.post(anew)
    db.session.refresh(mail)
    assert mail.secrets is None
    shown = client.get(page).text
    assert f"{mail.public_id}/send-again" not in shown
    assert anew in shown
    story = client.get(f"/{edition.code}/desk/registrations/{made.public_id}").text
    assert f"{mail.public_id}/send-again" not in story
    client.post(page + "/send-again")
    db.session.refresh(mail)
    assert mail.state is state
    assert [one.name for one in outbox.about(made.public_id)] == ["place-offered"] * 2


def test_a_link_that_has_run_out_is_not_repeated(edition, organiser, browse, at):
    made, mail = unsent(edition, MailState.FAILED)
    at(made.offered_until_at + timedelta(seconds=1))
    made.state = RegistrationState.EXPIRED  # as the job leaves it
    db.session.commit()
    page = browse(organiser).get(url(edition, mail.public_id)).text
    assert "send-again" not in page
    assert "repeat-mail" not in page
    assert "nothing waits for an answer to it any more" in page


def test_a_waiting_mail_with_the_old_link_does_not_go_any_more(edition, organiser):
    made, old = unsent(edition, MailState.QUEUED)
    offering.send_again(registration=made)
    db.session.refresh(old)
    assert (old.state, old.secrets, old.last_error) == (MailState.FAILED, None, "superseded")
    assert outbox.due() == [outbox.about(made.public_id)[-1].id]


def test_what_a_mail_lacks_is_not_taken_from_the_page_that_shows_it(edition, organiser, browse):
    values = {name: value for name, value in VALUES.items() if name != "edition"}
    mail = make_mail(edition, MailState.FAILED, values=values)
    client, page = browse(organiser), url(edition, mail.public_id)
    assert edition.name["en"] not in client.get(page).get_data(as_text=True).split("<main")[1]
    client.post(page + "/send-again")
    db.session.refresh(mail)
    assert mail.state is MailState.FAILED


def test_sending_again_goes_back_only_to_pages_of_ours(edition, organiser, browse):
    client = browse(organiser)
    for wanted, real in (("/ohrid/x", "/ohrid/x"), ("https://evil.example.org", None)):
        mail = make_mail(edition, MailState.FAILED)
        db.session.commit()
        page = url(edition, mail.public_id)
        answer = client.post(page + "/send-again", data={"next": wanted})
        assert answer.headers["Location"] == (real or page)


def test_mails_are_for_organisers(edition, finance, door, browse):
    mail = make_mail(edition)
    for person in (finance, door):
        client = browse(person)
        assert client.get(url(edition)).status_code == 403
        assert client.get(url(edition, mail.public_id)).status_code == 403
        assert client.post(url(edition, mail.public_id, "send-again")).status_code == 403


def test_another_editions_mail_is_missing_here(edition, organiser, browse):
    mail = make_mail(factories.make_edition())
    client = browse(organiser)
    assert client.get(url(edition, mail.public_id)).status_code == 404
    assert client.post(url(edition, mail.public_id, "send-again")).status_code == 404
