"""typst in, PDF out: fonts, limits and standards of every paper; knows no paper."""

from __future__ import annotations

import json
import logging
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "papers"
# Archivable, and readable by a screen reader; typst refuses to write a file that is not.
ACCESSIBLE = ("a-2a", "ua-1")
PLAIN: tuple[str, ...] = ()

_CJK = ("notosanskr", "notosanssc")
_log = logging.getLogger(__name__)


def compile(
    template: str,
    data: Mapping[str, object],
    *,
    locale: str,
    title: str,
    dated: date | None = None,
    standards: Sequence[str] = ACCESSIBLE,
) -> bytes:
    """The PDF of templates/papers/<template>.typ. The same input gives the same bytes.

    `data` reaches the template as JSON and nothing else, so that no text of a person is ever
    read as markup. `dated` is the date inside the file.
    """
    pages = _typeset(template, data, locale, title, dated, standards, "pdf", None)
    return cast(bytes, pages)


def pictures(
    template: str, data: Mapping[str, object], *, locale: str, title: str, ppi: float = 96
) -> list[bytes]:
    """One PNG a page of what `compile` would print, for looking at."""
    pages = _typeset(template, data, locale, title, None, PLAIN, "png", ppi)
    return [pages] if isinstance(pages, bytes) else pages


def _typeset(
    template: str,
    data: Mapping[str, object],
    locale: str,
    title: str,
    dated: date | None,
    standards: Sequence[str],
    form: Literal["pdf", "png"],
    ppi: float | None,
) -> bytes | list[bytes]:
    import typst

    if not template.replace("-", "").isalnum():
        raise ValueError(f"not the name of a paper: {template!r}")
    content = {**data, "title": title, "lang": locale.partition("_")[0]}
    inputs = {"data": json.dumps(_printable(content), ensure_ascii=False)}
    stamp = datetime.combine(dated or date(2000, 1, 1), time(), UTC)

    def run(wanted: Sequence[str]) -> bytes | list[bytes] | None:
        return typst.compile(
            TEMPLATES / f"{template}.typ",
            root=TEMPLATES,
            font_paths=_fonts(),
            sys_inputs=inputs,
            format=form,
            ppi=ppi,
            pdf_standards=cast(Any, list(wanted)),
            pdf_tags=bool(wanted),
            timestamp=stamp,
            # Nothing is fetched: a package that is not in this folder does not exist.
            package_path=TEMPLATES,
            package_cache_path=TEMPLATES,
        )

    try:
        pages = run(standards)
    except typst.TypstError as error:
        # A script that no bundled font has must not keep anybody from an invoice.
        if not standards or "could not be displayed" not in error.message:
            raise
        _log.warning("paper %s printed without its standards: a letter has no font", template)
        pages = run(PLAIN)
    if pages is None:
        raise RuntimeError("typst answered nothing")
    return pages


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Loaded once a process: Latin, Cyrillic, Greek; Korean, kana and Chinese; typst's own
    DejaVu has Georgian and Armenian. System fonts stay out: the paper looks the same anywhere."""
    import fontpkg_noto_sans
    import justmytype_intl_cjk
    import typst

    noto = Path(cast(str, fontpkg_noto_sans.__file__)).parent / "files"
    cjk = Path(cast(str, justmytype_intl_cjk.__file__)).parent / "fonts" / "ofl"
    folders = [str(noto), *(str(cjk / name) for name in _CJK)]
    return typst.Fonts(include_system_fonts=False, font_paths=folders)


def _printable(value: object) -> object:
    """Composed letters, without control characters and private ones, which PDF/A forbids."""
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value)
        return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in _UNPRINTABLE)
    if isinstance(value, Mapping):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return value


_UNPRINTABLE = frozenset(("Cc", "Co", "Cs", "Cn"))
