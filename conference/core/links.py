"""Absolute addresses for mails and papers: from the configured base, never from a request."""

from __future__ import annotations

from urllib.parse import quote

_base = "http://127.0.0.1:5000"


def set_base(url: str) -> None:
    """Told once by the application factory."""
    global _base
    _base = url.rstrip("/")


def to(*parts: str) -> str:
    """The address of a path given in parts, each part quoted: to('sign-in', token)."""
    return "/".join([_base, *(quote(part, safe="") for part in parts)])
