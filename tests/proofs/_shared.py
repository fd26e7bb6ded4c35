"""What several proofs use: many requests at one instant, browsers, sandboxes, a lossy line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import select
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.serving import ROOT, Request, Site, free_port, raw

logging.disable(logging.WARNING)  # what goes wrong here was ordered by the proof

NAIVE = "tests.proofs._naive:app"
CLIENT_SECONDS = 300  # the machine may be busy with other things


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 means that nothing did."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def to(self) -> str:
        """Where it sends on to."""
        return self.headers.get("location", "")


LOST = Answer(0, {}, b"")


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    if "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    elif "chunked" in headers.get("transfer-encoding", ""):
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = b""
    return Answer(int(first.split()[1]), headers, body)


def at_once(port: int, requests: Sequence[Request]) -> list[Answer]:
    """Open a connection for each request, then send all of them at the same instant."""

    async def everybody() -> list[Answer]:
        go = asyncio.Event()
        ready = asyncio.Semaphore(0)

        async def one(request: Request) -> Answer:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                ready.release()
                return LOST
            ready.release()
            await go.wait()
            try:
                writer.write(raw(port, request))
                return await asyncio.wait_for(_read(reader), CLIENT_SECONDS)
            except (OSError, asyncio.IncompleteReadError, TimeoutError):
                return LOST
            finally:
                writer.close()

        tasks = [asyncio.ensure_future(one(request)) for request in requests]
        for _ in requests:
            await ready.acquire()
        go.set()
        return list(await asyncio.gather(*tasks))

    return asyncio.run(everybody())


def statuses(answers: Sequence[Answer]) -> Counter[int]:
    """How often each status came."""
    return Counter(answer.status for answer in answers)


class Browsers:
    """Makes browsers of a site: the Cookie header and the token that their forms carry."""

    def __init__(self, site: Site) -> None:
        self.app = site.app()

    def headers(self, **kept: Any) -> tuple[dict[str, str], str]:
        """A browser whose cookie holds `kept`."""
        from flask import session
        from flask_wtf.csrf import generate_csrf

        with self.app.test_request_context("/"):
            token = generate_csrf()
            session.update(kept)
            serializer = self.app.session_interface.get_signing_serializer(self.app)
            value = serializer.dumps(dict(session))
        return {"Cookie": f"{self.app.config['SESSION_COOKIE_NAME']}={value}"}, token

    def form(self, path: str, fields: dict[str, str] | None = None, **kept: Any) -> Request:
        """A browser sends a form."""
        headers, token = self.headers(**kept)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode({"csrf_token": token, **(fields or {})}).encode()
        return ("POST", path, headers, body)

    def page(self, path: str, **kept: Any) -> Request:
        """A browser asks for a page."""
        return ("GET", path, self.headers(**kept)[0], b"")


@contextlib.contextmanager
def looking(site: Site) -> Iterator[None]:
    """Inside the product, at what its processes have left in the database."""
    app = site.app()
    with app.app_context():
        from conference.extensions import db

        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def copy_database(source: Site, target: Site) -> None:
    """Give a site the SQLite database of another, as it is now."""
    with (
        contextlib.closing(sqlite3.connect(source.folder / "test.sqlite3")) as old,
        contextlib.closing(sqlite3.connect(target.folder / "test.sqlite3")) as new,
    ):
        old.backup(new)


# -- the world outside, as processes of their own


class Outside:
    """A sandbox of ours as a process: the card provider or the mailbox."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.words = self.process.stdout.readline()  # it says so when it is ready
        if not self.words:
            raise RuntimeError(f"{module} did not start")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def stripe_process(webhook_url: str = "") -> Iterator[str]:
    """The card provider in a process of its own; answers its address."""
    port = free_port()
    more = ["--webhook-url", webhook_url] if webhook_url else []
    outside = Outside("tests.sandbox.stripe", "--port", str(port), *more)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        outside.stop()


@contextlib.contextmanager
def mailbox_process() -> Iterator[tuple[int, Path]]:
    """A real SMTP sink in a process of its own; answers its port and the folder of its letters."""
    folder = Path(tempfile.mkdtemp(prefix="conference-post-"))
    port = free_port()
    outside = Outside("tests.sandbox.mailbox", "--smtp-port", str(port), "--folder", str(folder))
    try:
        yield port, folder
    finally:
        outside.stop()
        shutil.rmtree(folder, ignore_errors=True)


def post_json(url: str, values: dict[str, Any] | None = None) -> Any:
    """Ask a sandbox something by POST."""
    request = urllib.request.Request(
        url,
        data=json.dumps(values or {}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read() or b"null")


def configure_stripe(url: str) -> dict[str, str]:
    """The settings of a product that takes cards at a sandbox."""
    return {
        "STRIPE_SECRET_KEY": "sk_test_proof",
        "STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
        "STRIPE_API_BASE": url,
        "STRIPE_CHECKOUT_ORIGIN": url,
    }


class LossyLine:
    """A line to a server that swallows answers: the request arrives, the answer never does.

    `swallow` maps a word that stands in the request to how many answers to it are still to be lost.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.swallow: Counter[str] = Counter()
        self.swallowed = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            server = socket.create_connection(("127.0.0.1", self.target))
            with server:
                lost = False
                while True:
                    ready, _, _ = select.select([client, server], [], [], 60)
                    if not ready:
                        return
                    if client in ready:
                        sent = client.recv(65536)
                        if not sent:
                            return
                        lost = lost or self._takes(sent)
                        server.sendall(sent)
                    if server in ready:
                        answer = server.recv(65536)
                        if not answer or lost:
                            return  # the effect has happened; the line breaks
                        client.sendall(answer)

    def _takes(self, sent: bytes) -> bool:
        text = sent.decode("latin-1")
        with self._lock:
            for word, left in self.swallow.items():
                if left > 0 and word in text:
                    self.swallow[word] -= 1
                    self.swallowed += 1
                    return True
        return False


def set_environment(values: dict[str, str]) -> None:
    """Settings for the product inside this process."""
    os.environ.update(values)
