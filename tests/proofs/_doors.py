"""A world of objects and people in one process, and a way to knock that leaves no trace."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from typing import Any

os.environ.update(CONFERENCE_ENV="test", SECRET_KEY="t" * 40, BASE_URL="http://localhost")

from conference.accounts import current, sessions
from conference.app import create_app
from conference.extensions import db
from tests import access_world, databases, factories
from tests.access_world import Actor
from tests.conftest import SETTINGS


class Doors:
    """One world and everybody in it."""

    def __init__(self, *, quiet: bool = True) -> None:
        if quiet:
            logging.disable(logging.CRITICAL)
        folder = Path(tempfile.mkdtemp(prefix="conference-access-"))
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
        self.actors = access_world.cast(self.own, self.other, owner)
        self.code = self.own.edition.code
        self.keys = {actor.name: self._key(actor) for actor in self.actors}
        db.session.commit()
        db.session.remove()
        engines = db._app_engines[self.app]
        self.connection = engines[None].connect()
        self.connection.begin()
        engines[None] = self.connection
        db.session.configure(join_transaction_mode="create_savepoint")

    def _key(self, actor: Actor) -> str | None:
        if actor.person is None:
            return None
        return sessions.begin(
            actor.person,
            method="link",
            browser="proof",
            address="127.0.0.1",
            second_factor=actor.second_factor,
        )

    def cookie(self, actor: Actor) -> dict[str, str]:
        """The header that says who knocks."""
        key = self.keys[actor.name]
        if key is None:
            return {}
        signer = self.app.session_interface.get_signing_serializer(self.app)
        return {"Cookie": f"session={signer.dumps({current.KEY: key})}"}

    def ask(self, actor: Actor, method: str, path: str, **request: Any) -> Any:
        """The answer to one request; whatever it changed is taken back."""
        headers = {**self.cookie(actor), **request.pop("headers", {})}
        trial = self.connection.begin_nested()
        try:
            client = self.app.test_client(use_cookies=False)
            return client.open(path, method=method, headers=headers, **request)
        finally:
            db.session.remove()
            trial.rollback()

    def knock(self, actor: Actor, method: str, path: str) -> tuple[int, str]:
        """Status and Location of an empty request."""
        answer = self.ask(actor, method, path)
        return answer.status_code, answer.headers.get("Location", "")
