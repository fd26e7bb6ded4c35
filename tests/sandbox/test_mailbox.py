"""The mailbox takes real mail, shows it safely, and fails on demand."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests

from tests.sandbox.mailbox import Mailbox, serve


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = serve()
    yield mailbox
    mailbox.stop()


def letter(to: str = "ana@example.org", subject: str = "Ваша карта за Охрид") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Days of Clusters <conference@example.org>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = "<1@example.org>"
    message.set_content("Здраво Ђорђе, http://127.0.0.1:5500/confirm/abc.\n김민준\n")
    message.add_alternative("<p>Здраво <b>Ђорђе</b><script>alert(1)</script></p>", subtype="html")
    message.add_attachment(
        b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="ohrid.ics"
    )
    return message


def send(mailbox: Mailbox, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=2) as line:
        line.send_message(message)


def test_letter_arrives_whole(mailbox: Mailbox) -> None:
    send(mailbox, letter())
    arrived = mailbox.wait_for("ANA@example.org", subject="Охрид")
    assert arrived["Subject"] == "Ваша карта за Охрид"
    assert arrived.get_body(("plain",)).get_content().endswith("김민준\n")
    assert [part.get_filename() for part in arrived.iter_attachments()] == ["ohrid.ics"]
    assert mailbox.to("other@example.org") == []


def test_list_is_newest_first_and_found_by_address(mailbox: Mailbox) -> None:
    for name in ("ana", "bojan", "ana"):
        send(mailbox, letter(f"{name}@example.org", f"For {name}"))
    page = requests.get(mailbox.url, timeout=5).text
    assert page.index("For ana") < page.index("For bojan") < page.rindex("For ana")
    found = requests.get(f"{mailbox.url}/?q=bojan@example.org", timeout=5).text
    assert ("For bojan" in found, "For ana" in found, "1 e-mail for" in found) == (
        True,
        False,
        True,
    )


def test_letter_is_shown_in_a_sandbox_with_links_and_files(mailbox: Mailbox) -> None:
    send(mailbox, letter())
    url = f"{mailbox.url}/letter/{mailbox.letters[0].id}"
    page = requests.get(url, timeout=5)
    assert 'href="http://127.0.0.1:5500/confirm/abc"' in page.text
    assert "allow-scripts" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    body = requests.get(f"{url}/html", timeout=5)
    assert "<b>Ђорђе</b>" in body.text
    assert "default-src 'none'" in body.headers["Content-Security-Policy"]
    assert "sandbox allow-popups" in body.headers["Content-Security-Policy"]
    file = requests.get(f"{url}/part/4", timeout=5)
    assert file.content == b"BEGIN:VCALENDAR"
    assert "attachment; filename=ohrid.ics" in file.headers["Content-Disposition"]
    assert requests.get(f"{mailbox.url}/letter/none", timeout=5).status_code == 404


def test_refusals_come_as_often_as_ordered(mailbox: Mailbox) -> None:
    mailbox.faults(temporary=1, refuse=1)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(mailbox, letter())
    assert refused.value.recipients["ana@example.org"][0] == 550
    with pytest.raises(smtplib.SMTPDataError) as later:
        send(mailbox, letter())
    assert later.value.smtp_code == 451
    assert mailbox.letters == []
    send(mailbox, letter())
    assert len(mailbox.letters) == 1


def test_cut_line_leaves_the_letter_but_no_answer(mailbox: Mailbox) -> None:
    mailbox.faults(cut_after_data=1)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mailbox, letter())
    assert len(mailbox.letters) == 1


def test_hanging_relay_runs_into_the_time_out(mailbox: Mailbox) -> None:
    mailbox.faults(hang=1, hang_seconds=3)
    with (
        pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"),
        smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=0.3) as line,
    ):
        line.send_message(letter())
    assert mailbox.letters == []


def test_letters_survive_a_restart(tmp_path: Path) -> None:
    first = serve(folder=tmp_path)
    send(first, letter())
    kept = first.letters[0]
    first.stop()
    second = serve(folder=tmp_path)
    try:
        assert second.letters[0].received_at == kept.received_at
        assert (second.letters[0].raw, second.letters[0].to) == (kept.raw, ["ana@example.org"])
        second.clear()
        assert list(tmp_path.glob("*.eml")) == []
    finally:
        second.stop()
