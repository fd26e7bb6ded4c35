"""`make run`: the whole product in one foreground process group. `... run flask ARGS` runs one command in the same settings."""

from __future__ import annotations

import ctypes
import json
import os
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
TROUBLE = re.compile(r"\b(ERROR|CRITICAL|FATAL)\b|Traceback \(most recent", re.IGNORECASE)
READY_SECONDS = 60.0
LOG_BYTES = 5_000_000


class CannotStart(Exception):
    """Said in words, without a traceback."""


class Settings:
    """Where this run keeps its data and which ports and secrets it uses."""

    def __init__(self) -> None:
        self.data = Path(os.environ.get("DATA_DIR") or "var").resolve()
        self.port = _port_number(os.environ.get("PORT") or "5000")
        self.data.mkdir(parents=True, exist_ok=True)
        self.logs = self.data / "logs"
        self.logs.mkdir(exist_ok=True)
        self.secrets = self._secrets()
        self.ports = self._kept("ports.json")

    def _kept(self, name: str) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = json.loads((self.data / name).read_text())
        except (FileNotFoundError, ValueError):
            kept = {}
        return kept

    def _secrets(self) -> dict[str, str]:
        kept = self._kept("secrets.json")
        for name in ("SECRET_KEY", "BADGE_SECRET", "STRIPE_WEBHOOK_SECRET"):
            kept.setdefault(name, secrets.token_urlsafe(48))
        path = self.data / "secrets.json"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(kept, file)
        return kept

    def choose_ports(self) -> None:
        """The product's own port must be free; its helpers take theirs of last time or any."""
        if not _is_free(self.port):
            raise CannotStart(
                f"Port {self.port} is taken on this machine. Choose another: make run PORT=5080"
            )
        taken = {self.port}
        for number, name in enumerate(("stripe", "smtp", "mailbox"), start=1):
            wanted = self.ports.get(name, self.port + number)
            while wanted in taken or not _is_free(wanted):
                wanted = _any_port()
            self.ports[name] = wanted
            taken.add(wanted)
        (self.data / "ports.json").write_text(json.dumps(self.ports))

    def environment(self) -> dict[str, str]:
        stripe = f"http://{HOST}:{self.ports.get('stripe', 1)}"
        chosen = {
            "CONFERENCE_ENV": "demo",
            "DATABASE_URL": f"sqlite:///{self.data / 'conference.sqlite3'}",
            "BASE_URL": f"http://{HOST}:{self.port}",
            "STRIPE_API_BASE": stripe,
            "STRIPE_CHECKOUT_ORIGIN": stripe,
            "STRIPE_SECRET_KEY": "sk_test_sandbox",
            "MAIL_SERVER": HOST,
            "MAIL_PORT": str(self.ports.get("smtp", 1)),
            "MAILBOX_URL": f"http://{HOST}:{self.ports.get('mailbox', 1)}/",
            **self.secrets,
        }
        # What the caller has set wins, except where data lies: that was made absolute.
        return {**chosen, **os.environ, "DATA_DIR": str(self.data), "PYTHONUNBUFFERED": "1"}


def _port_number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT is a number between 1 and 65535, not {text!r}")
    return int(text)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


# The database


def prepare_database(settings: Settings, environment: dict[str, str]) -> None:
    """Upgrade when the schema is behind; seed when the database is new."""
    unseeded = settings.data / "unseeded"
    have, head = _revision(environment["DATABASE_URL"]), _head()
    if have is None:
        unseeded.touch()
    if have is None or have != head:
        print("Preparing the database ...", flush=True)
        _flask(environment, "db", "upgrade")
    if unseeded.exists():
        print("Filling it with the sample edition ...", flush=True)
        _flask(environment, "seed")
        unseeded.unlink()
        (settings.data / "cast.txt").unlink(missing_ok=True)


def _revision(url: str) -> str | None:
    """The migration the database stands at, "?" when only the product can tell; cheap for SQLite."""
    if not url.startswith("sqlite:///"):
        return _revision_elsewhere(url)
    path = Path(url.removeprefix("sqlite:///"))
    if not path.exists():
        return None
    with sqlite3.connect(path) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
    return str(row[0]) if row else None


def _revision_elsewhere(url: str) -> str | None:
    from sqlalchemy import create_engine, inspect

    engine = create_engine(re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url))
    try:
        return "?" if inspect(engine).has_table("alembic_version") else None
    finally:
        engine.dispose()


def _head() -> str | None:
    """The newest migration, read from the files: asking Alembic costs a second."""
    pattern = re.compile(r"^(down_)?revision(?::[^=]+)?\s*=\s*['\"]([^'\"]+)['\"]", re.MULTILINE)
    names, parents = set(), set()
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        for down, name in pattern.findall(path.read_text(encoding="utf-8")):
            (parents if down else names).add(name)
    heads = names - parents
    return heads.pop() if len(heads) == 1 else None


