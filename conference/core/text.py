"""Text of people: search and sort keys, clean lines, two languages, cells of tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from conference.core.scripts import CYRILLIC, cyrillic_word, hangul_word, latin, serbian_latin

__all__ = [
    "fold",
    "from_csv_cell",
    "in_language",
    "initials",
    "latin",
    "matches",
    "plain_line",
    "plain_text",
    "search_key",
    "search_terms",
    "serbian_latin",
    "slug",
    "sort_key",
    "squeeze",
    "to_csv_cell",
]

_LETTERS = str.maketrans(
    {
        "đ": "dj", "Đ": "dj", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "ß": "ss", "ẞ": "ss",
        "ø": "o", "Ø": "o", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ł": "l", "Ł": "l",
        "ı": "i", "İ": "i", "ħ": "h", "Ħ": "h", "ŋ": "n", "Ŋ": "n", "ŧ": "t", "Ŧ": "t",
        "ə": "a", "Ə": "a", "ĸ": "k", "ŉ": "n",
    }
)  # fmt: skip
_UMLAUTS = str.maketrans(
    {"ä": "ae", "Ä": "ae", "ö": "oe", "Ö": "oe", "ü": "ue", "Ü": "ue", "ø": "oe", "Ø": "oe",
     "å": "aa", "Å": "aa"}
)  # fmt: skip
_APOSTROPHES = re.compile(r"(?<=\w)['\u2019\u02bc\u02b9\u02bb`\u00b4](?=\w)")
_WORD = re.compile(r"[^\W_]+")
_SLAVIC_DIGRAPHS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ya", "ja"), ("yu", "ju"))


def _ascii(text: str) -> str:
    """Lower case without marks; letters of scripts that we cannot read are kept."""
    if text.isascii():
        return text.lower()
    flat = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in flat if not unicodedata.combining(char))
    return bare.translate(_LETTERS).casefold()


def _words(text: str) -> list[str]:
    return _WORD.findall(_APOSTROPHES.sub("", text))


def fold(text: str) -> str:
    """The words of a text in one lower-case ASCII spelling, for comparing and finding doubles.

    Đorđević, Djordjevic and Ђорђевић are all "djordjevic".
    """
    return " ".join(_words(_ascii(latin(unicodedata.normalize("NFKC", text)))))


def _loose(word: str) -> str:
    """Who types d for đ and who types dj must both find it."""
    return word.replace("dj", "d")


def _readings(word: str) -> list[str]:
    """Every spelling under which somebody may look for this word."""
    found = [_ascii(latin(word))]
    first = word[0]
    if "\u0400" <= first <= "\u052f":
        found += [_ascii(cyrillic_word(word, language)) for language in CYRILLIC]
    elif "\uac00" <= first <= "\ud7a3" and all("\uac00" <= char <= "\ud7a3" for char in word):
        found.append(hangul_word(word))
    elif first.isascii() or unicodedata.name(first, "").startswith("LATIN"):
        found.append(_ascii(word.translate(_UMLAUTS)))
        plain = found[0]
        for digraph, letter in _SLAVIC_DIGRAPHS:
            plain = plain.replace(digraph, letter)
        found.append(plain)
    return found


def search_key(*texts: str | None) -> str:
    """What to store beside texts so that `search_terms` find them: all spellings of all words."""
    forms: dict[str, None] = {}
    for text in texts:
        for word in _words(unicodedata.normalize("NFKC", text or "")):
            for reading in _readings(word):
                for part in _WORD.findall(reading):
                    forms[part] = None
                    forms[_loose(part)] = None
    return " ".join(forms)


def search_terms(query: str, *, most: int = 8) -> list[str]:
    """The folded words of a query. A row is found when its search key contains every one of them.

    In SQL: `and_(*(key.contains(term, autoescape=True) for term in search_terms(query)))`.
    """
    return list(dict.fromkeys(_loose(word) for word in fold(query).split()))[:most]


def matches(key: str, terms: Sequence[str]) -> bool:
    """The rule of `search_terms` in Python."""
    return all(term in key for term in terms)


def slug(text: str, *, longest: int = 60) -> str:
    """ASCII words joined by hyphens; empty when no letter could be read."""
    words = [word for word in fold(text).split() if word.isascii()]
    whole = "-".join(words)
    if len(whole) <= longest:
        return whole
    cut = whole[: longest + 1].rpartition("-")[0]
    return cut or whole[:longest]


_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def full_name(given: str, family: str) -> str:
    """A name as its language writes it: in East Asia the family comes first, unspaced."""
    if _EAST_ASIAN.search(given + family):
        return squeeze(f"{family}{given}")
    return squeeze(f"{given} {family}")


def initials(name: str, *, most: int = 2) -> str:
    """First letters of the first and the last word, in the script of the name."""
    words = _words(unicodedata.normalize("NFC", name))
    chosen = words if len(words) <= most else [*words[: most - 1], words[-1]]
    return "".join(word[0].title()[:1] for word in chosen)


# -- order

_AZBUKA = "a b v g d đ e ž z i j k l lj m n nj o p q r s t ć u f h c č dž š w x y"
_ABECEDA = "a b c č ć d dž đ e f g h i j k l lj m n nj o p q r s š t u v w x y z ž"
_RANKS = {
    locale: {letter: chr(0x41 + rank) for rank, letter in enumerate(order.split())}
    for locale, order in (("sr", _AZBUKA), ("sr_Latn", _ABECEDA))
}
_SERBIAN_LETTER = re.compile(r"dž|lj|nj|.", re.DOTALL)


def sort_key(name: str, locale: str) -> str:
    """Orders names of all scripts as the reader's alphabet does: azbuka, abeceda or English."""
    ranks = _RANKS.get(locale.replace("-", "_"))
    if ranks is None:
        return f"{fold(name)}\x01{name.casefold()}"
    text = unicodedata.normalize("NFC", latin(name)).lower()
    kept = "".join(char if char in ranks else _ascii(char) for char in text)
    letters = _SERBIAN_LETTER.findall(" ".join(_words(kept)))
    return "".join(ranks.get(letter, letter) for letter in letters) + f"\x01{name.casefold()}"


