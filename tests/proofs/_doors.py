"""A world of objects and people in one process, and a way to knock that leaves no trace."""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.update(CONFERENCE_ENV="test", SECRET_KEY="t" * 40, BASE_URL="http://localhost")

from flask import g
from sqlalchemy.exc import SAWarning

from conference.accounts import current, sessions
from conference.app import create_app
from conference.editions.states import EditionState
from conference.extensions import db
from tests import access_cast, access_world, databases, factories
from tests.access_cast import Actor
from tests.conftest import SETTINGS

SHARES = 2


def in_shares(work: Callable[[int], Any], count: int = SHARES) -> list[Any]:
    """What `work(0)` … `work(count - 1)` answer, each in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        return pool.map(work, range(count))


class Doors:
    """One world and everybody in it."""

    def __init__(self, *, quiet: bool = True) -> None:
        if quiet:
            logging.disable(logging.CRITICAL)
        warnings.simplefilter("error", SAWarning)  # such as tables multiplied with each other
        folder = Path(tempfile.mkdtemp(prefix="conference-access-"))
        self.folder = folder
        url = databases.fresh("sqlite", folder)
        self.app = create_app(
            SQLALCHEMY_DATABASE_URI=url,
            DATA_DIR=folder,
            FILES_DIR=folder / "files",
            **{**SETTINGS, "PROPAGATE_EXCEPTIONS": False},
        )
        self.app.app_context().push()
        db.create_all()
        owner, other_owner = factories.make_person(), factories.make_person()
        self.own = access_world.fill(owner)
        self.other = access_world.fill(other_owner)
        draft = {"state": EditionState.DRAFT, "published_at": None}
        self.draft = access_world.fill(owner, **draft)
        self.actors = access_cast.cast(self.own, self.other, owner)
        self.code = self.own.code
        self.cookies = {actor.name: self._cookie(actor) for actor in self.actors}
        db.session.commit()
        db.session.remove()
        self._files = {path: path.read_bytes() for path in (folder / "files").iterdir()}
        engines = db._app_engines[self.app]
        self.connection = engines[None].connect()
        self.connection.begin()
        engines[None] = self.connection
        db.session.configure(join_transaction_mode="create_savepoint")
        self._client = self.app.test_client(use_cookies=False)

    def _cookie(self, actor: Actor) -> dict[str, str]:
        """The header that says who knocks."""
        if actor.person is None:
            return {}
        key = sessions.begin(
            actor.person,
            method="link",
            browser="proof",
            address="127.0.0.1",
            second_factor=actor.second_factor,
        )
        signer = self.app.session_interface.get_signing_serializer(self.app)
        return {"Cookie": f"session={signer.dumps({current.KEY: key})}"}

    def actor(self, name: str) -> Actor:
        """Somebody of the cast."""
        return next(actor for actor in self.actors if actor.name == name)

    def ask(self, actor: Actor, method: str, path: str, **request: Any) -> Any:
        """The answer to one request; whatever it changed is taken back."""
        headers = {**self.cookies[actor.name], **request.pop("headers", {})}
        for name in list(g):  # all requests share the context that was pushed in the beginning
            g.pop(name)
        trial = self.connection.begin_nested()
        try:
            return self._client.open(path, method=method, headers=headers, **request)
        finally:
            db.session.remove()
            trial.rollback()
            if method not in {"GET", "HEAD"}:
                self._put_files_back()

    def _put_files_back(self) -> None:
        for path, content in self._files.items():
            if not path.exists():
                path.write_bytes(content)

    def knock(self, actor: Actor, method: str, path: str) -> tuple[int, str]:
        """Status and Location of an empty request."""
        answer = self.ask(actor, method, path)
        return answer.status_code, answer.headers.get("Location", "")

    def close(self) -> None:
        """Remove the world's folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
