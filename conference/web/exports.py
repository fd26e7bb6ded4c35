"""Tables to take away: CSV and Excel, where no cell can become a formula.

A file is written to disk first and then sent piece by piece: a list of 100,000 rows needs no more
memory than one of ten, and a slow reader holds no transaction open.
"""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from flask import Response
from werkzeug.wsgi import FileWrapper

from conference.core.text import to_csv_cell
from conference.web.headers import send_download

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY = 1024 * 1024
LOOKED_AT = 200  # rows that decide how wide a column is
WIDEST = 60


def as_csv(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A CSV file (RFC 4180) with a byte order mark, so that spreadsheets read its letters."""
    file = _file()
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow([to_csv_cell(str(cell)) for cell in head])
    writer.writerows([to_csv_cell(_plain(cell)) for cell in row] for row in rows)
    text.detach()
    return _sent(file, f"{name}.csv", CSV)


def as_xlsx(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """An Excel file of one sheet with a frozen head."""
    import xlsxwriter

    file = _file()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    coming = iter(rows)
    seen = [list(map(_plain, row)) for row in itertools.islice(coming, LOOKED_AT)]
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        for at, title in enumerate(head):
            width = max(len(str(cell)) for cell in [title, *(row[at] for row in seen)])
            sheet.set_column(at, at, min(width, WIDEST) + 2)
        sheet.freeze_panes(1, 0)
        titles = [to_csv_cell(str(title)) for title in head]
        sheet.write_row(0, 0, titles, book.add_format({"bold": True}))
        plain = itertools.chain(seen, (map(_plain, row) for row in coming))
        for number, row in enumerate(plain, start=1):
            for at, cell in enumerate(row):
                if isinstance(cell, int | float | Decimal):
                    sheet.write_number(number, at, cell)
                elif cell is not None:
                    sheet.write_string(number, at, to_csv_cell(cell))
    return _sent(file, f"{name}.xlsx", XLSX)


def _file() -> IO[bytes]:
    """In memory while it is small; closed, and thereby gone, when the answer is sent."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)


def _sent(file: IO[bytes], name: str, content_type: str) -> Response:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size <= IN_MEMORY:
        with file:
            return send_download(file.read(), name=name, content_type=content_type)
    response = send_download(b"", name=name, content_type=content_type)
    response.response = FileWrapper(file)
    response.headers["Content-Length"] = str(size)
    response.call_on_close(file.close)
    return response


def _plain(cell: Any) -> Any:
    """Numbers stay numbers; instants lose nothing; everything else is text."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if cell is None or isinstance(cell, int | float | Decimal):
        return cell
    return str(cell)
