"""The yardstick: a Flask page that does nothing, under the same server."""

from __future__ import annotations

from flask import Flask

app = Flask("bare", static_folder=None)
PAGE = "<!DOCTYPE html><html lang='en'><title>Bare</title><h1>Bare</h1>" + "<p>Hello.</p>" * 20


@app.get("/healthz")
@app.get("/")
def page() -> str:
    """A small page of HTML."""
    return PAGE
