"""Every export of a poisoned database, read again: no live formula, and all text comes back."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from conference.checkin.models import Scan, ScanResult
from conference.core import clock
from conference.core.model import new_public_id
from conference.core.money import Money
from conference.core.text import from_csv_cell
from conference.extensions import db
from conference.payments.models import EntryKind, Method
from conference.payments.service import ledger
from conference.registrations.models import OrderLine
from tests import access_paths, factories
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
    "a;=1+1",
    "a;b\t+1;'@c",
    "a\n-1+1\n =2",
)
LIVE = re.compile(r"^[\s\x00]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
SEPARATORS = ",;\t"
NUMBER = re.compile(r"-?[\d.,]+")
QUOTES = '"'
TABLES = ("csv", "spreadsheet", "excel")
LOOKS_LIKE_ONE = re.compile(r"\.(csv|xlsx)$|export|take_away")
AT_LEAST = 9  # registrations, meals, needs, movements as CSV and Excel; the log of a door


class Poisoned(Doors):
    """An edition whose every name and answer tries to be a formula."""

    def poison(self) -> None:
        """Fill all text columns of registrations, organisations, scans and what is asked."""
        edition = db.session.merge(self.own.edition)
        gate = db.session.query(factories.CheckinList).filter_by(edition_id=edition.id).one()
        for number, bad in enumerate(POISON):
            both = {"en": bad, "sr": bad}
            question = factories.make_question(
                edition, key=f"wish{number}", kind="short_text", label=both
            )
            kind = factories.make_ticket_type(edition, name=both)
            meal = factories.make_extra(edition, name=both, asks_diet=True)
            person = factories.make_person(given_name=bad, family_name=bad)
            named = {"given_name": bad, "family_name": bad, "latin_name": bad}
            registration = factories.make_registration(
                edition,
                ticket_type=kind,
                **named,
                email=f"{number}@example.org",
                organisation=factories.make_organisation(name=bad, seat=bad),
                organisation_name=bad,
                position=bad,
                diet=bad,
                accessibility=bad,
                answers={question.key: bad},
            )
            scan = Scan(
                uid=new_public_id(),
                edition_id=edition.id,
                list_id=gate.id,
                registration_id=registration.id,
                on_date=factories.on_day(0),
                result=ScanResult.VALID,
                scanned_at=clock.now(),
                by_id=person.id,
                device=bad,
            )
            line = OrderLine(
                order_id=registration.order_id,
                registration_id=registration.id,
                extra_id=meal.id,
                text=both,
                amount_minor=0,
            )
            db.session.add_all([scan, line])
            order = registration.order
            order.invoice_name = bad
            ledger.add(
                order=order,
                kind=EntryKind.PAYMENT,
                amount=Money(100, order.currency),
                method=Method.TRANSFER,
                source=new_public_id(),
                booked_on=factories.on_day(0),
                note=bad,
            )
        db.session.commit()
        db.session.remove()


class _Ways(HTMLParser):
    """What a page offers to take away: links, and buttons of forms."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, str]]] = []
        self._action = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._action = values.get("action", "")
        elif tag == "a" and re.search(r"csv|xlsx|export", values.get("href", "")):
            self.found.append(("GET", values["href"], {}))
        elif tag == "button" and re.search(r"csv|xlsx", values.get("value", "")):
            self.found.append(("POST", self._action, {values["name"]: values["value"]}))


def _exports(doors: Poisoned) -> tuple[dict[str, tuple[str, bytes]], set[str]]:
    """Everything that a page offers as a table, and the routes that look like one but were not."""
    admin = doors.actor("administrator")
    ways: dict[str, tuple[str, str, dict[str, str]]] = {}
    expected = set()
    for rule in doors.app.url_map.iter_rules():
        if LOOKS_LIKE_ONE.search(rule.endpoint) or LOOKS_LIKE_ONE.search(rule.rule):
            expected.add(rule.endpoint)
        if "GET" not in rule.methods or not TABLE[rule.endpoint].isupper():
            continue
        values = {"edition_code": doors.code, **access_paths.parameters(rule.endpoint, doors.own)}
        known = {name: value for name, value in values.items() if name in rule.arguments}
        path = doors.app.url_map.bind("localhost").build(rule.endpoint, known)
        answer = doors.ask(admin, "GET", path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            reader = _Ways()
            reader.feed(answer.text)
            for method, href, fields in reader.found:
                ways[f"{method} {urljoin(path, href)} {fields}"] = (
                    method,
                    urljoin(path, href),
                    fields,
                )
    found: dict[str, tuple[str, bytes]] = {}
    for name, (method, path, fields) in ways.items():
        answer = doors.ask(admin, method, path, **({"data": fields} if fields else {}))
        if answer.status_code == 200 and any(kind in answer.content_type for kind in TABLES):
            adapter = doors.app.url_map.bind("localhost")
            expected.discard(adapter.match(path.split("?")[0], method=method)[0])
            found[name] = (answer.content_type, answer.data)
    return found, expected


def _cells_of_csv(content: bytes, separator: str = ",") -> list[str]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    cells = [cell for row in csv.reader(text, delimiter=separator) for cell in row]
    return cells if separator == "," else [cell.strip(QUOTES) for cell in cells]


def _live(cells: list[str]) -> int:
    return sum(1 for cell in cells if LIVE.match(cell) and not NUMBER.fullmatch(cell))


def _cells_of_xlsx(content: bytes) -> tuple[list[str], int]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    formulas = sum(cell.data_type == "f" for cell in cells)
    return [str(cell.value) for cell in cells if cell.value is not None], formulas


@proof("formulas")
def formulas() -> tuple[dict[str, Any], bool]:
    """Exports found by walking the pages, as CSV and XLSX."""
    doors = Poisoned()
    doors.poison()
    exports, unfound = _exports(doors)
    live = cells = 0
    back: set[str] = set()
    for name, (content_type, content) in exports.items():
        print("  export:", name)
        if "csv" in content_type:
            values = _cells_of_csv(content)
            # Half of Europe's spreadsheets cut at semicolons, whatever the file says.
            live += sum(_live(_cells_of_csv(content, cut)) for cut in SEPARATORS)
        else:
            values, formulas_found = _cells_of_xlsx(content)
            live += formulas_found + _live(values)
        cells += len(values)
        back |= {from_csv_cell(value).strip() for value in values}
    for endpoint in sorted(unfound):
        print("  not found on any page:", endpoint)
    planted = {text.strip() for text in POISON}
    plainly = io.StringIO()
    csv.writer(plainly).writerows([text] for text in POISON)
    written = plainly.getvalue().encode()
    unguarded = max(_live(_cells_of_csv(written, cut)) for cut in SEPARATORS)
    figures = {
        "exports": len(exports),
        "cells": cells,
        "live_formulas": live,
        "texts_planted": len(planted),
        "texts_restored": len(planted & back),
        "live_if_written_plainly": unguarded,
    }
    doors.close()
    right = live == 0 and not unfound and planted <= back
    return figures, right and len(exports) >= AT_LEAST and unguarded > 0
