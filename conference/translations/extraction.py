"""Finding the texts: what Python modules and templates mark for translation, and whose they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import TemplateSyntaxError
from jinja2.ext import babel_extract

SINGULAR = frozenset(("_", "gettext", "lazy", "N_", "lazy_gettext", "_l"))
PLURAL = frozenset(("ngettext", "nN_", "lazy_ngettext"))
SUFFIXES = (".html", ".txt")

# The house from below: a text of several features stands with the lowest of them.
ORDER = (
    "shared",
    "documents",
    "emails",
    "accounts",
    "organisations",
    "editions",
    "questions",
    "submissions",
    "reviews",
    "registrations",
    "messages",
    "payments",
    "agenda",
    "checkin",
    "funding",
    "agreements",
    "brokerage",
    "impact",
)
_OPTIONS = {
    "extensions": "jinja2.ext.i18n",
    "silent": "false",
    "trimmed": "true",
    "newstyle_gettext": "true",
}
_KEYWORDS = {
    **dict.fromkeys(SINGULAR, None),
    **dict.fromkeys(PLURAL, (1, 2)),
}


class CannotExtract(Exception):
    """A source that cannot be read, or a marked text that is put together while running."""


@dataclass
class Text:
    """A msgid, its plural where it has one, where it stands, and to which feature it belongs."""

    msgid: str
    plural: str | None = None
    places: set[str] = field(default_factory=set)
    features: set[str] = field(default_factory=set)

    @property
    def feature(self) -> str:
        return min(self.features, key=rank)


def rank(feature: str) -> tuple[int, str]:
    """The place of a feature in the house; one that is not listed stands on top."""
    return (ORDER.index(feature) if feature in ORDER else len(ORDER), feature)


def feature_of(path: Path, root: Path) -> str:
    """The feature whose catalogue holds the texts of this file."""
    top, *inner = path.relative_to(root).parts
    if top == "conference":
        if inner == ["emails.py"]:
            return "emails"
        if len(inner) < 2 or inner[0] in ("core", "web", "translations"):
            return "shared"
        return inner[0]
    if len(inner) < 2:
        return "shared"
    if inner[0] in ("emails", "papers"):
        return {"emails": "emails", "papers": "documents"}[inner[0]]
    return inner[0] if (root / "conference" / inner[0]).is_dir() else "shared"


def extract(root: Path) -> dict[str, Text]:
    """All marked texts of the product by msgid."""
    texts: dict[str, Text] = {}
    for path in sources(root):
        reader = _python if path.suffix == ".py" else _template
        for msgid, plural in reader(path):
            text = texts.setdefault(msgid, Text(msgid))
            text.plural = text.plural or plural
            text.places.add(path.relative_to(root).as_posix())
            text.features.add(feature_of(path, root))
    return texts


def sources(root: Path) -> list[Path]:
    """Everything that may hold marked texts, in a fixed order."""
    modules = (root / "conference").rglob("*.py")
    templates = (path for path in (root / "templates").rglob("*") if path.suffix in SUFFIXES)
    return sorted((*modules, *templates))


def _python(path: Path) -> Iterator[tuple[str, str | None]]:
    source = path.read_text(encoding="utf-8")
    if not any(f"{word}(" in source for word in (*SINGULAR, *PLURAL)):
        return
    try:
        tree = ast.parse(source, str(path))
    except SyntaxError as error:
        raise CannotExtract(f"{path}: {error}") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call(node, path)


def _call(node: ast.Call, path: Path) -> Iterator[tuple[str, str | None]]:
    name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
    wanted = 2 if name in PLURAL else 1 if name in SINGULAR else 0
    given = node.args[:wanted]
    texts = [arg.value for arg in given if isinstance(arg, ast.Constant)]
    if wanted and len(texts) == wanted and all(isinstance(text, str) and text for text in texts):
        yield str(texts[0]), str(texts[1]) if wanted == 2 else None
    elif any(isinstance(arg, ast.JoinedStr | ast.BinOp) for arg in given):
        raise CannotExtract(
            f"{path}:{node.lineno}: a marked text is written out whole, with %(name)s for what"
            " changes; one that is put together cannot be translated"
        )


def _template(path: Path) -> Iterator[tuple[str, str | None]]:
    with path.open("rb") as file:
        try:
            for _line, _function, message, _comments in babel_extract(
                file, list(_KEYWORDS), (), _OPTIONS
            ):
                parts = message if isinstance(message, tuple) else (message,)
                texts = [part for part in parts if part]
                if texts:
                    yield texts[0], texts[1] if len(texts) > 1 else None
        except TemplateSyntaxError as error:
            raise CannotExtract(f"{path}:{error.lineno}: {error.message}") from error
