"""What an attacker would type, and where: every text column that people can write."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from sqlalchemy import JSON, Enum, String, inspect, select
from sqlalchemy.orm.attributes import flag_modified

from conference.core import files, markdown
from conference.core.errors import DomainError
from conference.core.files import StoredFile
from conference.core.text import plain_line
from conference.extensions import db
from conference.organisations.service import web_address

# A number in each says which one ran.
PAYLOADS = (
    "<script>__xss(1)</script>",
    "<img src=x onerror=__xss(2)>",
    "<svg onload=__xss(3)>",
    '"><svg onload=__xss(4)>',
    "'><svg onload=__xss(5)>",
    '" autofocus onfocus=__xss(6) x="',
    "javascript:__xss(7)",
    "[x](javascript:__xss(8)) <javascript:__xss(8)>",
    "</title></textarea></select><svg onload=__xss(9)>",
    "';__xss(10);//",
    "{{ 9973*9967 }}${9973*9967}<svg onload=__xss(11)>",
    "\r\nX-Planted: 1\r\n\r\n<script>__xss(12)</script>",
    "<details open ontoggle=__xss(13)>x",
    '<iframe srcdoc="<script>parent.__xss(14)</script>">',
)
EVALUATED = "99400891"
SHORTEST = min(map(len, PAYLOADS))

# Columns that no person fills in with free text: made by the product, chosen from a list, or kept
# only when a strict check of their form has passed. Everything else is planted.
NOBODY_WRITES = {
    "public_id", "code", "locale", "currency", "country", "zone", "region", "sector", "kind", "key",
    "hash", "key_hash", "digest", "sha256", "message_id", "badge_id", "uid", "scan_uid", "source",
    "reference", "idempotency_key", "session_id", "payment_intent", "refund_id", "event_id",
    "object_id", "outcome", "iban", "bic", "domestic_account", "orcid", "password", "purpose",
    "passkey_handle", "tf_totp_secret", "recovery_hashes", "public_fields", "languages", "limits",
    "required", "required_when", "shown", "shown_when", "means", "method", "what", "device_type",
    "content_type", "actor", "subject_kind", "act", "search_key", "person_public_id", "sealed",
    "pays_by", "attachments", "secrets", "invoice_country", "note_kind", "request",
}  # fmt: skip
NOT_OF_PEOPLE = {
    ("stored_file", "place"), ("checkout_attempt", "url"), ("outbound_mail", "name"),
    ("outbound_mail", "about"), ("outbound_mail", "values"), ("audit_entry", "subject"),
    ("audit_entry", "data"), ("one_time_token", "data"), ("sign_in_try", "subject"),
    ("heartbeat", "name"), ("invoice", "label"),
}  # fmt: skip
# Inside JSON: what points at something or was chosen from a list.
KEYS_THAT_POINT = {
    "ticket", "country", "file", "kind", "size", "code", "iban", "account", "bic", "reference",
    "invitation", "value", "pays_by", "invoice_country", "supplied_on", "due_on", "line_ids",
    "currency",
}  # fmt: skip
ADDRESSES = {"url", "map_url", "website"}
MAILS = {"email", "to", "contact_email"}
# Everything else is one line: forms and services take line breaks out when it is written.
MANY_LINES = {
    "about", "text", "summary", "description", "help", "for_whom", "how_to_take_part", "outcome",
    "answers", "data", "biography", "address", "invoice_address", "note", "reason", "diet",
    "accessibility", "vat_note", "last_error",
}  # fmt: skip
OTHER_SHAPES = {"answers", "data", "options", "former_emails"}  # not a text in two languages
HTML_OF = {"html": "text", "about_html": "about", "outcome_html": "outcome"}


class Planter:
    """Fills rows with payloads; each field begins with another one, and holds all that fit."""

    def __init__(self) -> None:
        self._number = count()
        self.fields: set[tuple[str, str]] = set()

    def text(self, room: int | None = None, *, lines: bool = True) -> str:
        """As many payloads as fit, in turn."""
        first, made = next(self._number), ""
        for at in range(len(PAYLOADS)):
            further = PAYLOADS[(first + at) % len(PAYLOADS)]
            if room is None or len(made) + len(further) < room:
                made += f"{further} "
        return made.removesuffix(" ") if lines else plain_line(made)

    def everything(self) -> None:
        """Every row of every table."""
        for mapper in db.Model.registry.mappers:
            columns = list(_columns_of(mapper))
            for row in db.session.scalars(select(mapper.class_)) if columns else ():
                for key, column in columns:
                    if self._plant(row, key, column):
                        self.fields.add((row.__tablename__, key))
        for row, written, source in _rendered():
            setattr(row, written, markdown.both(getattr(row, source)))

    def _plant(self, row: Any, key: str, column: Any) -> bool:
        value, room = getattr(row, key), getattr(column.type, "length", None)
        if isinstance(column.type, JSON):
            if not value and key in OTHER_SHAPES:
                return False
            lines = key in MANY_LINES
            setattr(row, key, self._shaped(value or {"en": "", "sr": ""}, lines=lines))
            flag_modified(row, key)
            return True
        if room is not None and room < SHORTEST + 2:
            return False
        planted = self.text(room, lines=key in MANY_LINES)
        if key in ADDRESSES:
            planted = _acceptable_address() or value
        elif key in MAILS:  # more than a form would take, but no line break and no colon
            number = next(self._number)
            planted = f"{PAYLOADS[1 + number % 5]}{number}@example.org"
        elif inspect(row).mapper.columns[key].unique:
            planted = f"{planted}{next(self._number)}"
        elif isinstance(row, StoredFile):
            planted = files._clean_name(planted)  # as the product keeps it, whatever was sent
        setattr(row, key, planted)
        return True

    def _shaped(self, value: Any, key: str = "", *, lines: bool) -> Any:
        if isinstance(value, dict):
            return {k: self._shaped(v, k, lines=lines) for k, v in value.items()}
        if isinstance(value, list):
            return [self._shaped(one, key, lines=lines) for one in value]
        written = isinstance(value, str) and key not in KEYS_THAT_POINT
        return self.text(lines=lines) if written else value


def _columns_of(mapper: Any) -> Iterator[tuple[str, Any]]:
    table = mapper.class_.__tablename__
    for attribute in mapper.column_attrs:
        key, column = attribute.key, attribute.columns[0]
        text = isinstance(column.type, String | JSON) and not isinstance(column.type, Enum)
        if text and key not in NOBODY_WRITES | set(HTML_OF) and (table, key) not in NOT_OF_PEOPLE:
            yield key, column


def _rendered() -> Iterator[tuple[Any, str, str]]:
    """Texts whose HTML is made once, when they are written."""
    for mapper in db.Model.registry.mappers:
        for written, source in HTML_OF.items():
            if written in mapper.columns and source in mapper.columns:
                for row in db.session.scalars(select(mapper.class_)):
                    yield row, written, source


def _acceptable_address() -> str | None:
    """The first hostile address that the product itself would take."""
    tries = [*PAYLOADS, *(f"https://www.example.org/?{p}" for p in PAYLOADS)]
    for one in tries:
        try:
            taken = web_address(one, field="url")
        except DomainError:
            continue
        if taken:
            return taken
    return None
