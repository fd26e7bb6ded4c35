"""Numbers of organisations, accounts and people: which are accepted, and in which form."""

from __future__ import annotations

import pytest

from conference.organisations import identifiers as ids


@pytest.mark.parametrize(
    ("country", "typed", "value"),
    [
        ("RS", " 101 134 702 ", "101134702"),
        ("rs", "RS101134702", "101134702"),
        ("DE", "DE 136 695 976", "DE136695976"),
        ("GR", "094259216", "094259216"),
        ("EL", "el094259216", "EL094259216"),
        ("GR", "EL094259216", "EL094259216"),
        ("BG", "BG175074752", "BG175074752"),
        ("ES", "B58378431", "B58378431"),
        ("FR", "FR 40 303 265 045", "FR40303265045"),
        ("HU", "12892312", "12892312"),
        ("TR", "4540536920", "4540536920"),
        ("KR", "116-82-00276", "1168200276"),
        ("KR", "1248100998", "1248100998"),
        ("ME", "02655284", "02655284"),
        ("MK", "4030000375897", "4030000375897"),
        ("AL", "j91402501l", "J91402501L"),
        ("MD", "1008600038413", "1008600038413"),
    ],
)
def test_a_right_tax_number_is_kept_in_its_normal_form(country, typed, value):
    assert ids.tax_id(country, typed) == ids.Checked(True, value)


@pytest.mark.parametrize(
    ("country", "typed", "reason"),
    [
        ("RS", "101134703", ids.WRONG_DIGITS),
        ("RS", "10113470", ids.WRONG_LENGTH),
        ("RS", "10113470A", ids.WRONG_CHARACTERS),
        ("DE", "DE136695975", ids.WRONG_DIGITS),
        ("KR", "116-82-00275", ids.WRONG_DIGITS),
        ("RS", " - ", ids.EMPTY),
        ("BA", "", ids.EMPTY),
    ],
)
def test_a_wrong_tax_number_is_refused_with_its_reason(country, typed, reason):
    assert ids.tax_id(country, typed) == ids.Checked(False, typed.strip(), reason)


@pytest.mark.parametrize("country", ["BA", "XK", "GE", "", "??"])
def test_a_tax_number_of_a_country_without_a_rule_is_accepted_unchecked(country):
    assert ids.tax_id(country, " 42 0012 ") == ids.Checked(True, "42 0012", checked=False)


def test_an_endless_unchecked_number_is_refused():
    assert not ids.tax_id("BA", "1" * 41).ok


# As companies, public bodies and entrepreneurs publish them.
PUBLISHED = (
    "17162543 07007965 20084693 20514841 20952288 21788007 22096737 20784245 28836627 65682478"
    " 62437553 67195051 65790777 63560073 66841251 17273094 17400169 07350767 08055769 06832270"
).split()


@pytest.mark.parametrize("number", [*PUBLISHED, "07-461-429"])
def test_a_right_serbian_registration_number_is_accepted(number):
    assert ids.registration_number("RS", number) == ids.Checked(True, number.replace("-", ""))


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("17162542", ids.WRONG_DIGITS),
        ("1716254", ids.WRONG_LENGTH),
        ("1716254X", ids.WRONG_CHARACTERS),
        ("", ids.EMPTY),
    ],
)
def test_a_wrong_serbian_registration_number_is_refused(typed, reason):
    assert ids.registration_number("RS", typed) == ids.Checked(False, typed, reason)


def test_a_registration_number_of_another_country_is_accepted_unchecked():
    assert ids.registration_number("BG", "175074752") == ids.Checked(
        True, "175074752", checked=False
    )


@pytest.mark.parametrize(
    "typed",
    ["RS35105008123123123173", "iban: rs35 1050".replace(":", "") + " 0812 3123 1231 73"],
)
def test_an_iban_is_kept_compact(typed):
    assert ids.iban(typed) == ids.Checked(True, "RS35105008123123123173")


@pytest.mark.parametrize(
    "typed", ["RS35105008123123123174", "RS351050081231231231", "XX00", "RS3510500812312312317Ž"]
)
def test_a_wrong_iban_is_refused(typed):
    result = ids.iban(typed)
    assert not result.ok
    assert result.reason
    assert result.value == typed


@pytest.mark.parametrize(
    "typed",
    [
        "105008123123123173",
        "105-0081231231231-73",
        "105-81231231231-73",
        "105 - 81231231231 - 73",
        "RS35105008123123123173",
    ],
)
def test_a_serbian_account_is_read_in_every_usual_form(typed):
    assert ids.serbian_account(typed) == ids.Checked(True, "105008123123123173")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("105008123123123174", ids.WRONG_DIGITS),
        ("10500812312312317", ids.WRONG_LENGTH),
        ("10500812312312317A", ids.WRONG_CHARACTERS),
        ("DE89370400440532013000", ids.OTHER_COUNTRY),
        ("", ids.EMPTY),
    ],
)
def test_a_wrong_serbian_account_is_refused_with_its_reason(typed, reason):
    assert ids.serbian_account(typed) == ids.Checked(False, typed, reason)


def test_a_serbian_account_and_its_iban_lead_to_each_other():
    assert ids.serbian_iban("105-81231231231-73") == "RS35105008123123123173"
    assert ids.show_serbian_account("105008123123123173") == "105-0081231231231-73"
    assert ids.show_iban("RS35105008123123123173") == "RS35 1050 0812 3123 1231 73"
    with pytest.raises(ValueError, match="not a Serbian account"):
        ids.serbian_iban("105008123123123174")