# -- clean

_KEPT_FORMAT = "\u200c\u200d"  # joiners carry meaning in some scripts
_BLANK = re.compile(r"[\s\u2028\u2029]+")


def _visible(text: str, keep: str) -> str:
    """Without control characters, bidi overrides, invisible and unpaired code points."""
    kept = "".join(
        char
        for char in text
        if char in keep or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )
    return unicodedata.normalize("NFC", kept)


def squeeze(text: str) -> str:
    """One space for every run of white space, none at the ends."""
    return _BLANK.sub(" ", text).strip()


def plain_line(text: str) -> str:
    """One line that cannot break out of a header, a log or a list."""
    return squeeze(_visible(_BLANK.sub(" ", text), _KEPT_FORMAT))


def plain_text(text: str) -> str:
    """Several lines, ends of lines as \\n, at most one empty line in a row."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    cleaned = _visible(lines.replace("\u2028", "\n").replace("\u2029", "\n"), _KEPT_FORMAT + "\n\t")
    trimmed = "\n".join(line.rstrip() for line in cleaned.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", trimmed).strip()


# -- two languages


def in_language(value: Mapping[str, str] | None, locale: object) -> str:
    """The text for a reader, or the other language's where this one is empty.

    A reader of Serbian Latin gets Cyrillic text in Latin letters; a reader of Serbian gets the
    text in the letters in which it was typed.
    """
    if not value:
        return ""
    name = str(locale).replace("-", "_")
    wanted = "sr" if name.startswith("sr") else name.partition("_")[0]
    for language in dict.fromkeys((wanted, "en", "sr", *value)):
        text = value.get(language)
        if text and text.strip():
            return serbian_latin(text) if language == "sr" and name != "sr" else text
    return ""


# -- cells of exported tables

_BEFORE = "' \t\r\n\0\u00a0"
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


# A spreadsheet set to semicolons, as it is in Serbia, cuts a file with commas inside the cells.
_INSIDE = re.compile(r"([;\t\r\n])(?=['\" \0\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20])")
_GUARDED = re.compile(_INSIDE.pattern.replace(")(?=", ")'(?="))


def _risky(text: str) -> bool:
    rest = text.lstrip(_BEFORE)
    head = text[: len(text) - len(rest)]
    return rest.startswith(_FORMULA) or any(char in "\t\r\n\0" for char in head)


def to_csv_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: risky text gets an apostrophe in front,
    and so does what follows a semicolon, a tab or the end of a line.

    Numbers stay numbers, nothing is an empty cell; `from_csv_cell` is the exact inverse for text.
    """
    if value is None:
        return ""
    text = str(value)
    if not isinstance(value, str):
        return text
    text = _INSIDE.sub(r"\1'", text)
    return "'" + text if _risky(text) else text


def from_csv_cell(cell: str) -> str:
    """The text that `to_csv_cell` was given."""
    text = cell[1:] if cell.startswith("'") and _risky(cell[1:]) else cell
    return _GUARDED.sub(r"\1", text)
