"""Addresses of built files: logical name → hashed file, from the manifest of the build."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from config import ROOT

STATIC = ROOT / "static"


@cache
def _manifest(path: Path, changed_ns: int) -> dict[str, str]:
    names: dict[str, str] = json.loads(path.read_text())
    return names


def asset(name: str) -> str:
    """The address of a built file; a picture that is not built is served as it is."""
    path = STATIC / "dist" / "manifest.json"
    try:
        names = _manifest(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        names = {}
    if name in names:
        return f"/static/dist/{names[name]}"
    return f"/static/{name}"
