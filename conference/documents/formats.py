"""How papers write dates and codes, the same on each of them."""

from __future__ import annotations

from conference.core.dates import day, days
from conference.documents import qr

__all__ = ["code", "day", "days"]


def code(text: str, alt: str) -> dict[str, object]:
    """A QR code as templates/papers/paper.typ draws it."""
    size, path = qr.path(text)
    return {"size": size, "path": path, "alt": alt}
