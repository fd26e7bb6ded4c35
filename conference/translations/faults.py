"""What can be wrong with a translation into Serbian Cyrillic."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

PLURAL_FORMS = 3

_PLACEHOLDER = re.compile(r"%\([^)]*\)[a-zA-Z]|\{[A-Za-z_][A-Za-z0-9_.]*\}")
_TAG = re.compile(r"<\s*/?\s*([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.-]+|\b[\w-]+(?:\.[a-z]+)+\b")
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LOOKALIKES = frozenset("aceojpxysiABCEHJKMOPTXSI")


def faults(msgids: Sequence[str], forms: Sequence[str]) -> Iterator[str]:
    """The faults of one entry, in words. `msgids` are one text, or the singular and the plural."""
    wanted = PLURAL_FORMS if len(msgids) > 1 else 1
    if len(forms) != wanted or not all(form.strip() for form in forms):
        yield "no translation" if not any(form.strip() for form in forms) else "a form is missing"
        return
    source = msgids[-1]
    known = {*_placeholders(msgids[0]), *_placeholders(source)}
    for form in forms:
        used = _placeholders(form)
        for lost in sorted(_placeholders(source).keys() - used.keys()):
            yield f"{lost} is lost"
        for alien in sorted(used.keys() - known):
            yield f"{alien} is not in the text"
        if _tags(form) != _tags(source):
            yield "other HTML tags than the text"
        if (
            form[:1].isspace() != source[:1].isspace()
            or form[-1:].isspace() != source[-1:].isspace()
        ):
            yield "white space at the ends differs"
        yield from _letters(" ".join(msgids), form)


def _placeholders(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))


def _tags(text: str) -> Counter[str]:
    return Counter(name.lower() for name in _TAG.findall(text))


def _edges(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()


def _bare(text: str) -> str:
    for pattern in (_PLACEHOLDER, _TAG, _ADDRESS):
        text = pattern.sub(" ", text)
    return text


def _letters(source: str, form: str) -> Iterator[str]:
    """Latin letters among Cyrillic ones, Latin words that only look Cyrillic, Latin instead."""
    words = _WORD.findall(_bare(form))
    in_source = set(_WORD.findall(source))
    for word in words:
        if _CYRILLIC.search(word) and _LATIN.search(word):
            yield f"“{word}” mixes Latin and Cyrillic letters"
        elif len(word) <= 3 and set(word) <= _LOOKALIKES and word not in in_source:
            yield f"“{word}” is written in Latin letters that look Cyrillic"
    if not any(_CYRILLIC.search(word) for word in words):
        foreign = [word for word in words if word not in in_source or (word.islower())]
        if foreign:
            yield "not in Cyrillic letters"
