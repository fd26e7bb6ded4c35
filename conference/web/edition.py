"""Loads the edition of /<edition_code>/… once, and fills it in when addresses are built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, abort, g


def init_app(app: Flask, load: Callable[[str], Any]) -> None:
    """`load` answers the edition with a code, or None."""

    @app.url_value_preprocessor
    def pull(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.edition = None
        if values and "edition_code" in values:
            g.edition = load(values.pop("edition_code"))
            if g.edition is None:
                abort(404)

    @app.url_defaults
    def push(endpoint: str, values: dict[str, Any]) -> None:
        edition = g.get("edition")
        if "edition_code" in values or edition is None:
            return
        if app.url_map.is_endpoint_expecting(endpoint, "edition_code"):
            values["edition_code"] = edition.code
