"""The demo's database: upgraded when it is behind, seeded when it is new."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.sandbox.settings import CannotStart, Settings

ROOT = Path(__file__).resolve().parents[2]
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]


def prepare_database(settings: Settings, environment: dict[str, str]) -> None:
    """Upgrade when the schema is behind; seed when the database is new."""
    unseeded = settings.data / "unseeded"
    have, head = _revision(environment["DATABASE_URL"]), _head()
    if have is None:
        unseeded.touch()
    if have is None or have != head:
        print("Preparing the database ...", flush=True)
        _flask(environment, "db", "upgrade")
    if unseeded.exists():
        print("Filling it with the sample edition ...", flush=True)
        _flask(environment, "seed")
        _tell_the_card_provider(settings, environment)
        unseeded.unlink()
        (settings.data / "cast.txt").unlink(missing_ok=True)


def _tell_the_card_provider(settings: Settings, environment: dict[str, str]) -> None:
    """Card payments of the sample must be known to the sandbox, so that they can be given back."""
    command = [sys.executable, "-m", "tests.sandbox.stripe.history", str(settings.card_journal)]
    _run(command, environment)


def _revision(url: str) -> str | None:
    """The migration the database stands at; "?" when only the product can tell."""
    if not url.startswith("sqlite:///"):
        return _revision_elsewhere(url)
    path = Path(url.removeprefix("sqlite:///"))
    if not path.exists():
        return None
    with sqlite3.connect(path) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
    return str(row[0]) if row else None


def _revision_elsewhere(url: str) -> str | None:
    from sqlalchemy import create_engine, inspect

    engine = create_engine(re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url))
    try:
        return "?" if inspect(engine).has_table("alembic_version") else None
    finally:
        engine.dispose()


def _head() -> str | None:
    """The newest migration, read from the files: asking Alembic costs a second."""
    pattern = re.compile(r"^(down_)?revision(?::[^=]+)?\s*=\s*['\"]([^'\"]+)['\"]", re.MULTILINE)
    names: set[str] = set()
    parents: set[str] = set()
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        for down, name in pattern.findall(path.read_text(encoding="utf-8")):
            (parents if down else names).add(name)
    heads = names - parents
    return heads.pop() if len(heads) == 1 else None


def _flask(environment: dict[str, str], *arguments: str) -> str:
    return _run([*FLASK, *arguments], environment)


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise CannotStart(f"`{' '.join(command[2:])}` failed; what it said is above.")
    return done.stdout


def cast(settings: Settings, environment: dict[str, str]) -> str:
    """Who can sign in; kept, since asking costs a second and the answer stays."""
    kept = settings.data / "cast.txt"
    if not kept.exists():
        kept.write_text(_flask(environment, "cast"), encoding="utf-8")
    return kept.read_text(encoding="utf-8").strip()
