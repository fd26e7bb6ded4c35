"""What the sandbox remembers: objects, kept answers, and a journal that survives a restart."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Object = dict[str, Any]

PREFIXES = {
    "checkout.session": "cs_test_",
    "payment_intent": "pi_",
    "charge": "ch_",
    "refund": "re_",
    "dispute": "du_",
    "balance_transaction": "txn_",
    "event": "evt_",
    "item": "li_",
}


class Store:
    """Objects are changed only inside `writing()`; one block is one line of the journal."""

    def __init__(self, journal: Path | None = None) -> None:
        self.objects: dict[str, dict[str, Object]] = {kind: {} for kind in PREFIXES}
        self.answers: dict[str, tuple[str, int, str]] = {}
        self._lock = threading.RLock()
        self._changed: dict[tuple[str, str], Object] = {}
        self._kept: dict[str, tuple[str, int, str]] = {}
        self._depth = 0
        self._journal = None
        if journal is not None:
            journal.parent.mkdir(parents=True, exist_ok=True)
            self._load(journal)
            self._journal = journal.open("a", encoding="utf-8")

    def _load(self, journal: Path) -> None:
        if not journal.exists():
            return
        text = journal.read_text(encoding="utf-8")
        for line in text.splitlines():
            try:
                entry = json.loads(line)
            except ValueError:  # the line that was being written when the process was killed
                continue
            for kind, thing in entry["objects"]:
                self.objects[kind][thing["id"]] = thing
            self.answers.update({key: tuple(value) for key, value in entry["answers"].items()})
        if text and not text.endswith("\n"):
            journal.write_text(text[: text.rfind("\n") + 1], encoding="utf-8")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One effect at a time; nested blocks belong to the outer one."""
        with self._lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._write()

    def _write(self) -> None:
        if self._journal is not None and (self._changed or self._kept):
            objects = [(kind, thing) for (kind, _), thing in self._changed.items()]
            line = json.dumps({"objects": objects, "answers": self._kept}, ensure_ascii=False)
            self._journal.write(line + "\n")
            self._journal.flush()
        self._changed.clear()
        self._kept.clear()

    def put(self, kind: str, thing: Object) -> Object:
        with self.writing():
            self.objects[kind][thing["id"]] = thing
            self._changed[kind, thing["id"]] = thing
        return thing

    def change(self, kind: str, thing: Object, **values: Any) -> Object:
        """A changed copy takes the place of the object, so that answers being sent stay whole."""
        return self.put(kind, {**thing, **values})

    def keep_answer(self, key: str, request: str, status: int, body: str) -> None:
        with self.writing():
            self.answers[key] = self._kept[key] = (request, status, body)

    def get(self, kind: str, identity: Any) -> Object | None:
        return self.objects[kind].get(identity)

    def all(self, kind: str) -> list[Object]:
        """Oldest first."""
        with self._lock:
            return list(self.objects[kind].values())

    def close(self) -> None:
        with self._lock:
            if self._journal is not None:
                self._journal.close()
                self._journal = None


def new_id(kind: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return PREFIXES[kind] + "".join(secrets.choice(alphabet) for _ in range(24))
