"""Ports, secrets, data folder and environment of one run of the product."""

from __future__ import annotations

import json
import os
import secrets
import socket
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"


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
            prefix = "whsec_" if name == "STRIPE_WEBHOOK_SECRET" else ""
            kept.setdefault(name, prefix + secrets.token_urlsafe(48))
        path = self.data / "secrets.json"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(kept, file)
        return kept

    @property
    def card_journal(self) -> Path:
        """What the card provider remembers from start to start."""
        return self.data / "stripe.jsonl"

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
            # The supervisor and the card provider knock here, whatever BASE_URL the caller has set.
            "ALLOWED_HOSTS": HOST,
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
