"""Other scripts in Latin letters: Cyrillic of five languages, Greek, Hangul, Georgian, Armenian."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping


def _table(source: str, target: str) -> dict[str, str]:
    return dict(zip(source.split(), target.split(), strict=True))


def _list(items: str) -> list[str]:
    return items.replace("-", "").split(" ")


_SERBIAN = _table(
    "а б в г д ђ е ж з и ј к л љ м н њ о п р с т ћ у ф х ц ч џ ш",
    "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š",
)
# As in Macedonian passports.
_MACEDONIAN = _table(
    "а б в г д ѓ е ж з ѕ и ј к л љ м н њ о п р с т ќ у ф х ц ч џ ш",
    "a b v g d gj e zh z dz i j k l lj m n nj o p r s t kj u f h c ch dj sh",
)
# The Bulgarian transliteration act of 2009; its -ия → -ia is in _cyrillic_word.
_BULGARIAN = _table(
    "а б в г д е ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ь ю я",
    "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a y yu ya",
)
_RUSSIAN = {
    **_BULGARIAN,
    **_table("ё х щ ы э", "e kh shch y e"),
    "ъ": "",
    "ь": "",
}
_UKRAINIAN = {  # resolution 55 of 2010; the fuller forms at the start of a word are below
    **_RUSSIAN,
    **_table("г ґ и і ї є й ю я", "h g y i i ie i iu ia"),
}
_UKRAINIAN_FIRST = _table("є ї й ю я", "ye yi y yu ya")

CYRILLIC: dict[str, Mapping[str, str]] = {
    "sr": _SERBIAN,
    "mk": _MACEDONIAN,
    "bg": _BULGARIAN,
    "ru": _RUSSIAN,
    "uk": _UKRAINIAN,
}
_ANY_CYRILLIC = {**_RUSSIAN, **_UKRAINIAN, **_MACEDONIAN, **_SERBIAN, **_BULGARIAN, "ў": "w"}

_GREEK = _table(
    "α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ ς τ υ φ χ ψ ω",
    "a v g d e z i th i k l m n x o p r s s t y f ch ps o",
)
_GREEK_PAIRS = {"ου": "ou", "ού": "ou", "γγ": "ng", "γκ": "gk", "γξ": "nx", "γχ": "nch"}
_GREEK_VOICELESS = frozenset("θκξπσςτφχψ")

_GEORGIAN = _table(
    "ა ბ გ დ ე ვ ზ თ ი კ ლ მ ნ ო პ ჟ რ ს ტ უ ფ ქ ღ ყ შ ჩ ც ძ წ ჭ ხ ჯ ჰ",
    "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h",
)
_ARMENIAN = _table(
    "ա բ գ դ ե զ է ը թ ժ ի լ խ ծ կ հ ձ ղ ճ մ յ ն շ ո չ պ ջ ռ ս վ տ ր ց ւ փ ք և օ ֆ",
    "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k ev o f",
)

# Revised Romanisation of Korean, in the order of the code points.
_INITIALS = _list("g kk n d tt r m b pp s ss - j jj ch k t p h")
_VOWELS = _list("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_FINALS = _list("- k k k n n n t l k m l l l p l m p p t t ng t t k t p t")
_LINKED = _list("- g kk gs n nj n d r lg lm lb ls lt lp r m b bs s ss ng j ch k t p -")
# How the bearers of the commonest surnames usually write them, against the official g, b, i.
_SURNAMES = _table(
    "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 유 홍 전 고 문 손 양 배 백 허 남"
    " 심 노 하 곽 성 차 주 우 구 나 민 진 지 엄 채 원 천 방 공 현 함 변 염 추 도 석 설 길 연"
    " 표 명 기 왕",
    "Kim Lee Park Choi Jeong Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Ryu Yoo"
    " Hong Jeon Ko Moon Son Yang Bae Baek Heo Nam Shim Noh Ha Kwak Sung Cha Joo Woo Koo Na Min Jin"
    " Ji Um Chae Won Cheon Bang Kong Hyun Ham Byun Yeom Choo Do Seok Seol Gil Yeon Pyo Myung Ki"
    " Wang",
)

_CYRILLIC_WORD = re.compile(r"[\u0400-\u052f][\u0400-\u052f\u0300-\u036f]*")
_PROTECTED = re.compile(
    r"</?[a-zA-Z][^<>]*>"  # HTML tags
    r"|(?:https?://|www\.)[^\s<>]+|[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+"  # addresses
    r"|%\([^)]*\)[a-zA-Z]|\{[^{}\s]*\}"  # placeholders
)
_FOREIGN_RUN = re.compile(
    r"(?P<cyrillic>[\u0400-\u052f\u1c80-\u1c88][\u0400-\u052f\u0300-\u036f]*)"
    r"|(?P<greek>[\u0370-\u03ff\u1f00-\u1fff][\u0370-\u03ff\u1f00-\u1fff\u0300-\u036f]*)"
    r"|(?P<hangul>[\uac00-\ud7a3]+)"
    r"|(?P<georgian>[\u10d0-\u10ff\u1c90-\u1cbf]+)"
    r"|(?P<armenian>[\u0531-\u0587]+)"
)


def _cased(piece: str, word: str, i: int) -> str:
    """`piece` in the case of the letter at `i`: Љ is Lj, but LJ among capitals."""
    if not word[i].isupper():
        return piece
    if len(piece) < 2:
        return piece.upper()
    following = word[i + 1 : i + 2]
    among_capitals = following.isupper() or (not following.islower() and word[:i][-1:].isupper())
    return piece.upper() if among_capitals else piece.capitalize()


def serbian_latin(text: str) -> str:
    """Serbian Cyrillic in Serbian Latin, loss-free.

    Words with a letter that Serbian lacks (щ, ы, ќ …) stay as they are, and so do addresses, HTML
    tags and placeholders. Not for names, titles or e-mail addresses of people: those are theirs.
    """
    if text.isascii():
        return text
    pieces: list[str] = []
    end = 0
    for match in _PROTECTED.finditer(text):
        pieces.append(_CYRILLIC_WORD.sub(_serbian_word, text[end : match.start()]))
        pieces.append(match.group())
        end = match.end()
    pieces.append(_CYRILLIC_WORD.sub(_serbian_word, text[end:]))
    return "".join(pieces)


def _serbian_word(match: re.Match[str]) -> str:
    word = unicodedata.normalize("NFC", match.group())
    lower = word.lower()
    if any(char not in _SERBIAN and not unicodedata.combining(char) for char in lower):
        return match.group()
    return "".join(_cased(_SERBIAN.get(char, char), word, i) for i, char in enumerate(lower))


def cyrillic_language(text: str) -> str:
    """The language whose letters occur in the text; Serbian when nothing speaks against it."""
    letters = set(unicodedata.normalize("NFC", text).lower())
    for language, own in (("uk", "іїєґ"), ("ru", "ыэё"), ("mk", "ѓќѕ"), ("sr", "ђћ")):
        if letters & set(own):
            return language
    return "bg" if letters & set("щъьюяй") else "sr"


def latin(name: str, language: str | None = None) -> str:
    """A proposal for the Latin spelling of a name; text in Latin letters stays as it is.

    `language` (sr, mk, bg, ru, uk) decides how Cyrillic is read where the letters leave it open.
    Scripts without a table here (Chinese, Arabic …) stay as they are.
    """
    if name.isascii():
        return name
    text = unicodedata.normalize("NFC", name)
    cyrillic = language if language in CYRILLIC else cyrillic_language(text)

    def written(match: re.Match[str]) -> str:
        word = match.group()
        if match.lastgroup == "cyrillic":
            return cyrillic_word(word, cyrillic)
        if match.lastgroup == "hangul":
            first = not text[: match.start()].strip()
            return _korean_name(word, first=first)
        return _WORDS[match.lastgroup or ""](word)

    return _FOREIGN_RUN.sub(written, text)


def cyrillic_word(word: str, language: str) -> str:
    """One Cyrillic word as the language's own rules write it in Latin letters."""
    table = CYRILLIC[language]
    lower = word.lower()
    pieces: list[str] = []
    for i, char in enumerate(lower):
        piece = table[char] if char in table else _any_cyrillic(char)
        if language == "bg" and char == "я" and lower[i - 1 : i] == "и" and i == len(lower) - 1:
            piece = "a"
        elif language == "uk" and i == 0:
            piece = _UKRAINIAN_FIRST.get(char, piece)
        elif language == "uk" and char == "г" and lower[i - 1 : i] == "з":
            piece = "gh"
        pieces.append(_cased(piece, word, i))
    return "".join(pieces)


