"""Switches by which a test makes Stripe unreliable: lost answers, delays, errors."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass
class Faults:
    """Counts run down to nothing; `path` limits all of them to addresses that begin so."""

    drop_answer_after_effect: int = 0
    drop_before_effect: int = 0
    fail_before_effect: int = 0
    fail_after_effect: int = 0
    status: int = 500
    delay_ms: int = 0
    path: str = "/v1"
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def set(self, values: dict[str, Any]) -> None:
        known = {entry.name: entry for entry in fields(self) if not entry.name.startswith("_")}
        for name, value in values.items():
            if name not in known:
                raise KeyError(name)
            setattr(self, name, str(value) if name == "path" else int(value))

    def clear(self) -> None:
        self.set({entry.name: entry.default for entry in fields(self) if entry.name[0] != "_"})

    def covers(self, path: str) -> bool:
        return path.startswith(self.path)

    def take(self, name: str) -> bool:
        """Whether this one is struck, and one less is left."""
        with self._lock:
            left = getattr(self, name)
            if left > 0:
                setattr(self, name, left - 1)
            return bool(left > 0)
