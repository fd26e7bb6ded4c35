"""Questions of organisers on a page: values typed, errors beside them, files kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app, request

from conference.core import files, geo
from conference.core.errors import Invalid
from conference.questions.engine import clean, is_required, is_shown
from conference.questions.kinds import Answer, Asked, Kind
from conference.web import i18n


@dataclass
class Shown:
    """One question as the template draws it."""

    asked: Asked
    name: str
    value: Any
    error: str
    required: bool
    waits_for: str
    choices: list[tuple[str, Any]]

    @property
    def id(self) -> str:
        return self.name

    def has(self, value: str) -> bool:
        """Whether a choice was chosen."""
        return value in self.value if isinstance(self.value, list) else str(self.value) == value


class Answering:
    """The questions of one person on one page. `prefix` tells people apart."""

    def __init__(
        self,
        asked: Sequence[Asked],
        *,
        prefix: str,
        context: Mapping[str, Any],
        answers: Mapping[str, Answer] | None = None,
    ):
        self.asked, self.prefix, self.context = asked, prefix, context
        self.answers: dict[str, Answer] = dict(answers or {})
        self.raw: dict[str, Any] = dict(self.answers)
        self.errors: dict[str, Invalid] = {}

    def name(self, asked: Asked) -> str:
        """The name of the field in the form."""
        return f"{self.prefix}q-{asked.key}"

    def read(self) -> bool:
        """Take what was sent; True when every answer can be used."""
        refused: dict[str, Invalid] = {}
        for asked in self.asked:
            if asked.kind is Kind.FILE:
                try:
                    self.raw[asked.key] = self._file(asked)
                except Invalid as error:
                    refused[asked.key] = error
            else:
                self.raw[asked.key] = request.form.getlist(self.name(asked))
        self.answers, self.errors = clean(self.asked, self.raw, self.context, locale=i18n.current())
        self.errors.update(refused)
        return not self.errors

    def _file(self, asked: Asked) -> Any:
        """What was uploaded now, else what is kept from before, unless it is to be removed."""
        name = self.name(asked)
        sent = request.files.get(name)
        if sent is not None and sent.filename:
            return self._stored(asked, sent.stream, sent.filename)
        if request.form.get(f"{name}-remove"):
            return None
        return self.answers.get(asked.key)

    def _stored(self, asked: Asked, stream: Any, filename: str) -> dict[str, Any]:
        folder: Path = current_app.config["FILES_DIR"]
        row = files.store(
            stream,
            filename,
            folder=folder,
            kinds=frozenset(asked.limits.types),
            max_megabytes=asked.limits.megabytes,
            field=asked.key,
        )
        kind = next(kind for kind, mime in files.KINDS.items() if mime == row.content_type)
        return {"file": row.public_id, "name": row.name, "kind": kind, "size": row.size}

    @property
    def kept_files(self) -> dict[str, Answer]:
        """Files that are on the server already, whatever else is wrong on the page."""
        return {
            asked.key: self.raw[asked.key]
            for asked in self.asked
            if asked.kind is Kind.FILE and self.raw.get(asked.key)
        }

    @property
    def shown(self) -> list[Shown]:
        """The questions to draw. Those that wait for an answer on this page are drawn too."""
        by_key = {asked.key: asked for asked in self.asked}
        drawn, before = [], dict[str, Answer]()
        for asked in self.asked:
            waits = self._waits_for(asked, by_key)
            if not waits and not is_shown(asked, before, self.context):
                continue
            before[asked.key] = self.answers.get(asked.key)
            error = self.errors.get(asked.key)
            drawn.append(
                Shown(
                    asked=asked,
                    name=self.name(asked),
                    value=self._value(asked),
                    error=i18n.words(error) if error is not None else "",
                    required=not waits and is_required(asked, before, self.context),
                    waits_for=waits,
                    choices=self._choices(asked),
                )
            )
        return drawn

    def _waits_for(self, asked: Asked, by_key: Mapping[str, Asked]) -> str:
        """For the page's script: the answer of this page that the question waits for."""
        condition = asked.shown_when or {}
        other = by_key.get(str(condition.get("question")))
        if asked.shown != "when" or other is None:
            return ""
        told = {**condition, "question": self.name(other)}
        return json.dumps(told, ensure_ascii=False, default=str)

    def _value(self, asked: Asked) -> Any:
        value = self.raw.get(asked.key)
        if asked.kind is Kind.MANY_OF:
            return value if isinstance(value, list) else [value] if value else []
        if isinstance(value, list):
            value = value[0] if value else ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "" if value is None else value

    def _choices(self, asked: Asked) -> list[tuple[str, Any]]:
        if asked.kind is Kind.COUNTRY:
            allowed = asked.limits.countries
            return [
                pair for pair in geo.countries(i18n.current()) if not allowed or pair[0] in allowed
            ]
        return [(option.value, option.label) for option in asked.options]
