"""Backup and restore: a consistent copy of database and files, checked by hash when it comes back.

A restored copy sends no mail and moves no money until `flask resume` says that it is the real one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from conference import schema
from conference.accounts import erasures
from conference.accounts.erasures import JOURNAL
from conference.core import clock
from conference.extensions import db

HOLD = "restored"
MANIFEST = "manifest.json"


class BackupError(RuntimeError):
    """What went wrong, in words for the operator."""


def is_held(app: Flask) -> bool:
    """Whether this is a restored copy that must not act on the outside world yet."""
    return bool((app.config["DATA_DIR"] / HOLD).exists())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _dump(app: Flask, target: Path) -> str:
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite":
        source = sqlite3.connect(str(url.database))
        copy = sqlite3.connect(target)
        with copy:
            source.backup(copy)
        copy.close()
        source.close()
        return "sqlite"
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    _run(["pg_dump", "--format=custom", f"--file={target}", plain])
    return "postgresql"


def _run(command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        raise BackupError(f"{command[0]} is not installed here; it comes with PostgreSQL")
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{command[0]}: {done.stderr.strip()[-300:]}")


def backup(app: Flask, target: Path) -> dict[str, Any]:
    """Write one .tar: database, files, who was erased, and a manifest of hashes, answered."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        work = Path(folder)
        data: Path = app.config["DATA_DIR"]
        with app.app_context():
            erasures.copy_out(data)
            db.session.rollback()  # it has only read
        (work / JOURNAL).touch()
        if (data / JOURNAL).exists():
            shutil.copyfile(data / JOURNAL, work / JOURNAL)
        kind = _dump(app, work / "database")
        files: Path = app.config["FILES_DIR"]
        names = sorted(p.name for p in files.iterdir() if p.is_file()) if files.exists() else []
        manifest = {
            "made_at": clock.now().isoformat(),
            "database": kind,
            "sha256": {
                "database": _sha256(work / "database"),
                JOURNAL: _sha256(work / JOURNAL),
                **{f"files/{name}": _sha256(files / name) for name in names},
            },
        }
        (work / MANIFEST).write_text(json.dumps(manifest, indent=1))
        unfinished = target.with_suffix(".unfinished")
        with tarfile.open(unfinished, "w") as tar:
            tar.add(work / MANIFEST, MANIFEST)
            tar.add(work / "database", "database")
            tar.add(work / JOURNAL, JOURNAL)
            for name in names:
                tar.add(files / name, f"files/{name}")
        unfinished.chmod(0o600)
        unfinished.rename(target)
    return manifest


def restore(app: Flask, source: Path, erased: Path | None = None) -> dict[str, Any]:
    """Put a backup in place of an empty installation, after checking every hash; then hold it.

    Whoever was erased since is erased again: those of the journal that stands in DATA_DIR, of the
    backup's own, and of `erased`, a journal or a later backup of the same installation. `erased`
    in the answer says how many; None that `flask db upgrade` must come first.
    """
    data: Path = app.config["DATA_DIR"]
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data) as folder:
        work = Path(folder)
        with tarfile.open(source) as tar:
            tar.extractall(work, filter="data")
        manifest: dict[str, Any] = json.loads((work / MANIFEST).read_text())
        for name, expected in manifest["sha256"].items():
            if _sha256(work / name) != expected:
                raise BackupError(f"{name} is not what was backed up; nothing was changed")
        _refuse_if_used(app, manifest["database"])
        (data / HOLD).write_text("made by flask restore; flask resume ends it\n")
        _load(app, work / "database", manifest["database"])
        files: Path = app.config["FILES_DIR"]
        files.mkdir(parents=True, exist_ok=True)
        for path in sorted((work / "files").glob("*")):
            os.replace(path, files / path.name)
        erasures.add(data / JOURNAL, erasures.read(work / JOURNAL).items())
        if erased is not None:
            erasures.add(data / JOURNAL, _erased_in(erased, work).items())
    return {**manifest, "erased": erase_again(app)}


def _erased_in(source: Path, work: Path) -> dict[str, str]:
    if not tarfile.is_tarfile(source):
        return erasures.read(source)
    with tarfile.open(source) as tar:
        if JOURNAL not in tar.getnames():
            raise BackupError(f"{source.name} was made before erasures were kept with backups")
        later = work / "later"
        tar.extract(JOURNAL, later, filter="data")
    return erasures.read(later / JOURNAL)


def erase_again(app: Flask) -> int | None:
    """Erase whom the journal names and the database knows; None if its schema is an older one."""
    with app.app_context():
        try:
            if not _is_of_today():
                return None
            data: Path = app.config["DATA_DIR"]
            return erasures.erase_again(data, files=app.config["FILES_DIR"])
        finally:
            db.session.remove()
            db.engine.dispose()


def _is_of_today() -> bool:
    """Whether the tables are those of this version."""
    if "alembic_version" not in inspect(db.engine).get_table_names():
        return True  # made from the models
    version = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return bool(version == schema.newest())


def _refuse_if_used(app: Flask, kind: str) -> None:
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    backend = url.get_backend_name()
    if backend != kind:
        raise BackupError(f"the backup is of {kind}, this installation uses {backend}")
    with app.app_context():
        if inspect(db.engine).get_table_names():
            raise BackupError("this installation is in use; restore into an empty one")
        db.engine.dispose()


def _load(app: Flask, dump: Path, kind: str) -> None:
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if kind == "sqlite":
        shutil.copyfile(dump, Path(str(url.database)))
        return
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    _run(["pg_restore", "--exit-on-error", "--no-owner", f"--dbname={plain}", str(dump)])


def resume(app: Flask) -> bool:
    """Let a restored copy act again; answers whether it was held."""
    if erase_again(app) is None:
        raise BackupError("the database is of an older version: flask db upgrade, then resume")
    mark = app.config["DATA_DIR"] / HOLD
    was = bool(mark.exists())
    mark.unlink(missing_ok=True)
    return was
