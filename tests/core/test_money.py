"""Money: exact, one currency at a time, typed and shown as people write it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.core import money
from conference.core.money import MixedCurrencies, Money, NotAnAmount, UnknownCurrency, parse

MINOR = st.integers(-(10**13), 10**13)
CURRENCY = st.sampled_from(["EUR", "RSD", "KRW", "KWD", "HUF"])


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_a_currency_that_iso_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownCurrency):
        Money(1, "DIN")


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1), None])
def test_minor_units_are_whole_numbers_and_nothing_else(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "EUR")  # type: ignore[arg-type]


def test_two_currencies_are_never_added_or_compared_but_may_differ() -> None:
    rsd = Money(100, "RSD")
    for mixed in (
        lambda: eur(1) + rsd,
        lambda: eur(1) - rsd,
        lambda: eur(1) < rsd,
        lambda: eur(1) >= rsd,
        lambda: Money.total([rsd], "EUR"),
    ):
        with pytest.raises(MixedCurrencies):
            mixed()
    assert eur(100) != rsd


def test_a_factor_is_whole_and_a_float_is_refused() -> None:
    assert eur(150) * 3 == 3 * eur(150) == eur(450)
    with pytest.raises(TypeError):
        eur(150) * 1.5  # type: ignore[operator]
    with pytest.raises(TypeError):
        Money.of(12.5, "EUR")  # type: ignore[arg-type]


def test_machine_figures_keep_the_decimals_of_the_currency() -> None:
    assert Money.of("12.50", "EUR") == eur(1250)
    assert Money.of(12, "KRW") == Money(12, "KRW")
    with pytest.raises(ValueError, match="more decimals"):
        Money.of("0.001", "RSD")


@given(MINOR, CURRENCY)
def test_plain_text_goes_there_and_back(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert Money.of(amount.plain(), currency) == amount
    assert amount.plain().isascii()
    assert amount.decimal == Decimal(amount.plain())


def test_plain_text_pads_small_amounts_and_takes_a_decimal_comma() -> None:
    assert [eur(minor).plain() for minor in (0, 5, -5, 1250)] == ["0.00", "0.05", "-0.05", "12.50"]
    assert Money(1755000, "RSD").plain(",") == "17550,00"
    assert Money(5000, "KRW").plain() == "5000"


@given(MINOR, st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_shares_add_up_and_none_is_a_whole_unit_off(minor: int, weights: list[int]) -> None:
    shares = eur(minor).allocate(weights)
    assert Money.total(shares, "EUR") == eur(minor)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor - Decimal(minor) * weight / sum(weights)) < 1
    assert eur(-minor).allocate(weights) == [-share for share in shares]


def test_the_first_parts_carry_the_odd_cents() -> None:
    assert eur(1000).split(3) == [eur(334), eur(333), eur(333)]
    with pytest.raises(ValueError, match="weights"):
        eur(1000).split(0)


@given(MINOR, st.decimals(0, 50, places=1))
def test_net_and_vat_are_the_gross_and_a_refund_mirrors_the_charge(
    minor: int, rate: Decimal
) -> None:
    gross = eur(minor)
    assert gross.net(rate) + gross.vat_part(rate) == gross
    assert (-gross).vat_part(rate) == -gross.vat_part(rate)


def test_vat_is_rounded_commercially() -> None:
    assert eur(12000).vat_part(20) == eur(2000)
    assert eur(3).vat_part(20) == eur(1)  # 0.5 of a cent goes up
    assert eur(9999).vat_part(Decimal("8.1")) == eur(749)
    assert eur(1250).percent(Decimal("12.5")) == eur(156)
    with pytest.raises(ValueError, match="VAT"):
        eur(1).vat_part(-1)


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        ("en", ["RSD\u00a017,550.50", "-€12.50", "₩5,000"]),
        ("sr", ["17.550,50\u00a0RSD", "-12,50\u00a0€", "5.000\u00a0KRW"]),
        ("sr_Latn", ["17.550,50\u00a0RSD", "-12,50\u00a0€", "5.000\u00a0KRW"]),
    ],
)
def test_readers_see_every_decimal_even_of_the_dinar(locale: str, texts: list[str]) -> None:
    amounts = [Money(1755050, "RSD"), eur(-1250), Money(5000, "KRW")]
    assert [amount.format(locale) for amount in amounts] == texts


@given(st.integers(0, 10**11), CURRENCY, st.sampled_from(["en", "sr", "sr_Latn"]))
def test_what_is_shown_can_be_typed_again(minor: int, currency: str, locale: str) -> None:
    amount = Money(minor, currency)
    assert parse(amount.format(locale), currency, locale) == amount


@pytest.mark.parametrize(
    "text", ["1.234,50", "1,234.50", "1 234,50", "1'234.50", "1234,5", "€ 1.234,50", "1234.50 EUR"]
)
@pytest.mark.parametrize("locale", ["en", "sr", "sr_Latn"])
def test_amounts_are_read_however_the_marks_are_set(text: str, locale: str) -> None:
    assert parse(text, "EUR", locale) == eur(123450)


def test_a_lone_mark_before_three_digits_follows_the_readers_language_or_is_refused() -> None:
    assert parse("1.234", "EUR", "sr") == eur(123400)
    assert parse("1,234", "EUR", "en") == eur(123400)
    for text, locale in (("1.234", "en"), ("1,234", "sr"), ("0.500", "sr"), ("12345.678", "sr")):
        with pytest.raises(NotAnAmount) as refusal:
            parse(text, "EUR", locale)
        assert refusal.value.message == money.AMBIGUOUS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", money.EMPTY),
        ("  ", money.EMPTY),
        ("abc", NotAnAmount.message),
        ("12.", NotAnAmount.message),
        (".5", NotAnAmount.message),
        ("1e5", NotAnAmount.message),
        ("1.2.3,4", NotAnAmount.message),
        ("12 or 13", NotAnAmount.message),
        ("١٢", NotAnAmount.message),
        ("12.5555", money.DECIMALS),
        ("12,50 RSD", money.OTHER_CURRENCY),
        ("12,50 дин.", money.OTHER_CURRENCY),
        ("-5", money.NEGATIVE),
        ("9" * 40, money.TOO_LARGE),
        ("9" * 4000, money.TOO_LARGE),
    ],
)
def test_what_is_no_amount_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(NotAnAmount) as refusal:
        parse(text, "EUR", "en")
    assert refusal.value.message == message


def test_an_amount_below_zero_needs_leave() -> None:
    assert parse("\u22125,00", "EUR", "sr", signed=True) == eur(-500)


@given(st.text(max_size=30), CURRENCY)
def test_no_text_breaks_the_reading(text: str, currency: str) -> None:
    try:
        amount = parse(text, currency, "sr")
    except NotAnAmount:
        return
    assert amount.currency == currency
    assert amount.minor >= 0