def _any_cyrillic(char: str) -> str:
    """A letter that the language lacks, as another one reads it, without accents."""
    if char in _ANY_CYRILLIC:
        return _ANY_CYRILLIC[char]
    base = unicodedata.normalize("NFD", char.casefold())[0]
    return _ANY_CYRILLIC.get(base, char)


def _greek_word(word: str) -> str:
    """ELOT 743."""
    lower = word.lower()
    capitals = len(word) > 1 and word.isupper()
    pieces: list[str] = []
    i = 0
    while i < len(lower):
        piece, length = _greek_piece(lower, i)
        if word[i].isupper():
            piece = piece.upper() if capitals else piece.capitalize()
        pieces.append(piece)
        i += length
    return "".join(pieces)


def _greek_piece(lower: str, i: int) -> tuple[str, int]:
    pair, after = lower[i : i + 2], lower[i + 2 : i + 3]
    if pair in _GREEK_PAIRS:
        return _GREEK_PAIRS[pair], 2
    if pair == "μπ":
        return ("b" if i == 0 or not after else "mp"), 2
    if len(pair) == 2 and pair[0] in "αεη" and pair[1] in "υύ":
        return _GREEK[pair[0]] + ("f" if not after or after in _GREEK_VOICELESS else "v"), 2
    base = unicodedata.normalize("NFD", lower[i])[0]
    return _GREEK.get(base, "" if unicodedata.combining(base) else base), 1


