"""Lists: filter, sort, page by key, export. The same statements for 1, 3 and 300 rows.

A list is said once, beside its view, and read with what stands in the address:

    REGISTRATIONS = Table(
        lambda: select(Registration.public_id, Registration.sort_key, TicketType.name)
        .join(TicketType).where(Registration.edition_id == g.edition.id),
        key=Registration.public_id,            # unique and random: it may stand in an address
        sorts={"name": Registration.sort_key, "date": Registration.created_at},
        sort="name",                           # or "-date": newest first
        filters=[
            Search(Registration.search_key),
            Choice("state", lazy("State"), Registration.state, options=state_options),
        ],
    )

    page = REGISTRATIONS.page()                # two statements: the rows and how many there are
    page.rows  page.total  page.previous_url  page.next_url  page.filters  page.filtered
    for row in REGISTRATIONS.every(): …        # all that match, for an export

Select columns, not entities, and do not call the database again for a row. What is sorted by must
not be null (`func.coalesce`). `options` is called once per page and answers (value, label) pairs in
the reader's language; a value outside of them is ignored. `where` replaces `column == value`.
In a template (tables = "components/tables.html"):

    {% call tables.filters(page.url, query=page.query, reset_url=page.url, active=page.filtered) %}
      {{ tables.chosen(page) }}
    {% endcall %}
    {% call(row) tables.table(page.rows, [page.column(_("Name"), "name"), …], caption=…) %}
    {{ tables.pager(page.previous_url, page.next_url) }}
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import request, url_for
from sqlalchemy import ColumnElement, Enum, Row, Select, String, and_, cast, func, or_, select

from conference.core.text import search_terms
from conference.extensions import db

SIZE = 50
Options = Sequence[tuple[str, str]]
Where = Callable[[str], ColumnElement[bool]]
LONGEST_QUERY = 200


@dataclass(frozen=True)
class Search:
    """Finds rows whose search key holds every word of the query, in whichever script."""

    column: Any
    name: str = "q"

    def where(self, value: str) -> ColumnElement[bool] | None:
        """What must hold for a row; None when nothing was asked."""
        terms = search_terms(value[:LONGEST_QUERY])
        return and_(*(self.column.contains(t, autoescape=True) for t in terms)) if terms else None


@dataclass(frozen=True)
class Choice:
    """One select of the filter line."""

    name: str
    label: Any
    column: Any = None
    options: Callable[[], Options] = tuple
    where: Where | None = None
    every: Any = None

    def condition(self, value: str) -> ColumnElement[bool]:
        """What must hold for a row."""
        if self.where is not None:
            return self.where(value)
        equal: ColumnElement[bool] = _plain(self.column) == value
        return equal


@dataclass(frozen=True)
class Shown:
    """A filter as the page shows it."""

    name: str
    label: Any
    options: Options
    chosen: str


@dataclass
class Page:
    """What a template needs of one page of a list."""

    rows: Sequence[Row[Any]]
    total: int
    query: str
    filters: list[Shown]
    sort: str
    sorts: frozenset[str]
    arguments: dict[str, str]
    before: str | None = None
    after: str | None = None
    default: str = ""
    hidden: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.hidden = {"sort": self.sort} if self.sort != self.default else {}

    @property
    def url(self) -> str:
        """The list without any filter."""
        return _url({})

    @property
    def filtered(self) -> bool:
        """Whether the list is narrowed."""
        return any(name != "sort" for name in self.arguments)

    @property
    def previous_url(self) -> str | None:
        """The page before, if there is one."""
        return _url({**self.arguments, "before": self.before}) if self.before else None

    @property
    def next_url(self) -> str | None:
        """The page after, if there is one."""
        return _url({**self.arguments, "after": self.after}) if self.after else None

    def column(self, label: Any, sort: str | None = None, **more: Any) -> dict[str, Any]:
        """A column for components/tables.html; with `sort` its head is a link that turns around."""
        column: dict[str, Any] = {"label": label, **more}
        if sort in self.sorts:
            now = self.sort.removeprefix("-") == sort
            down = self.sort.startswith("-")
            turned = f"-{sort}" if now and not down else sort
            column["sort"] = _url({**self.arguments, "sort": turned})
            column["sorted"] = ("desc" if down else "asc") if now else None
        return column

    def export_url(self, endpoint: str, **values: Any) -> str:
        """Where the same rows are downloaded."""
        together: dict[str, Any] = {**values, **self.arguments}
        return url_for(endpoint, **together)


class Table:
    """One list: what it selects, and how it may be filtered and sorted."""

    def __init__(
        self,
        query: Callable[[], Select[Any]],
        *,
        key: Any,
        sorts: Mapping[str, Any],
        sort: str,
        filters: Sequence[Search | Choice] = (),
        size: int = SIZE,
    ):
        self.query, self.key, self.size = query, key, size
        self.sorts = {name: _plain(column) for name, column in sorts.items()}
        self.default, self.filters = sort, filters

    def page(self, arguments: Mapping[str, str] | None = None) -> Page:
        """The page that the address asks for; what it asks wrongly is ignored."""
        asked = request.args if arguments is None else arguments
        query, shown, kept, typed = self._narrowed(asked)
        total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
        sort, column, down = self._sorting(asked)
        back = "before" in asked
        mark = self._mark(asked.get("before") or asked.get("after"), column)
        rows, more = self._slice(query, column, down, mark, back and mark is not None)
        if sort != self.default:
            kept["sort"] = sort
        beyond = bool(rows) and (more if back and mark else mark is not None)
        further = bool(rows) and (True if back and mark else more)
        return Page(
            rows=[row for row, _value, _key in rows],
            total=int(total or 0),
            query=typed,
            filters=shown,
            sort=sort,
            sorts=frozenset(self.sorts),
            arguments=kept,
            before=_pack(*rows[0][1:]) if beyond else None,
            after=_pack(*rows[-1][1:]) if further else None,
            default=self.default,
        )

    def every(self, arguments: Mapping[str, str] | None = None) -> Iterator[Row[Any]]:
        """All rows that match, in order: for exports."""
        asked = request.args if arguments is None else arguments
        query, _shown, _kept, _typed = self._narrowed(asked)
        _sort, column, down = self._sorting(asked)
        ordered = query.order_by(None).order_by(*_order(column, self.key, down))
        yield from db.session.execute(ordered).yield_per(500)

    def _narrowed(
        self, asked: Mapping[str, str]
    ) -> tuple[Select[Any], list[Shown], dict[str, str], str]:
        query, shown, kept, typed = self.query(), [], {}, ""
        for one in self.filters:
            value = asked.get(one.name, "").strip()
            if isinstance(one, Search):
                typed = value[:LONGEST_QUERY]
                condition = one.where(value)
            else:
                options = list(one.options())
                value = value if value in {name for name, _label in options} else ""
                condition = one.condition(value) if value else None
                every = [] if one.every is None else [("", one.every)]
                shown.append(Shown(one.name, one.label, [*every, *options], value))
            if condition is not None:
                query, kept[one.name] = query.where(condition), value
        return query, shown, kept, typed

    def _sorting(self, asked: Mapping[str, str]) -> tuple[str, Any, bool]:
        sort = asked.get("sort", "")
        if sort.removeprefix("-") not in self.sorts:
            sort = self.default
        return sort, self.sorts[sort.removeprefix("-")], sort.startswith("-")

    def _slice(
        self, query: Select[Any], column: Any, down: bool, mark: list[Any] | None, back: bool
    ) -> tuple[list[tuple[Row[Any], Any, str]], bool]:
        """The rows of a page with their sort value and key, and whether more follow that way."""
        turned = down != back
        if mark is not None:
            value, key = mark
            beyond = column < value if turned else column > value
            tied = self.key < key if turned else self.key > key
            query = query.where(or_(beyond, and_(column == value, tied)))
        query = query.add_columns(column.label("sorted_by"), self.key.label("sorted_key"))
        query = query.order_by(None).order_by(*_order(column, self.key, turned))
        found = list(db.session.execute(query.limit(self.size + 1)))
        more = len(found) > self.size
        rows = [(row, row.sorted_by, row.sorted_key) for row in found[: self.size]]
        return (rows[::-1] if back else rows), more

    def _mark(self, text: str | None, column: Any) -> list[Any] | None:
        try:
            value, key = json.loads(base64.urlsafe_b64decode((text or "") + "=="))
            value = _typed(value, column)
        except (ValueError, TypeError, binascii.Error, RecursionError):
            return None
        whole = isinstance(key, str) and key.isascii() and len(key) <= 64 and "\0" not in key
        return [value, key] if whole else None


def _plain(column: Any) -> Any:
    """States are kept as text; text is what an address can carry."""
    return cast(column, String) if isinstance(getattr(column, "type", None), Enum) else column


def _order(column: Any, key: Any, down: bool) -> tuple[Any, Any]:
    return (column.desc(), key.desc()) if down else (column.asc(), key.asc())


def _pack(value: Any, key: str) -> str:
    plain = value.isoformat() if isinstance(value, date) else value
    text = json.dumps([plain, key], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _typed(value: Any, column: Any) -> Any:
    """The value as the column's type has it; ValueError when it cannot be."""
    # A decorated type, such as our instants, does not say itself what Python makes of it.
    kind = getattr(column.type, "impl_instance", column.type).python_type
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("an instant has a zone")
        return moment
    if kind is date:
        return date.fromisoformat(value)
    if kind is int and type(value) is int and abs(value) < 2**53:
        return value
    if kind is str and isinstance(value, str) and "\0" not in value:
        value.encode()  # a lone surrogate is no text
        return value
    raise ValueError("another kind of value")


def _url(arguments: Mapping[str, Any]) -> str:
    return url_for(request.endpoint or "", **(request.view_args or {}), **arguments)
