"""The product under its real server, for proofs and benches: start, load, stop. Loopback only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import databases

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Site:
    """A product of its own: folder, database, settings of its processes."""

    folder: Path
    port: int
    env: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def app(self, **overrides: Any) -> Any:
        """The same product inside this process, for preparing and looking."""
        before = dict(os.environ)
        os.environ.update(self.env)
        try:
            from conference.app import create_app

            return create_app(PROPAGATE_EXCEPTIONS=False, **overrides)
        finally:
            os.environ.clear()
            os.environ.update(before)

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a process of the product; its words go to a file."""
        with (self.folder / f"{Path(arguments[0]).name}.log").open("ab") as log:
            process = subprocess.Popen(
                arguments, env={**os.environ, **self.env}, cwd=ROOT, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def serve(self, *, workers: int = 1, threads: int = 4, target: str = "wsgi:app") -> float:
        """Start the web server and wait for its first answer; answers the seconds it took."""
        began = time.monotonic()
        self.spawn(
            str(ROOT / ".venv/bin/granian"), "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(self.port), "--workers", str(workers), "--blocking-threads",
            str(threads), "--backlog", "2048", "--log-level", "error", target,
        )  # fmt: skip
        self.wait()
        return time.monotonic() - began

    def visitor(self, key: str | None = None) -> tuple[str, str]:
        """A browser's Cookie header and its CSRF token; `key` is what `sessions.begin` gave."""
        from flask import session
        from flask_wtf.csrf import generate_csrf

        from conference.accounts import current

        app = self.app()
        with app.test_request_context("/"):
            token = generate_csrf()
            if key is not None:
                session[current.KEY] = key
            serializer = app.session_interface.get_signing_serializer(app)
            value = serializer.dumps(dict(session))
        return f"{app.config['SESSION_COOKIE_NAME']}={value}", token

    def wait(self, seconds: float = 30) -> None:
        """Until the server answers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(self.url + "/healthz", timeout=2).read()
                return
            if self.processes and self.processes[-1].poll() is not None:
                raise RuntimeError(f"the server ended: {self.words()}")
            time.sleep(0.02)
        raise RuntimeError("the server does not answer")

    def words(self) -> str:
        """The last lines of the server's log."""
        found = sorted(self.folder.glob("*.log"))
        return " ".join(p.read_text(errors="replace")[-600:] for p in found)

    def stop(self) -> None:
        """End the processes that this site started."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()


@contextlib.contextmanager
def site(
    kind: str = "sqlite", *, prepare: Callable[[], None] | None = None, **env: str
) -> Iterator[Site]:
    """A migrated product on a fresh database; `prepare` fills it inside an application context."""
    folder = Path(tempfile.mkdtemp(prefix="conference-site-"))
    port = free_port()
    made = Site(
        folder,
        port,
        {
            "CONFERENCE_ENV": "demo",
            "DATA_DIR": str(folder),
            "DATABASE_URL": databases.fresh(kind, folder),
            "BASE_URL": f"http://127.0.0.1:{port}",
            "SECRET_KEY": "p" * 40,
            **env,
        },
    )
    try:
        app = made.app()
        with app.app_context():
            from flask_migrate import upgrade

            from conference import schema
            from conference.editions.stamps import bump
            from conference.extensions import db

            schema.attach(app)
            if schema.newest():
                upgrade()
            else:
                db.create_all()
            bump()
            db.session.commit()
            if prepare is not None:
                prepare()
                db.session.commit()
            db.session.remove()
            db.engine.dispose()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Load:
    """What a load came to: answers by status, milliseconds of each."""

    seconds: float
    statuses: dict[int, int]
    spent: list[float]

    @property
    def rate(self) -> float:
        return round(len(self.spent) / self.seconds, 1)

    def quantile(self, share: float) -> float:
        ordered = sorted(self.spent)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)

    def figures(self) -> dict[str, Any]:
        return {
            "requests_per_s": self.rate,
            "p50_ms": self.quantile(0.5),
            "p99_ms": self.quantile(0.99),
        }


Request = tuple[str, str, dict[str, str], bytes]
"""Method, path, headers, body."""


def raw(port: int, request: Request) -> bytes:
    """The bytes of a request."""
    method, path, headers, body = request
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    if b"content-length:" in lower:
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
        return status, await reader.readexactly(length)
    if b"transfer-encoding: chunked" in lower:
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return status, body
    return status, b""


async def _client(
    port: int, requests: Iterator[Request], until: float, load: Load, keep: Any
) -> None:
    reader = writer = None
    for request in requests:
        if time.monotonic() > until:
            break
        began = time.perf_counter()
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(raw(port, request))
            status, body = await asyncio.wait_for(_answer(reader), 60)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            status, body, writer = 0, b"", None
        load.spent.append(time.perf_counter() - began)
        load.statuses[status] = load.statuses.get(status, 0) + 1
        if keep is not None:
            keep(request, status, body)
    if writer is not None:
        writer.close()


def load(
    port: int,
    requests: Iterator[Request],
    *,
    clients: int = 8,
    seconds: float = 5,
    keep: Callable[[Request, int, bytes], None] | None = None,
) -> Load:
    """Send requests from some clients at once until they or the seconds are used up."""
    made = Load(0, {}, [])

    async def all_clients() -> None:
        until = time.monotonic() + seconds
        await asyncio.gather(*(_client(port, requests, until, made, keep) for _ in range(clients)))

    began = time.monotonic()
    asyncio.run(all_clients())
    made.seconds = time.monotonic() - began
    return made


if __name__ == "__main__":
    sys.exit("import me")
