"""`make run`: the whole product in one process group; `... run flask ARGS` in its settings."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.sandbox.database import FLASK, ROOT, cast, prepare_database
from tests.sandbox.settings import HOST, CannotStart, Settings

TROUBLE = re.compile(r"\b(ERROR|CRITICAL|FATAL)\b|Traceback \(most recent", re.IGNORECASE)
READY_SECONDS = 60.0
LOG_BYTES = 5_000_000


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
                # a traceback goes on in indented lines and ends with the name of the error
                trouble = bool(TROUBLE.search(text))
                if trouble or told:
                    print(f"[{self.name}] {text}", file=sys.stderr, flush=True)
                told = "Traceback" in text or (told and text.startswith((" ", "\t")))

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
            *("--state", str(settings.card_journal)),
        ],
        "mailbox": [
            *python,
            *("tests.sandbox.mailbox", "--smtp-port", str(ports["smtp"])),
            *("--http-port", str(ports["mailbox"]), "--folder", str(settings.data / "mail")),
        ],
    }


WEBHOOK_PATH = "/payments/stripe/webhook"


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
        # Ctrl-C reaches the whole group, and a server that is asked twice may hang half-way down.
        if not self._some_end(0.4):
            for child in self.children:
                child.process.terminate()
        end = time.monotonic() + 10
        for child in self.children:
            try:
                child.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                _kill(child.process.pid)
                child.process.wait()

    def _some_end(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._dead():
                return self.asked_to_end.is_set()
            time.sleep(0.02)
        return False


def _kill(pid: int) -> None:
    """A process and what it started, without asking."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    inner = listed.read_text().split() if listed.exists() else []
    for one in (pid, *map(int, inner)):
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue


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