def hangul_word(word: str) -> str:
    """Revised Romanisation without assimilation between syllables, as it is used for names."""
    syllables = [divmod(ord(char) - 0xAC00, 588) for char in word]
    pieces: list[str] = []
    for i, (initial, rest) in enumerate(syllables):
        vowel, final = divmod(rest, 28)
        following = syllables[i + 1][0] if i + 1 < len(syllables) else None
        before = syllables[i - 1][1] % 28 if i else 0
        start = "l" if _INITIALS[initial] == "r" and _FINALS[before] == "l" else _INITIALS[initial]
        silent_next = following is not None and _INITIALS[following] == ""
        end = _LINKED[final] if silent_next else _FINALS[final]
        pieces.append(start + _VOWELS[vowel] + end)
    return "".join(pieces)


def _korean_name(word: str, *, first: bool) -> str:
    if first and word in _SURNAMES:
        return _SURNAMES[word]
    if first and len(word) == 3 and word[0] in _SURNAMES:
        return f"{_SURNAMES[word[0]]} {hangul_word(word[1:]).capitalize()}"
    return hangul_word(word).capitalize()


def _georgian_word(word: str) -> str:
    return "".join(_GEORGIAN.get(char, char) for char in word.lower()).capitalize()


def _armenian_word(word: str) -> str:
    lower = word.lower()
    text = "".join(_ARMENIAN.get(char, char) for char in lower.replace("ու", "u"))
    if lower.startswith("ե"):
        text = "y" + text
    elif lower.startswith("ո") and not lower.startswith("ու"):
        text = "v" + text
    if word[:1].isupper():
        text = text.upper() if len(word) > 1 and word.isupper() else text.capitalize()
    return text


_WORDS: dict[str, Callable[[str], str]] = {
    "greek": _greek_word,
    "georgian": _georgian_word,
    "armenian": _armenian_word,
}
