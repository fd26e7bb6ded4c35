"""The Serbian catalogues: extract, check, compile, status. Needs no application.

    python -m conference.translations.catalogue extract [feature ...] [--prune]
    python -m conference.translations.catalogue check | compile | status

`extract` brings conference/translations/sr/<feature>.po up to date and keeps every translation;
a text that is gone stays at the end of its file until `--prune`. `check` says what is missing or
wrong. `compile` makes the .mo files of sr and, by letters alone, of sr_Latn.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from conference.core.text import serbian_latin
from conference.translations.extraction import CannotExtract, Text, extract, rank
from conference.translations.faults import PLURAL_FORMS, faults

ROOT = Path(__file__).resolve().parents[2]
# Texts of Flask-Security; its library brings the msgids, so they are neither missing nor obsolete.
FOREIGN_DOMAINS = ("flask_security",)

_HEADER = r"""# {feature}: Serbian in Cyrillic, written by hand; the Latin letters are made from it.
msgid ""
msgstr ""
"Language: sr\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && "
"n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

"""


@dataclass(frozen=True)
class Entry:
    """A translation as it stands in a file."""

    feature: str
    forms: tuple[str, ...]
    fuzzy: bool = False
    comments: tuple[str, ...] = ()
    obsolete: bool = False

    @property
    def worth(self) -> tuple[bool, bool, bool]:
        """Which of two entries of one text to keep."""
        return (any(self.forms), not self.fuzzy, not self.obsolete)


def folder(root: Path) -> Path:
    return root / "conference" / "translations"


def po_files(root: Path) -> list[Path]:
    """Our own catalogues, from the ground of the house upwards."""
    found = (path for path in (folder(root) / "sr").glob("*.po"))
    own = (path for path in found if path.stem not in FOREIGN_DOMAINS)
    return sorted(own, key=lambda path: rank(path.stem))


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="sr", domain=path.stem, abort_invalid=True)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value or ""),)


def entries(path: Path) -> Iterator[tuple[str, Entry]]:
    """(msgid, entry) of one file, the texts that are gone included."""
    catalogue = read_catalogue(path)
    for gone, messages in ((False, list(catalogue)), (True, catalogue.obsolete.values())):
        for message in messages:
            if message.id:
                yield (
                    _texts(message.id)[0],
                    Entry(
                        path.stem,
                        _texts(message.string),
                        message.fuzzy,
                        tuple(message.user_comments),
                        gone,
                    ),
                )


def kept(root: Path) -> dict[str, Entry]:
    """The best translation of every text, whichever file it stands in."""
    best: dict[str, Entry] = {}
    for path in po_files(root):
        for msgid, entry in entries(path):
            if msgid not in best or entry.worth > best[msgid].worth:
                best[msgid] = entry
    return best


# -- extract


def update(root: Path, only: Collection[str] = (), *, prune: bool = False) -> list[Path]:
    """Bring the files up to date, all or those of some features; returns those that changed."""
    texts, old = extract(root), kept(root)
    gone = {} if prune else {key: one for key, one in old.items() if key not in texts}
    features = {text.feature for text in texts.values()} | {path.stem for path in po_files(root)}
    if only:  # and the files into which their texts move, lest a translation is lost on the way
        moving = {key for key, one in old.items() if one.feature in only} & texts.keys()
        features &= {*only, *(texts[key].feature for key in moving)}
    changed: list[Path] = []
    for feature in sorted(features, key=rank):
        content = _written(
            feature,
            [text for text in texts.values() if text.feature == feature],
            old,
            {key: one for key, one in gone.items() if one.feature == feature and any(one.forms)},
        )
        path = folder(root) / "sr" / f"{feature}.po"
        before = path.read_text(encoding="utf-8") if path.exists() else None
        if content is None:
            if before is not None:
                path.unlink()
                changed.append(path)
        elif content != before:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".po.new")
            fresh.write_text(content, encoding="utf-8")
            fresh.replace(path)
            changed.append(path)
    return changed


def _written(
    feature: str, texts: list[Text], old: dict[str, Entry], gone: dict[str, Entry]
) -> str | None:
    """The file of a feature, None when it would be empty."""
    if not texts and not gone:
        return None
    catalogue = Catalog(locale="sr", fuzzy=False)
    for text in texts:
        entry = old.get(text.msgid)
        forms = list(entry.forms) if entry else []
        wanted = PLURAL_FORMS if text.plural else 1
        forms = (forms + [""] * wanted)[:wanted]
        catalogue.add(
            (text.msgid, text.plural) if text.plural else text.msgid,
            tuple(forms) if text.plural else forms[0],
            locations=[(place, 0) for place in text.places],
            flags=("fuzzy",) if entry and entry.fuzzy else (),
            user_comments=entry.comments if entry else (),
        )
    for msgid, entry in gone.items():
        catalogue.obsolete[msgid] = _gone(msgid, entry)
    out = io.BytesIO()
    write_po(out, catalogue, width=100, sort_output=True, omit_header=True, include_lineno=False)
    body = out.getvalue().decode("utf-8")
    return _HEADER.format(feature=feature) + body.strip("\n") + "\n"


def _gone(msgid: str, entry: Entry) -> Message:
    plural = len(entry.forms) > 1
    return Message(
        (msgid, msgid) if plural else msgid,
        entry.forms if plural else entry.forms[0],
        user_comments=entry.comments,
    )


# -- check


def problems(root: Path) -> list[str]:
    """Everything that keeps the catalogues from being complete, one line each."""
    texts = extract(root)
    found: list[str] = []
    seen: dict[str, list[str]] = {}
    for path in po_files(root):
        for msgid, entry in entries(path):
            text = texts.get(msgid)
            if text is None or entry.obsolete:
                found.append(_line(root, path.stem, msgid, "is not used: extract --prune"))
                continue
            seen.setdefault(msgid, []).append(entry.feature)
            if entry.feature != text.feature:
                found.append(
                    _line(root, path.stem, msgid, f"belongs into {text.feature}.po: extract")
                )
            if entry.fuzzy:
                found.append(_line(root, path.stem, msgid, "is marked fuzzy"))
            msgids = (text.msgid, text.plural) if text.plural else (text.msgid,)
            found += [_line(root, path.stem, msgid, fault) for fault in faults(msgids, entry.forms)]
    for msgid, text in texts.items():
        if msgid not in seen:
            where = sorted(text.places)[0]
            found.append(_line(root, text.feature, msgid, f"is missing (from {where}): extract"))
    for domain in FOREIGN_DOMAINS:
        found += _foreign_problems(root, domain)
    return sorted(found)


def _foreign_problems(root: Path, domain: str) -> list[str]:
    path = folder(root) / "sr" / f"{domain}.po"
    if not path.exists():
        return []
    return [
        _line(root, domain, _texts(message.id)[0], fault)
        for message in read_catalogue(path)
        if message.id
        for fault in faults(_texts(message.id), _texts(message.string))
    ]


def _line(root: Path, feature: str, msgid: str, fault: str) -> str:
    path = (folder(root) / "sr" / f"{feature}.po").relative_to(root).as_posix()
    return f"{path}: {fault}: {msgid!r}"


# -- compile


def compile_all(root: Path) -> dict[str, int]:
    """Write the .mo files of both scripts; returns how many texts each has."""
    own = Catalog(locale="sr", fuzzy=False)
    for path in po_files(root):
        _merge(own, read_catalogue(path))
    counts: dict[str, int] = {}
    domains = {"messages": own}
    for domain in FOREIGN_DOMAINS:
        path = folder(root) / "sr" / f"{domain}.po"
        if path.exists():
            domains[domain] = Catalog(locale="sr", fuzzy=False)
            _merge(domains[domain], read_catalogue(path))
    for domain, catalogue in domains.items():
        for locale, made in (("sr", catalogue), ("sr_Latn", in_latin(catalogue))):
            path = folder(root) / locale / "LC_MESSAGES" / f"{domain}.mo"
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".mo.new")
            with fresh.open("wb") as file:
                write_mo(file, made)
            fresh.replace(path)
            counts[f"{locale}/{domain}"] = len(made)
    return counts


def _merge(into: Catalog, catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id and not message.fuzzy and all(_texts(message.string)):
            into.add(message.id, message.string)


def in_latin(catalogue: Catalog) -> Catalog:
    """The same texts in Latin letters; placeholders, tags and addresses stay."""
    latin = Catalog(locale="sr_Latn", fuzzy=False)
    for message in catalogue:
        if message.id:
            forms = tuple(serbian_latin(form) for form in _texts(message.string))
            latin.add(message.id, forms if len(forms) > 1 else forms[0])
    return latin


# -- status and the command line


def status(root: Path) -> list[tuple[str, int, int, int, int]]:
    """(feature, texts, translated, fuzzy, gone) of every file."""
    rows: list[tuple[str, int, int, int, int]] = []
    for path in po_files(root):
        found = [entry for _msgid, entry in entries(path)]
        current = [entry for entry in found if not entry.obsolete]
        done = sum(all(entry.forms) and not entry.fuzzy for entry in current)
        fuzzy = sum(entry.fuzzy for entry in current)
        rows.append((path.stem, len(current), done, fuzzy, len(found) - len(current)))
    return rows


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="python -m conference.translations.catalogue")
    parser.add_argument("verb", choices=("extract", "update", "check", "compile", "status"))
    parser.add_argument("features", nargs="*", help="extract: only these files")
    parser.add_argument("--prune", action="store_true", help="extract: drop texts that are gone")
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen.verb, root, chosen.features, chosen.prune)
    except (CannotExtract, PoFileError) as error:
        print(error, file=sys.stderr)
        return 1


def _run(verb: str, root: Path, features: Collection[str], prune: bool) -> int:
    if verb in ("extract", "update"):
        for path in update(root, features, prune=prune):
            print(f"changed: {path.relative_to(root).as_posix()}")
    elif verb == "check":
        found = problems(root)
        print("\n".join(found) or "The Serbian catalogues are complete.")
        return 1 if found else 0
    elif verb == "compile":
        for name, count in compile_all(root).items():
            print(f"{name}: {count} texts")
    if verb in ("extract", "update", "status"):
        for feature, texts, done, fuzzy, gone in status(root):
            print(f"{feature:14} {done:5} of {texts:5} translated, {fuzzy} fuzzy, {gone} gone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