def _flask(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [*FLASK, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise CannotStart(f"`flask {' '.join(arguments)}` failed; what it said is above.")
    return done.stdout


def cast(settings: Settings, environment: dict[str, str]) -> str:
    """Who can sign in; kept, since asking costs a second and the answer stays."""
    kept = settings.data / "cast.txt"
    if not kept.exists():
        kept.write_text(_flask(environment, "cast"), encoding="utf-8")
    return kept.read_text(encoding="utf-8").strip()


# The processes


class Child:
    """One process; its words go to a log file, its troubles also to the screen."""

    def __init__(
        self, name: str, command: list[str], settings: Settings, environment: dict[str, str]
    ) -> None:
        self.name = name
        self.log = settings.logs / f"{name}.log"
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=_end_with_parent,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        told = False
        with self.log.open("ab", buffering=0) as log:
            for line in self.process.stdout or ():
                log.write(line)
                text = line.decode(errors="replace").rstrip()
                told = bool(TROUBLE.search(text)) or (told and text.startswith((" ", "\t")))
                if told:
                    print(f"[{self.name}] {text}", file=sys.stderr, flush=True)

    def last_words(self) -> str:
        self._reader.join(timeout=1)
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-15:])


def _end_with_parent() -> None:
    """A killed supervisor must not leave servers behind; where the system can, it ends them."""
    if sys.platform == "linux":
        terminate_with_parent = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(terminate_with_parent, signal.SIGTERM)


def commands(settings: Settings) -> dict[str, list[str]]:
    """Name → command of each process of the product and of its surroundings."""
    ports = settings.ports
    python = [sys.executable, "-m"]
    hook = f"http://{HOST}:{settings.port}{os.environ.get('STRIPE_WEBHOOK_PATH', WEBHOOK_PATH)}"
    return {
        "web": [
            *python,
            *("granian", "--interface", "wsgi", "--host", HOST, "--port", str(settings.port)),
            *("--workers", "1", "--blocking-threads", "4", "--no-ws", "wsgi:app"),
        ],
        "worker": [*FLASK, "work"],
        "stripe": [
            *python,
            *("tests.sandbox.stripe", "--port", str(ports["stripe"]), "--webhook-url", hook),
            *("--state", str(settings.data / "stripe.jsonl")),
        ],
        "mailbox": [
            *python,
            *("tests.sandbox.mailbox", "--smtp-port", str(ports["smtp"])),
            *("--http-port", str(ports["mailbox"]), "--folder", str(settings.data / "mail")),
        ],
    }


WEBHOOK_PATH = "/webhooks/stripe"


class Supervisor:
    """Starts all, watches all, ends all."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.children: list[Child] = []
        self.asked_to_end = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.asked_to_end.set())

    def run(self) -> int:
        environment = self.settings.environment()
        prepare_database(self.settings, environment)
        for name, command in commands(self.settings).items():
            self.children.append(Child(name, command, self.settings, environment))
        try:
            if self._wait_until_ready():
                self._welcome(environment)
            while not self.asked_to_end.wait(0.2) and not self._dead():
                pass
            return self._report()
        finally:
            self._end()

    def _dead(self) -> Child | None:
        return next((one for one in self.children if one.process.poll() is not None), None)

    def _wait_until_ready(self) -> bool:
        end = time.monotonic() + READY_SECONDS
        findings = ""
        while time.monotonic() < end and not self.asked_to_end.is_set() and not self._dead():
            status, findings = self._ask("/readyz")
            if status == 404:
                status, findings = self._ask("/healthz")
            if status == 200:
                return all(self._answers(name) for name in ("stripe", "mailbox"))
            self.asked_to_end.wait(0.05)
        if not self.asked_to_end.is_set() and not self._dead():
            if self._ask("/healthz")[0] != 200:
                raise CannotStart(f"The product did not answer in {READY_SECONDS:.0f} seconds.")
            print(f"It answers, but says it is not ready: {findings}", file=sys.stderr, flush=True)
            return True
        return False

    def _ask(self, path: str) -> tuple[int, str]:
        url = f"http://{HOST}:{self.settings.port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            return error.code, error.read(300).decode(errors="replace")
        except OSError:
            return 0, "no answer"

    def _answers(self, name: str) -> bool:
        while not self.asked_to_end.is_set() and not self._dead():
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.settings.ports[name])) == 0:
                    return True
            self.asked_to_end.wait(0.05)
        return False

    def _welcome(self, environment: dict[str, str]) -> None:
        ports = self.settings.ports
        print(f"Ready: {environment['BASE_URL']}/", flush=True)
        try:
            print(f"\n{cast(self.settings, environment)}\n")
        except CannotStart as problem:
            print(problem, file=sys.stderr)
        print(f"E-mails of the demo:  http://{HOST}:{ports['mailbox']}/")
        print(f"Payments (sandbox):   http://{HOST}:{ports['stripe']}/")
        print(f"Logs:                 {self.settings.logs}")
        print("Ctrl-C ends everything.", flush=True)

    def _report(self) -> int:
        dead = self._dead()
        if dead is None or self.asked_to_end.is_set():
            print("\nEnding ...", flush=True)
            return 0
        words = f"{dead.name} ended by itself (exit {dead.process.returncode}). Its last words:"
        print(f"{words}\n{dead.last_words()}", file=sys.stderr, flush=True)
        return 1

    def _end(self) -> None:
        for child in self.children:
            if child.process.poll() is None:
                child.process.terminate()
        end = time.monotonic() + 10
        for child in self.children:
            try:
                child.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()


def main(arguments: list[str]) -> int:
    try:
        settings = Settings()
        if arguments[:1] == ["flask"]:
            environment = settings.environment()
            return subprocess.run([*FLASK, *arguments[1:]], cwd=ROOT, env=environment).returncode
        settings.choose_ports()
        return Supervisor(settings).run()
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
