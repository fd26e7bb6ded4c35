"""The catalogue tool: whose a text is, nothing written is lost, every fault is found."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from conference.translations.catalogue import compile_all, main, problems, status, update
from conference.translations.extraction import CannotExtract, extract
from conference.translations.faults import faults


def put(root: Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def po(root: Path, feature: str) -> Path:
    return root / "conference" / "translations" / "sr" / f"{feature}.po"


def translate(root: Path, feature: str, **forms: str) -> None:
    """Fill in the empty msgstr of msgids whose spaces are written as underscores."""
    text = po(root, feature).read_text(encoding="utf-8")
    for name, form in forms.items():
        msgid = name.replace("_", " ")
        before = f'msgid "{msgid}"\nmsgstr ""\n'
        assert before in text
        text = text.replace(before, f'msgid "{msgid}"\nmsgstr "{form}"\n')
    po(root, feature).write_text(text, encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path, "conference/core/errors.py", 'def N_(m): return m\nA = N_("Not possible.")\n')
    put(tmp_path, "conference/payments/service.py", 'B = N_("Pay "\n  "now")\nC = _("Back")\n')
    put(tmp_path, "conference/editions/views.py", 'C = lazy("Back")\nD = _(unknown)\n')
    put(tmp_path, "templates/payments/page.html", "{% trans %}\n  Due\n  today\n{% endtrans %}")
    put(tmp_path, "templates/base.html", "<a>{{ _('Not possible.') }}</a>")
    put(tmp_path, "templates/papers/x.html", "{{ gettext('Proforma') }}")
    put(
        tmp_path,
        "templates/emails/welcome.txt",
        "{% trans n=days %}{{ n }} day{% pluralize %}{{ n }} days{% endtrans %}",
    )
    return tmp_path


def test_every_text_belongs_to_the_lowest_feature_that_uses_it(root: Path) -> None:
    assert {text.msgid: text.feature for text in extract(root).values()} == {
        "Not possible.": "shared",
        "Pay now": "payments",
        "Back": "editions",
        "Due today": "payments",
        "Proforma": "documents",
        "%(n)s day": "emails",
    }


def test_a_text_put_together_while_running_is_refused_with_its_line(root: Path) -> None:
    put(root, "conference/editions/manage.py", 'x = 1\ny = _(f"Hello {x}")\n')
    with pytest.raises(CannotExtract, match=r"manage\.py:2"):
        extract(root)
    assert main(["check"], root) == 1


def test_a_broken_template_is_named(root: Path) -> None:
    put(root, "templates/editions/page.html", "{{ _('a') ")
    with pytest.raises(CannotExtract, match=r"editions/page\.html:1"):
        extract(root)


def test_extracting_twice_changes_nothing_and_dates_nothing(root: Path) -> None:
    assert [path.stem for path in update(root)] == [
        "shared", "documents", "emails", "editions", "payments"
    ]  # fmt: skip
    assert update(root) == []
    text = po(root, "shared").read_text(encoding="utf-8")
    assert "Date" not in text
    assert "#: conference/core/errors.py templates/base.html\n" in text


def test_a_translation_follows_its_text_into_another_file(root: Path) -> None:
    update(root)
    translate(root, "payments", Pay_now="Платите одмах")
    put(root, "conference/web/frame.py", '_("Pay now")\n')
    assert problems(root)[-1] == (
        "conference/translations/sr/shared.po: no translation: 'Not possible.'"
    )
    assert "conference/translations/sr/payments.po: belongs into shared.po: extract: 'Pay now'" in (
        problems(root)
    )
    update(root, ["payments"])
    assert "Платите одмах" in po(root, "shared").read_text(encoding="utf-8")
    assert "Платите одмах" not in po(root, "payments").read_text(encoding="utf-8")


def test_the_translation_of_a_text_that_is_gone_waits_until_it_is_pruned(root: Path) -> None:
    update(root)
    translate(root, "payments", Pay_now="Платите одмах")
    put(root, "conference/payments/service.py", "")
    update(root)
    assert '#~ msgstr "Платите одмах"' in po(root, "payments").read_text(encoding="utf-8")
    assert "conference/translations/sr/payments.po: is not used: extract --prune: 'Pay now'" in (
        problems(root)
    )
    put(root, "conference/payments/service.py", 'B = N_("Pay now")\n')
    update(root)
    assert ("payments", 2, 1, 0, 0) in status(root)
    put(root, "conference/payments/service.py", "")
    update(root, prune=True)
    assert "Платите" not in po(root, "payments").read_text(encoding="utf-8")


def filled(root: Path) -> None:
    update(root)
    translate(root, "shared", **{"Not_possible.": "Није могуће."})
    translate(root, "documents", Proforma="Предрачун за %%")
    translate(root, "editions", Back="Назад")
    translate(root, "payments", Pay_now="Љубазно платите", Due_today="Рок је данас")
    text = po(root, "emails").read_text(encoding="utf-8")
    for i, form in enumerate(("%(n)s дан", "%(n)s дана", "%(n)s дана")):
        text = text.replace(f'msgstr[{i}] ""', f'msgstr[{i}] "{form}"')
    po(root, "emails").write_text(text, encoding="utf-8")


def test_a_complete_catalogue_passes_and_each_gap_fails(root: Path) -> None:
    filled(root)
    assert problems(root) == []
    assert main(["check"], root) == 0
    whole = po(root, "emails").read_text(encoding="utf-8")
    po(root, "emails").write_text(whole.replace('msgstr[2] "%(n)s дана"', 'msgstr[2] ""'))
    assert problems(root) == [
        "conference/translations/sr/emails.po: a form is missing: '%(n)s day'"
    ]
    assert main(["check"], root) == 1
    po(root, "emails").write_text(whole.replace("#, python-format", "#, fuzzy, python-format"))
    assert problems(root) == ["conference/translations/sr/emails.po: is marked fuzzy: '%(n)s day'"]
    po(root, "emails").unlink()
    assert problems(root) == [
        "conference/translations/sr/emails.po: is missing (from templates/emails/welcome.txt):"
        " extract: '%(n)s day'"
    ]


def test_compiling_makes_both_scripts_with_all_plurals(root: Path) -> None:
    filled(root)
    put(
        root,
        "conference/translations/sr/flask_security.po",
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Login"\nmsgstr "Пријава"\n',
    )
    assert compile_all(root) == {
        "sr/messages": 6,
        "sr_Latn/messages": 6,
        "sr/flask_security": 1,
        "sr_Latn/flask_security": 1,
    }
    found = {
        locale: gettext.translation("messages", root / "conference" / "translations", [locale])
        for locale in ("sr", "sr_Latn")
    }
    assert found["sr"].gettext("Pay now") == "Љубазно платите"
    assert found["sr_Latn"].gettext("Pay now") == "Ljubazno platite"
    assert [
        found["sr_Latn"].ngettext("%(n)s day", "%(n)s days", n) % {"n": n} for n in (1, 2, 5, 21)
    ] == ["1 dan", "2 dana", "5 dana", "21 dan"]
    security = gettext.translation(
        "flask_security", root / "conference" / "translations", ["sr_Latn"]
    )
    assert security.gettext("Login") == "Prijava"


@pytest.mark.parametrize(
    ("msgid", "form", "fault"),
    [
        ("Hello %(name)s", "Здраво", "%(name)s is lost"),
        ("Hello {name}", "Здраво {име}", "{name} is lost"),
        ("Hello", "Здраво %(name)s", "%(name)s is not in the text"),
        ("Dear <b>you</b>", "Драги ви", "other HTML tags than the text"),
        ("Venue", "Mесто", "“Mесто” mixes Latin and Cyrillic letters"),
        ("You and I", "Ви a ја", "“a” is written in Latin letters that look Cyrillic"),
        ("Venue", "Mesto", "not in Cyrillic letters"),
        ("Venue", "venue", "not in Cyrillic letters"),
        ("Venue", " ", "no translation"),
        ("Venue ", "Место", "white space at the ends differs"),
    ],
)
def test_each_fault_of_a_translation_has_words(msgid: str, form: str, fault: str) -> None:
    assert fault in list(faults([msgid], [form]))


@pytest.mark.parametrize(
    ("msgid", "form"),
    [
        ("ORCID iD", "ORCID iD"),
        ("PDF", "PDF"),
        ("Your QR code (IBAN)", "Ваш QR-код (IBAN-а)"),
        ("Write to ana@example.org", "Пишите на ana@example.org"),
        ("See https://example.org/a", "Видите https://example.org/a"),
        ("%(a)s – %(b)s", "%(b)s – %(a)s"),
        ("<a href='%(url)s'>Back</a>", "<a href='%(url)s'>Назад</a>"),
    ],
)
def test_names_addresses_and_abbreviations_are_no_faults(msgid: str, form: str) -> None:
    assert list(faults([msgid], [form])) == []


def test_a_singular_that_counts_also_21_needs_its_number() -> None:
    forms = ["један дан", "%(n)s дана", "%(n)s дана"]
    assert list(faults(["One day", "%(n)s days"], forms)) == ["%(n)s is lost"]
