"""What an e-mail address looks like; whether it works only the mail we send can tell."""

from __future__ import annotations

import re

LONGEST = 254
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}"
_TOP = r"[^\W\d_][\w-]{0,61}[^\W_]"
_ADDRESS = re.compile(rf"{_LOCAL}@(?:{_LABEL}\.)+{_TOP}")


def is_address(text: str) -> bool:
    """Whether mail could go there: one @, a domain with a dot, nothing that breaks a header."""
    if len(text) > LONGEST or ".." in text or not _ADDRESS.fullmatch(text):
        return False
    local = text.partition("@")[0]
    return not (local.startswith(".") or local.endswith("."))
