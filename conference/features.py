"""Hangs the features' pages, hooks and jobs on the application; the only importer of pages."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Import every feature's pages and register their blueprints, lower features first."""
