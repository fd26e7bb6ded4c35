"""Text of people: found in every script and spelling, clean, in the reader's letters."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.core.text import (
    fold,
    from_csv_cell,
    full_name,
    in_language,
    initials,
    latin,
    matches,
    plain_line,
    plain_text,
    search_key,
    search_terms,
    serbian_latin,
    slug,
    sort_key,
    to_csv_cell,
)


def test_one_person_in_three_spellings_folds_to_one_key() -> None:
    assert {fold(name) for name in ("Đorđević", "Djordjevic", "Ђорђевић", "ĐORĐEVIĆ")} == {
        "djordjevic"
    }


@pytest.mark.parametrize("stored", ["Đorđević", "Djordjevic", "Ђорђевић", "Dordevic"])
@pytest.mark.parametrize(
    "typed", ["Đorđević", "djordjevic", "ЂОРЂЕВИЋ", "dordevic", "ђорђ", "dord", "Djo"]
)
def test_every_spelling_finds_every_spelling(stored: str, typed: str) -> None:
    assert matches(search_key(f"Ana {stored}"), search_terms(typed))


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Müller", "mueller"),
        ("Müller", "muller"),
        ("Şükrü Iğdır", "sukru igdir"),
        ("Живко Чолаков", "zhivko cholakov"),
        ("Живко Чолаков", "Živko Čolakov"),
        ("Zhivko", "Живко"),
        ("김민수", "kim minsu"),
        ("김민수", "gim minsu"),
        ("Kim Minsu", "김민수"),
        ("Παπαδόπουλος", "papadopoulos"),
        ("Łódź", "lodz"),
        ("O'Neill", "oneill"),
        ("清华大学", "清华"),
    ],
)
def test_names_of_other_scripts_are_found_by_ascii_and_back(stored: str, typed: str) -> None:
    assert matches(search_key(stored), search_terms(typed))


def test_a_search_asks_for_every_word() -> None:
    key = search_key("Ana Đorđević", None, "Cluster House")
    assert matches(key, search_terms("house ana"))
    assert not matches(key, search_terms("house marko"))
    assert search_terms("  ") == []


@pytest.mark.parametrize(
    ("name", "proposal"),
    [
        ("Љубица Њего", "Ljubica Njego"),
        ("Ѓорѓи Ќосев", "Gjorgji Kjosev"),
        ("Щерев София Живко", "Shterev Sofia Zhivko"),
        ("Юлия Желязкова", "Yulia Zhelyazkova"),
        ("Хрущёв", "Khrushchev"),
        ("Олексій Згурський", "Oleksii Zghurskyi"),
        ("Ευάγγελος Μπακογιάννης", "Evangelos Bakogiannis"),
        ("Αύγουστος Ντόβας", "Avgoustos Ntovas"),
        ("김민수", "Kim Minsu"),
        ("박 지훈", "Park Jihun"),
        ("გიორგი", "Giorgi"),
        ("Երևան", "Yerevan"),
        ("Đorđević", "Đorđević"),
    ],
)
def test_a_latin_spelling_is_proposed(name: str, proposal: str) -> None:
    assert latin(name) == proposal


def test_the_country_decides_how_open_letters_are_read() -> None:
    assert latin("Живко Чолаков") == "Živko Čolakov"
    assert latin("Живко Чолаков", "bg") == "Zhivko Cholakov"
    assert latin("Џемо", "mk") == "Djemo"


@pytest.mark.parametrize(
    ("cyrillic", "in_latin"),
    [
        ("Љубав", "Ljubav"),
        ("ЉУБАВ", "LJUBAV"),
        ("Њ. ЊЕГОШ", "Nj. NJEGOŠ"),
        ("ЏУМБУС, Џон", "DŽUMBUS, Džon"),
        ("КОЊ", "KONJ"),
        ("ЊЗУ-а", "NJZU-a"),
        ("QR-код за Ђорђа", "QR-kod za Đorđa"),
        ("реч щука и объект", "reč щука i объект"),
        ("{име} и %(број)s", "{име} i %(број)s"),
        ('<a href="/Ниш">Ниш</a>', '<a href="/Ниш">Niš</a>'),
        ("на https://примери.срб/Ниш сада", "na https://примери.срб/Ниш sada"),
        ("пиши на ана@пример.срб", "piši na ана@пример.срб"),
    ],
)
def test_serbian_changes_letters_and_nothing_else(cyrillic: str, in_latin: str) -> None:
    assert serbian_latin(cyrillic) == in_latin


SERBIAN = "абвгдђежзијклљмнњопрстћуфхцчџш"


@given(st.text(SERBIAN + SERBIAN.upper() + " ,.-"))
def test_no_serbian_letter_is_left_in_cyrillic(text: str) -> None:
    done = serbian_latin(text)
    assert not any("\u0400" <= char <= "\u04ff" for char in done)
    assert fold(done) == fold(serbian_latin(text.lower()))


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_and_finds_itself(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert matches(search_key(fold(text)), search_terms(fold(text)))
    assert all(word.isalnum() for word in fold(text).split())


NAMES = ["Ćosić", "Čović", "Cvetić", "Đurić", "Džajić", "Dačić", "Žikić", "Zorić", "Ljubić"]
NAMES += ["Lukić", "Njegoš", "Nikolić", "Šarić", "Savić", "Вук"]


@pytest.mark.parametrize(
    ("locale", "order"),
    [
        (
            "sr_Latn",
            "Cvetić Čović Ćosić Dačić Džajić Đurić Lukić Ljubić Nikolić Njegoš Savić Šarić Вук"
            " Zorić Žikić",
        ),
        (
            "sr",
            "Вук Dačić Đurić Žikić Zorić Lukić Ljubić Nikolić Njegoš Savić Ćosić Cvetić Čović"
            " Džajić Šarić",
        ),
        (
            "en",
            "Ćosić Čović Cvetić Dačić Đurić Džajić Ljubić Lukić Nikolić Njegoš Šarić Savić Вук"
            " Žikić Zorić",
        ),
    ],
)
def test_lists_follow_the_readers_alphabet(locale: str, order: str) -> None:
    assert sorted(NAMES, key=lambda name: sort_key(name, locale)) == order.split()


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana Marija Đorđević", "AĐ"),
        ("Љубица Њего", "ЉЊ"),
        ("김민수", "김"),
        ("გიორგი ბერიძე", "გბ"),
        ("", ""),
    ],
)
def test_initials_stay_in_their_script(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_slug_is_ascii_and_cut_between_words() -> None:
    assert slug("Дани кластера: Ohrid & Niš 2016!") == "dani-klastera-ohrid-nis-2016"
    assert slug("balkan cluster day", longest=13) == "balkan"
    assert slug("清华") == ""


def test_a_line_cannot_break_out() -> None:
    assert plain_line("Ana\r\nBcc: x@example.org") == "Ana Bcc: x@example.org"
    assert plain_line("a\u202eb\x00c\u200bd\u2028e\ufeff") == "abcd e"
    assert plain_line("e\u200b\u0301") == "é"


def test_a_longer_text_keeps_its_lines() -> None:
    assert plain_text("one  \r\n\r\n\r\n\ttwo\x07\u202e\u2029three ") == "one\n\n\ttwo\nthree"


@given(st.text(max_size=40))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert plain_line(plain_line(text)) == plain_line(text)
    assert plain_text(plain_text(text)) == plain_text(text)
    assert not any(ord(char) < 32 for char in plain_line(text))


def test_each_reader_gets_his_letters_or_the_other_language() -> None:
    both = {"en": "Venue", "sr": "Место одржавања"}
    assert in_language(both, "en") == "Venue"
    assert in_language(both, "sr") == "Место одржавања"
    assert in_language(both, "sr_Latn") == "Mesto održavanja"
    assert in_language({"sr": "Mesto"}, "sr") == "Mesto"
    assert in_language({"en": "Venue", "sr": " "}, "sr_Latn") == "Venue"
    assert in_language({"sr": "Место"}, "en") == "Mesto"
    assert in_language({}, "en") == in_language(None, "sr") == ""


RISKY = ["=1+1", "+381 18 1", "-2", "@sum", "\t=1", "  =1", "\r=1", "\x00=1", "'=1", "＝1", "''@x"]


@pytest.mark.parametrize("text", RISKY)
def test_a_cell_is_never_a_formula(text: str) -> None:
    cell = to_csv_cell(text)
    assert cell.startswith("'")
    assert from_csv_cell(cell) == text


def test_a_part_that_another_separator_would_cut_off_is_no_formula_either() -> None:
    assert to_csv_cell("a;=1\n- ramp\tb;c") == "a;'=1\n'- ramp\tb;c"


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("=+-@;'\"\t\r\n\x00 "), max_size=12))
def test_cells_go_there_and_back(text: str) -> None:
    cell = to_csv_cell(text)
    assert from_csv_cell(cell) == text
    for part in re.split(r"[;\t\r\n]", cell):
        assert not part.lstrip(' \x00"').startswith(("=", "+", "-", "@"))


def test_numbers_stay_numbers_and_a_file_reads_back() -> None:
    assert [to_csv_cell(value) for value in (-5, None, "Niš", "it's")] == ["-5", "", "Niš", "it's"]
    out = io.StringIO()
    csv.writer(out).writerow([to_csv_cell(text) for text in ("=1;2", 'a"b', "-x")])
    [row] = csv.reader(io.StringIO(out.getvalue()))
    assert [from_csv_cell(cell) for cell in row] == ["=1;2", 'a"b', "-x"]


@pytest.mark.parametrize(
    ("given", "family", "whole"),
    [
        ("Đorđe", "Ilić", "Đorđe Ilić"),
        ("은채", "독고", "독고은채"),
        ("", "Ilić", "Ilić"),
    ],
)
def test_full_name_stands_as_its_language_writes_it(given, family, whole):
    assert full_name(given, family) == whole
