"""The files to download, typeset from plain data with the dates of the edition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, time

from babel.dates import format_datetime

from conference.documents import typesetting
from seeds.world import DATA, Moments, read


def pdf(name: str, edition: Mapping[str, str], moments: Moments) -> bytes:
    """One handout of data/handouts.toml; `edition` is its name in both languages."""
    import typst

    data = read("handouts")[name]
    content = {
        "edition": dict(edition),
        "title": data["title"],
        "rows": [{"when": _when(moments, when), "text": row} for when, row in data["rows"]],
    }
    pages = typst.compile(
        DATA / "handout.typ",
        root=DATA,
        font_paths=typesetting._fonts(),
        sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
        timestamp=datetime.combine(moments.start, time(), UTC),
    )
    if not isinstance(pages, bytes):
        raise TypeError("a handout has one file")
    return pages


def _when(moments: Moments, text: str) -> dict[str, str]:
    if not text:
        return {"en": "", "sr": ""}
    local = moments.at(text).astimezone(moments.zone)
    return {
        "en": format_datetime(local, "EEEE d MMMM, HH:mm", locale="en"),
        "sr": format_datetime(local, "EEEE d. MMMM, HH:mm", locale="sr_Cyrl"),
    }
