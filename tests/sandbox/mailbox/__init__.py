"""A mailbox for tests and the demo: a real SMTP sink, a readable page, switches of trouble."""

from __future__ import annotations

import asyncio
import email
import itertools
import logging
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

__all__ = ["Letter", "Mailbox", "serve"]


@dataclass
class Faults:
    """Counts run down to nothing: so many messages are treated like this."""

    temporary: int = 0  # 451 after DATA
    refuse: int = 0  # 550 to the address
    hang: int = 0  # no answer after DATA, for hang_seconds
    cut_after_data: int = 0  # the message is kept, the line is cut, no answer
    hang_seconds: float = 60.0

    def take(self, name: str) -> bool:
        left: int = getattr(self, name)
        setattr(self, name, max(0, left - 1))
        return left > 0


@dataclass
class Letter:
    """One message as it arrived; `id` is its file name."""

    id: str
    to: list[str]
    received_at: datetime
    raw: bytes
    _parsed: EmailMessage | None = field(default=None, repr=False)

    @property
    def message(self) -> EmailMessage:
        if self._parsed is None:
            self._parsed = email.message_from_bytes(
                self.raw.replace(b"\r\n", b"\n"), policy=default
            )
        return self._parsed

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")


class Post:
    """Keeps letters as .eml files in a folder, and in memory."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.faults = Faults()
        self.letters: dict[str, Letter] = {}
        self._number = itertools.count()
        for path in sorted(folder.glob("*.eml")):
            letter = _opened(path)
            self.letters[letter.id] = letter

    def keep(self, to: list[str], content: bytes) -> None:
        now = datetime.now(UTC)
        identity = f"{now:%Y%m%dT%H%M%S%f}-{next(self._number):06d}"
        head = f"X-Envelope-To: {', '.join(to)}\r\nX-Received-At: {now.isoformat()}\r\n"
        raw = head.encode() + content
        draft = self.folder / f"{identity}.part"
        draft.write_bytes(raw)
        draft.rename(self.folder / f"{identity}.eml")
        self.letters[identity] = Letter(identity, to, now, raw)

    # What aiosmtpd asks of its handler

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        if self.faults.take("refuse"):
            return "550 5.1.1 no such address"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.faults.take("temporary"):
            return "451 4.3.0 try again later"
        if self.faults.take("hang"):
            await asyncio.sleep(self.faults.hang_seconds)
            return "451 4.3.0 too late"
        content = envelope.content
        self.keep(list(envelope.rcpt_tos), content if isinstance(content, bytes) else b"")
        if self.faults.take("cut_after_data") and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 OK"


def _opened(path: Path) -> Letter:
    raw = path.read_bytes()
    head = email.message_from_bytes(raw.split(b"\r\n\r\n", 1)[0], policy=default)
    to = [address.strip() for address in str(head["X-Envelope-To"]).split(",")]
    return Letter(path.stem, to, datetime.fromisoformat(str(head["X-Received-At"])), raw)


class _Handler(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Silence."""


class Mailbox:
    """A running mailbox."""

    def __init__(
        self,
        post: Post,
        smtp: Controller,
        http: BaseWSGIServer,
        scratch: TemporaryDirectory[str] | None,
    ) -> None:
        self.post = post
        self.smtp_port: int = smtp.port
        self.url = f"http://{http.host}:{http.server_port}"
        self._smtp, self._http, self._scratch = smtp, http, scratch

    @property
    def letters(self) -> list[Letter]:
        """Oldest first."""
        return list(self.post.letters.values())

    @property
    def messages(self) -> list[EmailMessage]:
        """Oldest first, parsed."""
        return [letter.message for letter in self.letters]

    def to(self, address: str) -> list[EmailMessage]:
        return [one.message for one in self.letters if address.lower() in map(str.lower, one.to)]

    def wait_for(self, address: str, *, subject: str = "", seconds: float = 10.0) -> EmailMessage:
        """The newest letter to this address whose subject holds these words."""
        end = time.monotonic() + seconds
        while True:
            found = [one for one in self.to(address) if subject in str(one["Subject"])]
            if found:
                return found[-1]
            if time.monotonic() > end:
                raise AssertionError(f"no mail {subject!r} to {address} in {seconds} s")
            time.sleep(0.02)

    def faults(self, **counts: float) -> None:
        requests.post(f"{self.url}/_sandbox/faults", json=counts, timeout=5).raise_for_status()

    def clear(self) -> None:
        """Throws all letters away."""
        for identity in list(self.post.letters):
            del self.post.letters[identity]
            (self.post.folder / f"{identity}.eml").unlink(missing_ok=True)

    def stop(self) -> None:
        self._smtp.stop()
        self._http.shutdown()
        self._http.server_close()
        if self._scratch is not None:
            self._scratch.cleanup()


def serve(
    smtp_port: int = 0,
    http_port: int = 0,
    *,
    folder: Path | None = None,
    host: str = "127.0.0.1",
) -> Mailbox:
    """Starts a mailbox in threads of this process; without a folder the letters end with it."""
    from tests.sandbox.mailbox.pages import create_app

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    scratch = TemporaryDirectory(prefix="mailbox-") if folder is None else None
    post = Post(folder if folder is not None else Path(scratch.name if scratch else ""))
    smtp = Controller(post, hostname=host, port=smtp_port or _free_port(host), timeout=120)
    smtp.start()
    http = make_server(host, http_port, create_app(post), threaded=True, request_handler=_Handler)
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    return Mailbox(post, smtp, http, scratch)


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def addresses(message: EmailMessage) -> str:
    """Whom the letter names, readable."""
    named: Any = message["To"]
    return str(named or message["X-Envelope-To"])
