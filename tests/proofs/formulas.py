"""Every export of a poisoned database, read again: no live formula, and all text comes back."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from conference.core.text import from_csv_cell
from conference.extensions import db
from tests import access_world, factories
from tests.access_table import TABLE
from tests.measures import proof
from tests.proofs._doors import Doors

POISON = (
    "=1+1",
    "+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1+1",
    " =1+1",
    '=HYPERLINK("http://x","y")',
    "'=1",
    "\uff1d1+1",
)
LIVE = re.compile(r"^[\s\x00]*[=+\-@\uff1d\uff0b\uff0d\uff20]")


class Poisoned(Doors):
    """An edition whose every name and answer tries to be a formula."""

    def poison(self) -> list[str]:
        """Fill all text columns of registrations and organisations; answers the texts planted."""
        edition = db.session.merge(self.own.edition)
        question = factories.make_question(edition, key="wish", kind="short_text")
        kind = factories.make_ticket_type(edition, name={"en": "=cmd()", "sr": "=cmd()"})
        checkin_list = factories.make_checkin_list(edition, name={"en": "@list", "sr": "@list"})
        for bad in POISON:
            organisation = factories.make_organisation(name=bad, seat=bad)
            factories.make_registration(
                edition,
                ticket_type=kind,
                given_name=bad,
                family_name=bad,
                latin_name=bad,
                organisation=organisation,
                organisation_name=bad,
                position=bad,
                diet=bad,
                accessibility=bad,
                answers={question.key: bad},
            )
        db.session.commit()
        self.lists = [checkin_list.public_id]
        db.session.remove()
        return list(POISON)


def _cells_of_csv(content: bytes) -> list[Any]:
    text = content.decode("utf-8-sig")
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row]


def _cells_of_xlsx(content: bytes) -> tuple[list[Any], int]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    formulas = sum(cell.data_type == "f" for cell in cells)
    return [cell.value for cell in cells if cell.value is not None], formulas


def _exports(doors: Poisoned) -> list[tuple[str, bytes, str]]:
    """Everything that answers with a table to take away: found by walking the routes."""
    found = []
    admin = next(actor for actor in doors.actors if actor.name == "administrator")
    owner = next(actor for actor in doors.actors if actor.owns)
    for rule in doors.app.url_map.iter_rules():
        if TABLE.get(rule.endpoint) in {"everybody", "key"}:
            continue
        values = {"edition_code": doors.code, **access_world.parameters(rule.endpoint, doors.own)}
        path = str(rule.rule)
        for name, value in values.items():
            path = re.sub(rf"<(?:[^<>]*:)?{name}>", value, path)
        actor = owner if TABLE.get(rule.endpoint) in {"own", "signed-in"} else admin
        for form in ("csv", "xlsx"):
            for which in ("registrations", "kitchen", "access", "all", ""):
                for method in sorted(rule.methods & {"GET", "POST"}):
                    looks = (
                        "export" in rule.endpoint or "take_away" in rule.endpoint or ".csv" in path
                    )
                    if not looks:
                        continue
                    values_sent = {"format": form, "kind": form, "what": which, "list": which}
                    sent = {"query_string" if method == "GET" else "data": values_sent}
                    answer = doors.ask(actor, method, path, **sent)
                    if answer.status_code == 200 and "attachment" in answer.headers.get(
                        "Content-Disposition", ""
                    ):
                        found.append((path, answer.data, answer.content_type))
    unique = {(path, kind, len(data)): (path, data, kind) for path, data, kind in found}
    return list(unique.values())


@proof("formulas")
def formulas() -> tuple[dict[str, Any], bool]:
    """Exports found by walking the routes, as CSV and XLSX."""
    doors = Poisoned()
    planted = doors.poison()
    live = cells = restored = 0
    kinds = set()
    for path, content, content_type in _exports(doors):
        if "csv" in content_type:
            values = _cells_of_csv(content)
            live += sum(1 for v in values if LIVE.match(v) and not re.fullmatch(r"-?[\d.,]+", v))
            restored += sum(
                from_csv_cell(v).strip() in {p.strip() for p in planted} for v in values
            )
            kinds.add(f"csv {path}")
        else:
            values, formulas_found = _cells_of_xlsx(content)
            live += formulas_found
            restored += sum(
                str(v).lstrip("'").strip() in {p.strip() for p in planted} for v in values
            )
            kinds.add(f"xlsx {path}")
        cells += len(values)
    for kind in sorted(kinds):
        print("  export:", kind)
    unguarded = sum(1 for text in planted if LIVE.match(text))
    figures = {
        "exports": len(kinds),
        "cells": cells,
        "live_formulas": live,
        "planted_texts_restored": restored,
        "live_if_written_plainly": unguarded,
    }
    return figures, live == 0 and len(kinds) >= 3 and restored > 0 and unguarded > 0
