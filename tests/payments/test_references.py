"""References with check digits and the payment codes that carry them."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from conference.core.errors import Invalid
from conference.core.money import Money
from conference.documents import qr as drawing
from conference.payments import qr, references

ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_an_rf_reference_follows_the_example_of_the_standard():
    assert references.make_rf("539007547034") == "RF18539007547034"
    assert references.show_rf("RF18539007547034") == "RF18 5390 0754 7034"


@pytest.mark.parametrize(
    "typed",
    [
        "RF18539007547034",
        "rf18 5390 0754 7034",
        " RF18-5390-0754-7034 ",
        "RF18000000539007547034",
    ],
)
def test_an_rf_reference_is_read_however_it_was_typed(typed):
    assert references.read_rf(typed) == "RF18539007547034"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "RF",
        "RF18",
        "RF180000",
        "RF19539007547034",
        "18539007547034",
        "RF18539007547O34",
        "RFÄÄ1",
    ],
)
def test_what_is_no_rf_reference_is_refused(typed):
    assert references.read_rf(typed) is None


@pytest.mark.parametrize("digits", ["00", "01", "99"])
def test_rf_check_digits_that_the_standard_never_makes_are_refused(digits):
    refused = [references.read_rf(f"RF{digits}{number}") for number in range(1, 300)]
    assert set(refused) == {None}


@given(st.text(ALNUM, min_size=1, max_size=21).filter(lambda text: text.strip("0")))
def test_every_rf_reference_made_is_read_back(body):
    made = references.make_rf(body)
    assert references.read_rf(made) == made
    assert references.read_rf(references.show_rf(made).lower()) == made


@given(st.text(ALNUM, min_size=2, max_size=21).filter(lambda text: text.strip("0")), st.data())
def test_one_wrong_character_of_an_rf_reference_is_found(body, data):
    made = references.make_rf(body)
    at = data.draw(st.integers(2, len(made) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != made[at]]))
    wrong = made[:at] + other + made[at + 1 :]
    assert references.read_rf(wrong) is None or made[at].isalpha()


@pytest.mark.parametrize("reference", ["", "0", "A" * 22, "Đ1", "1|2"])
def test_a_reference_that_cannot_be_made_is_refused(reference):
    with pytest.raises(ValueError, match="RF reference"):
        references.make_rf(reference)


def test_a_model_97_reference_follows_the_example_of_the_national_bank():
    assert references.make_97("3220000111111111000") == "163220000111111111000"
    assert references.show_97("163220000111111111000") == "97 16-3220000111111111000"


def test_check_digits_below_ten_keep_their_zero():
    made = next(made for n in range(100, 400) if (made := references.make_97(str(n)))[0] == "0")
    assert references.is_97(made)
    assert made in references.read_97(made[1:])


@pytest.mark.parametrize(
    "typed", ["53202700042", "53-202700042", "97 53-202700042", "9753202700042"]
)
def test_a_model_97_reference_is_read_however_it_was_typed(typed):
    assert references.read_97(typed)[0] == "53202700042"


@pytest.mark.parametrize(
    "typed", ["", "53", "54202700042", "53202700043", "AB202700042", "5320270004Ž"]
)
def test_what_is_no_model_97_reference_is_refused(typed):
    assert references.read_97(typed) == ()


def test_references_are_found_in_a_line_of_a_bank_statement():
    line = "UPLATA PO PREDRACUNU rf18 5390 0754 7034 KOTIZACIJA 2016, poziv 97 53-202700042"
    assert references.references_in(line) == ("RF18539007547034", "53202700042")
    assert references.references_in("UPLATA KOTIZACIJE") == ()


@pytest.mark.parametrize(
    "line",
    ["/ROC/RF18539007547034//", "RF18539007547034 2016 00042 MARKO", "ref:RF18 5390 0754 7034."],
)
def test_an_rf_reference_is_found_beside_other_words(line):
    assert references.references_in(line)[0] == "RF18539007547034"


def epc(**changes: object) -> str:
    values: dict[str, object] = {
        "name": "Dom klastera, Niš",
        "iban": "RS35 1050 0812 3123 1231 73",
        "amount": Money(36000, "EUR"),
        "reference": "RF18 5390 0754 7034",
    }
    return qr.epc(**(values | changes))  # type: ignore[arg-type]


def ips(**changes: object) -> str:
    values: dict[str, object] = {
        "payee": qr.IpsPayee(account="105-0081231231231-73", name="Dom klastera", place="Niš"),
        "amount": Money(1755050, "RSD"),
        "reference": "53202700042",
        "purpose": "Kotizacija, Dani klastera",
        "payer": "Đorđe Šćepanović",
    }
    return qr.ips(**(values | changes))  # type: ignore[arg-type]


def decoded(text: str) -> str:
    picture = Image.open(io.BytesIO(drawing.png(text, 4))).convert("L")
    return zxingcpp.read_barcodes(picture)[0].text


def test_the_epc_code_says_what_the_guideline_wants_and_is_read_back():
    text = epc()
    assert text.split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "",
        "Dom klastera, Niš",
        "RS35105008123123123173",
        "EUR360.00",
        "",
        "RF18539007547034",
    ]
    assert decoded(text) == text


def test_a_text_instead_of_a_reference_stands_in_its_own_line():
    assert epc(reference="", text="Order 42").split("\n")[8:] == ["", "", "Order 42"]


@pytest.mark.parametrize(
    ("changes", "message", "field"),
    [
        ({"name": " "}, qr.NO_NAME, "name"),
        ({"name": "N" * 71}, qr.NAME_TOO_LONG, "name"),
        ({"name": "A\nB"}, qr.FORBIDDEN_CHARACTER, "name"),
        ({"iban": "TR330006100519786457841326"}, qr.NOT_IN_SEPA, "iban"),
        ({"amount": Money(36000, "RSD")}, qr.EUR_ONLY, "amount"),
        ({"amount": Money(0, "EUR")}, qr.AMOUNT_RANGE, "amount"),
        ({"amount": Money(-1, "EUR")}, qr.AMOUNT_RANGE, "amount"),
        ({"amount": Money(100_000_000_000, "EUR")}, qr.AMOUNT_RANGE, "amount"),
        ({"reference": "RF19539007547034"}, qr.WRONG_REFERENCE, "reference"),
        ({"text": "and a text"}, qr.ONE_REFERENCE, "reference"),
        ({"reference": "", "text": "x" * 141}, qr.TEXT_TOO_LONG, "text"),
        ({"bic": "AIK"}, qr.WRONG_BIC, "bic"),
        ({"name": "Ђ" * 70, "reference": "", "text": "Ђ" * 140}, qr.TOO_MUCH, "name"),
    ],
)
def test_what_a_european_payment_code_cannot_carry_is_refused(changes, message, field):
    with pytest.raises(Invalid) as refusal:
        epc(**changes)
    assert (refusal.value.message, refusal.value.field) == (message, field)


@pytest.mark.parametrize("amount", [1, 99_999_999_999])
def test_the_smallest_and_the_largest_amount_are_accepted(amount):
    assert epc(amount=Money(amount, "EUR")).split("\n")[7] in ("EUR0.01", "EUR999999999.99")


def test_the_ips_code_says_what_the_national_bank_wants_and_is_read_back():
    text = ips()
    assert text == (
        "K:PR|V:01|C:1|R:105008123123123173|N:Dom klastera\r\nNiš|I:RSD17550,50"
        "|P:Đorđe Šćepanović|SF:221|S:Kotizacija, Dani klastera|RO:9753202700042"
    )
    assert decoded(text) == text


@pytest.mark.parametrize(
    ("changes", "message", "field"),
    [
        ({"payee": qr.IpsPayee(account="105008123123123173", name="")}, qr.NO_NAME, "name"),
        ({"amount": Money(100, "EUR")}, qr.RSD_ONLY, "amount"),
        ({"amount": Money(0, "RSD")}, qr.AMOUNT_RANGE, "amount"),
        ({"reference": "54202700042"}, qr.WRONG_REFERENCE, "reference"),
        ({"purpose": "x" * 36}, qr.TEXT_TOO_LONG, "purpose"),
        ({"purpose": "a|b"}, qr.FORBIDDEN_CHARACTER, "purpose"),
        ({"purpose_code": "321"}, qr.WRONG_PURPOSE, "purpose_code"),
        ({"payer": "a\nb"}, qr.FORBIDDEN_CHARACTER, "payer"),
    ],
)
def test_what_a_serbian_payment_code_cannot_carry_is_refused(changes, message, field):
    with pytest.raises(Invalid) as refusal:
        ips(**({"payee": qr.IpsPayee(account="105008123123123173", name="Dom")} | changes))
    assert (refusal.value.message, refusal.value.field) == (message, field)
