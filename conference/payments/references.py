"""References with check digits: RF (ISO 11649) and Serbian model 97; made, checked, recognised.

Both are kept compact ("RF18539007547034", "13202700042") and shown grouped by the `show_`
functions. What a bank or a person made of them comes back through `read_rf`, `read_97` and
`references_in`, which answer the compact form.
"""

from __future__ import annotations

import re

RF_MOST = 21
MODEL_97 = "97"
MODEL_97_MOST = 20

_JOINTS = re.compile(r"[\s\-\u2010-\u2015/._]+")
_RF_IN_TEXT = re.compile(r"(?<![A-Z0-9])RF(?:[\s\-]*[A-Z0-9]){3,23}(?![A-Z0-9])")
_97_IN_TEXT = re.compile(r"(?<![A-Z0-9])[0-9](?:[\-/ ]?[0-9]){3,24}(?![A-Z0-9])")


def make_rf(reference: str) -> str:
    """RF, two check digits and the reference, for example "RF18539007547034"."""
    body = _compact(reference).lstrip("0")
    if not body or len(body) > RF_MOST or not _plain(body):
        raise ValueError(f"an RF reference is 1 to {RF_MOST} letters and digits: {reference!r}")
    return f"RF{98 - _mod97(body + 'RF00'):02}{body}"


def read_rf(typed: str) -> str | None:
    """The compact RF reference of what was typed, or None when it is not one.

    Leading zeros after the check digits carry nothing and are dropped, so that what a bank
    padded and what it cut off compare equal.
    """
    text = _compact(typed)
    if not 5 <= len(text) <= 4 + RF_MOST or not text.startswith("RF") or not _plain(text):
        return None
    if not text[2:4].isdecimal() or _mod97(text[4:] + text[:4]) != 1:
        return None
    body = text[4:].lstrip("0")
    return make_rf(body) if body and text[:4] == make_rf(body)[:4] else None


def is_rf(typed: str) -> bool:
    """Whether the text is an RF reference with right check digits."""
    return read_rf(typed) is not None


def show_rf(reference: str) -> str:
    """Groups of four as ISO 11649 prints it: "RF18 5390 0754 7034"."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))


def make_97(reference: str) -> str:
    """Two check digits and the reference, the "poziv na broj" of model 97 without the model."""
    body = _compact(reference)
    if not body or len(body) > MODEL_97_MOST or not _plain(body):
        raise ValueError(f"model 97 takes 1 to {MODEL_97_MOST} letters and digits: {reference!r}")
    return f"{98 - _mod97(body + '00'):02}{body}"


def read_97(typed: str) -> tuple[str, ...]:
    """All compact model 97 references that the text may stand for, the likeliest first.

    People write the model in front, banks cut the leading zero of the check digits; more than
    one reading can be right, and only the books know which reference was given out.
    """
    text = _compact(typed)
    readings = [text, "0" + text]
    if text.startswith(MODEL_97):
        readings += [text[2:], "0" + text[2:]]
    return tuple(reading for reading in dict.fromkeys(readings) if _right_97(reading))


def is_97(typed: str) -> bool:
    """Whether the text is exactly a model 97 reference, dashes and blanks aside."""
    return _right_97(_compact(typed))


def show_97(reference: str) -> str:
    """As it stands on a payment slip, model first: "97 13-202700042"."""
    return f"{MODEL_97} {reference[:2]}-{reference[2:]}"


def references_in(text: str) -> tuple[str, ...]:
    """All that a line of a bank statement may refer to, RF first; the books know which is ours."""
    upper = text.upper()
    found: list[str] = []
    for match in _RF_IN_TEXT.finditer(upper):
        words = match.group().split()
        # What follows a blank may already be the next word of the line, and by chance its
        # digits may fit: every reading is answered.
        readings = (read_rf("".join(words[:count])) for count in range(1, len(words) + 1))
        found += filter(None, readings)
    for match in _97_IN_TEXT.finditer(upper):
        found += read_97(match.group())
    return tuple(dict.fromkeys(found))


def _right_97(text: str) -> bool:
    if not 3 <= len(text) <= MODEL_97_MOST + 2 or not _plain(text) or not text[:2].isdecimal():
        return False
    return make_97(text[2:]) == text


def _compact(text: str) -> str:
    return _JOINTS.sub("", text).upper()


def _plain(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _mod97(text: str) -> int:
    """ISO 7064 MOD 97-10 with A = 10 ... Z = 35."""
    return int("".join(str(int(character, 36)) for character in text)) % 97
