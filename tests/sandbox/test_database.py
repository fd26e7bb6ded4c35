"""`make run` with a new data folder: the sample is there, and the card provider knows its money."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from tests.conftest import TEST_ALL
from tests.sandbox.database import prepare_database
from tests.sandbox.settings import Settings
from tests.sandbox.stripe.store import Store


@pytest.mark.skipif(not TEST_ALL, reason="fills a whole sample: only with TEST_ALL=1")
def test_new_demo_can_give_card_payments_of_the_sample_back(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings = Settings()
    prepare_database(settings, {**os.environ, **settings.environment()})
    with sqlite3.connect(tmp_path / "conference.sqlite3") as connection:
        paid = connection.execute(
            "SELECT payment_intent FROM checkout_attempt WHERE state = 'succeeded'"
        )
        wanted = {row[0] for row in paid}
    store = Store(settings.card_journal)
    known = {charge["payment_intent"] for charge in store.all("charge")}
    store.close()
    assert known == wanted != set()
