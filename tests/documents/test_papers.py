"""Papers as they are printed: hard names, archivable files, codes that scan, nothing cut off."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import zxingcpp
from babel.messages.pofile import read_po
from PIL import Image

from conference.core.money import Money
from conference.documents import apart, invoices, papers, typesetting, words
from tests.documents import samples

ROOT = Path(__file__).resolve().parents[2]
BADGE = words.badge(str)
TICKET = words.ticket(str)
INVOICE = words.invoice(str)
PPI = 72
MM = PPI / 25.4


def archivable(pdf: bytes) -> bool:
    return b"<pdfaid:part>2</pdfaid:part>" in pdf and b"<pdfuaid:part>1</pdfuaid:part>" in pdf


def sheets(people: list[papers.BadgePerson], ppi: float = PPI) -> list[Image.Image]:
    content = papers.badges_content(samples.edition(), people, BADGE)
    pages = typesetting.pictures("badges", content, locale="en", title="x", ppi=ppi)
    return [Image.open(io.BytesIO(page)).convert("L") for page in pages]


def region(sheet: Image.Image, place: int, box: tuple[float, float, float, float]) -> Image.Image:
    """A part of one badge, in millimetres from its corner."""
    left, top = place % 2 * 105.0, place // 2 * 148.5
    corners = (left + box[0], top + box[1], left + box[2], top + box[3])
    return sheet.crop(tuple(round(corner * MM) for corner in corners))


def blank(picture: Image.Image) -> bool:
    return picture.getextrema() == (255, 255)


def test_four_badges_stand_on_a_sheet_and_every_code_scans():
    people = samples.people(6)
    found = [
        {barcode.text for barcode in zxingcpp.read_barcodes(sheet)}
        for sheet in sheets(people, ppi=150)
    ]
    assert found == [{p.code for p in people[:4]}, {p.code for p in people[4:]}]


HARD = [
    "Đorđe Šćepanović-Živković",
    "김민준",
    "Αλέξανδρος Παπαδόπουλος-Χατζηγεωργίου",
    "Gülşen İğdır Çağlayan",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMN",
    "Maximiliana-Konstantinovna von Hohenzollern-Sigmaringen Jovanović",
    "W" * 200,
    "Ђорђе " * 40,
    "-- - ---",
    "Лепосава\u0301 Ђ\u200bорђевић",
]


@pytest.mark.parametrize("name", HARD)
def test_no_name_leaves_its_place_on_the_badge(name):
    person = replace(
        samples.people(1)[0],
        name=name,
        latin_name=name[::-1],
        affiliation=name * 2,
        country=name,
        role=name,
    )
    [sheet] = sheets([person] * 4)
    for place in range(4):
        assert not blank(region(sheet, place, (9, 35.5, 96, 60)))
        # Half a millimetre of overhang is right: a J begins left of its place.
        assert blank(region(sheet, place, (0, 8, 8, 140)))
        assert blank(region(sheet, place, (96.8, 8, 104, 140)))
        assert blank(region(sheet, place, (0, 84.1, 56, 85.2)))
        assert blank(region(sheet, place, (51.5, 86, 56.5, 129.5)))


def test_the_last_sheet_is_filled_with_badges_to_write_on_when_asked_for():
    people = samples.people(5)
    filled = papers.badges_content(samples.edition(), people, BADGE, fill_last_sheet=True)
    plain = papers.badges_content(samples.edition(), people, BADGE)
    assert [p["blank"] for p in filled["people"]] == [False] * 5 + [True] * 3
    assert len(plain["people"]) == 5
    pdf = papers.badges(samples.edition(), people, BADGE, "en", fill_last_sheet=True)
    assert pdf.startswith(b"%PDF-")


def test_no_badges_at_all_are_an_empty_sheet_not_an_error():
    assert papers.badges(samples.edition(), [], BADGE, "en").startswith(b"%PDF-")


def test_latin_letters_are_printed_only_when_they_differ():
    content = papers.badges_content(samples.edition(), samples.people(5), BADGE)
    people = content["people"]
    assert [person["latin"] for person in people][:3] == [
        "Djordje Scepanovic-Zivkovic",
        "Milica Đorđević-Džunić",
        "Kim Min-jun",
    ]
    assert people[4]["latin"] == ""


@pytest.mark.parametrize("colour", papers.STRIPES.values())
def test_the_word_on_every_stripe_is_readable(colour):
    def luminance(text: str) -> float:
        values = [int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        r, g, b = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in values]
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    person = replace(samples.people(1)[0], colour=colour)
    [badge] = papers.badges_content(samples.edition(), [person], BADGE)["people"]
    low, high = sorted((luminance(badge["colour"]), luminance(badge["on-colour"])))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_many_badges_are_set_in_another_process_with_the_same_result():
    content = papers.badges_content(samples.edition(), samples.people(8), BADGE)
    arguments = {"locale": "sr", "title": "Беџеви", "standards": typesetting.PLAIN}
    assert apart.compile("badges", content, **arguments) == typesetting.compile(
        "badges", content, **arguments
    )
    with pytest.raises(RuntimeError, match="typesetting badges failed"):
        apart.compile("badges", {"labels": {}}, **arguments)


def test_three_hundred_badges_stay_small():
    pdf = papers.badges(samples.edition(), samples.people(300), BADGE, "en")
    assert len(pdf) < 1_200_000


@pytest.mark.parametrize("name", [name for name, _ in samples.NAMES])
def test_a_ticket_is_archivable_and_accessible_for_every_script(name):
    assert archivable(papers.ticket(samples.edition(), samples.ticket(name), TICKET, "en"))


def test_the_code_on_a_ticket_scans():
    person = samples.ticket()
    content = papers.ticket_content(samples.edition(), person, TICKET)
    pages = typesetting.pictures("ticket", content, locale="en", title="x", ppi=110)
    assert len(pages) == 1
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(pages[0])).convert("L"))
    assert [barcode.text for barcode in found] == [person.code]


def test_a_ticket_with_nothing_but_the_necessary_is_made():
    bare = papers.TicketData(name="Ana", ticket_type="Free", code="X", short_code="Y")
    edition = papers.Edition(name="Balkan Cluster Day")
    assert archivable(papers.ticket(edition, bare, TICKET, "en"))


@pytest.mark.parametrize("kind", list(papers.Kind))
@pytest.mark.parametrize("buyer", range(len(samples.BUYERS)))
def test_every_kind_of_invoice_is_archivable_and_accessible(kind, buyer):
    assert archivable(papers.invoice(samples.invoice(kind, buyer=buyer), INVOICE, "en"))


def test_an_invoice_of_many_lines_takes_several_pages_and_its_code_scans_on_the_last():
    paper = samples.invoice(lines=40, with_vat=True)
    content = invoices.content(paper, INVOICE, "en")
    pages = typesetting.pictures("invoice", content, locale="en", title="x", ppi=110)
    found = [
        [b.text for b in zxingcpp.read_barcodes(Image.open(io.BytesIO(page)).convert("L"))]
        for page in pages
    ]
    assert found == [[], [], [samples.EPC]]


def test_the_same_invoice_gives_the_same_bytes():
    first = papers.invoice(samples.invoice(), INVOICE, "en")
    assert papers.invoice(samples.invoice(), INVOICE, "en") == first
    other = replace(samples.invoice(), number="2016-00043")
    assert papers.invoice(other, INVOICE, "en") != first


def test_figures_and_dates_are_written_for_the_reader():
    paper = samples.invoice(currency="RSD", lines=1)
    english = invoices.content(paper, INVOICE, "en")
    serbian = invoices.content(paper, INVOICE, "sr")
    assert (english["total"], serbian["total"]) == ("RSD\u00a0120.00", "120,00\u00a0RSD")
    assert english["facts"][0] == ["Date of issue", "1 August 2016"]
    assert serbian["facts"][0] == ["Date of issue", "1. августа 2016."]


def test_what_is_paid_and_what_is_left_is_shown():
    paper = replace(samples.invoice(), paid=Money(10000, "EUR"))
    assert invoices.content(paper, INVOICE, "en")["after"] == [
        ["Paid", "€100.00"],
        ["Amount due", "€260.00"],
    ]


def test_an_invoice_that_does_not_add_up_is_refused():
    right = samples.invoice()
    with pytest.raises(ValueError, match="do not add up"):
        replace(right, total=Money(36001, "EUR"))
    with pytest.raises(ValueError, match="quantity x price"):
        replace(right, lines=(replace(right.lines[0], quantity=3),))


def test_vat_on_top_of_the_prices_adds_up_too():
    net = replace(samples.invoice(with_vat=True), prices_include_vat=True)
    vat = (papers.VatRow(rate=Decimal(20), base=Money(36000, "EUR"), vat=Money(7200, "EUR")),)
    paper = replace(net, prices_include_vat=False, vat=vat, total=Money(43200, "EUR"))
    assert invoices.content(paper, INVOICE, "en")["sums"] == [
        ["Sum without VAT", "€360.00"],
        ["VAT 20 %", "€72.00"],
    ]


@pytest.mark.parametrize(
    "text", ['#panic("x")', "*bold* _x_ $1/0$ @ref <label>", '"}],"x":[{"', "\\u{0} \x00\x07", "`]"]
)
def test_text_of_people_is_never_read_as_markup(text):
    person = replace(samples.ticket(text), affiliation=text, bring=(text,))
    assert archivable(papers.ticket(samples.edition(), person, TICKET, "en"))


def test_a_script_without_a_font_still_gives_a_paper():
    pdf = papers.ticket(samples.edition(), samples.ticket("สมชาย"), TICKET, "en")
    assert pdf.startswith(b"%PDF-")
    assert not archivable(pdf)


@pytest.mark.parametrize("name", ["../secret", "badges.typ", "/etc/passwd", ""])
def test_only_papers_of_the_folder_are_set(name):
    with pytest.raises(ValueError, match="not the name of a paper"):
        typesetting.compile(name, {}, locale="en", title="x")


@pytest.mark.parametrize(
    ("template", "make"),
    [("badges", words.badge), ("ticket", words.ticket), ("invoice", words.invoice)],
)
def test_every_label_that_a_paper_asks_for_has_words(template: str, make: Callable):
    source = (typesetting.TEMPLATES / f"{template}.typ").read_text()
    asked = set(re.findall(r'label\("([a-z_-]+)"\)', source))
    assert asked - set(make(str)) == set()


def test_every_word_on_papers_is_translated_into_serbian():
    asked: list[str] = []

    def note(text: str) -> str:
        asked.append(text)
        return text

    for make in (words.badge, words.ticket, words.invoice):
        make(note)
    done: set[str] = set()
    for name in ("documents", "shared"):  # a word that pages use too stands in shared
        with (ROOT / f"conference/translations/sr/{name}.po").open("rb") as file:
            done |= {message.id for message in read_po(file) if message.id and message.string}
    assert set(asked) - done == set()


def test_dates_of_an_event_are_written_shortly():
    assert papers.days(date(2016, 9, 22), date(2016, 9, 24), "en") == "22–24 September 2016"
    assert (
        papers.days(date(2016, 9, 30), date(2016, 10, 2), "en") == "30 September – 2 October 2016"
    )
    assert papers.days(date(2016, 3, 25), date(2016, 3, 25), "en") == "25 March 2016"
    assert papers.days(date(2016, 9, 22), date(2016, 9, 24), "sr_Latn") == "22.–24. septembra 2016."
    assert (
        papers.days(date(2016, 12, 31), date(2017, 1, 1), "sr")
        == "31. децембра 2016. – 1. јануара 2017."
    )


def test_importing_papers_loads_no_typesetter():
    code = (
        "import sys, json, conference.documents.papers;"
        "print(json.dumps([n in sys.modules for n in ('typst', 'qrcode', 'PIL', 'flask')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [False, False, False, False]
