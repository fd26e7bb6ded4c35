"""Amounts of money: whole minor units of one currency, never a float; typed, shared, shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberPattern, get_currency_symbol, parse_pattern

from conference.core import figures
from conference.core.errors import N_, Invalid

_TWO = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD"
    " CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ"
    " GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL"
    " MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR"
    " PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT"
    " TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW"
)
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"

# ISO 4217, not CLDR: CLDR shows RSD, ALL, HUF and others without decimals, but invoices need them.
EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_NONE.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
}

_WORDS = {  # what people write beside the figure; anything else beside it is refused
    "EUR": ("€", "EURO", "EURA", "EVRA", "ЕВРА", "ЕУР"),
    "RSD": ("DIN", "DIN.", "ДИН", "ДИН.", "РСД", "DINARA", "ДИНАРА"),
    "BGN": ("ЛВ", "ЛВ.", "LV", "LV.", "БГН"),
    "RON": ("LEI", "LEU"),
    "MKD": ("ДЕН", "ДЕН.", "DEN", "DEN.", "МКД"),
    "HUF": ("FT",),
    "TRY": ("₺", "TL"),
    "ALL": ("LEK", "L"),
    "BAM": ("KM", "КМ"),
    "GBP": ("£",),
    "USD": ("$", "US$"),
    "JPY": ("¥", "円"),
    "KRW": ("₩", "원"),
    "CHF": ("FR", "FR."),
}


class UnknownCurrency(ValueError):
    """A code that is not in the ISO 4217 table above."""


class MixedCurrencies(ValueError):
    """Two currencies met in one sum: always a mistake of the program, never a person's."""


class NotAnAmount(Invalid):
    """Typed text that is not an amount of the currency; the message says what to type instead."""

    message = N_("Please type an amount such as 12.50.")


EMPTY = N_("Please type an amount.")
AMBIGUOUS = N_("Please write this amount with two decimals or without dots and commas.")
DECIMALS = N_("This amount has more decimals than %(currency)s has.")
OTHER_CURRENCY = N_("This amount is in another currency. Please type it in %(currency)s.")
NEGATIVE = N_("The amount cannot be below zero.")
TOO_LARGE = N_("This amount is too large.")
_WHY = {
    figures.Why.EMPTY: EMPTY,
    figures.Why.AMBIGUOUS: AMBIGUOUS,
    figures.Why.DECIMALS: DECIMALS,
    figures.Why.TOO_LARGE: TOO_LARGE,
}
_BESIDE = re.compile(r"([^0-9.,+-]*)([-+]?[0-9][0-9.,\s'’_]*?)\s*([^0-9,\s'’_-]*)")


def exponent(currency: str) -> int:
    """How many decimals the currency has by ISO 4217."""
    try:
        return EXPONENTS[currency]
    except (KeyError, TypeError):
        raise UnknownCurrency(f"{currency!r} is not a known currency") from None


def _half_up(value: Fraction) -> int:
    """Commercial rounding: a half goes away from zero, so a refund mirrors its charge exactly."""
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` whole minor units (cents, para) of `currency`. 12.50 EUR is Money(1250, "EUR")."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are a whole number, not {self.minor!r}")
        exponent(self.currency)

    # -- making

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Money:
        """From a machine-written figure such as "12.50"; a fraction of a minor unit is refused."""
        if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
            raise TypeError(f"not an exact amount: {amount!r}")
        scaled = Decimal(amount).scaleb(exponent(currency))
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise ValueError(f"{amount} has more decimals than {currency}")
        return cls(int(scaled), currency)

    @classmethod
    def total(cls, amounts: Iterable[Money], currency: str) -> Money:
        """The sum; `currency` names the empty sum and is demanded of every amount."""
        result = cls(0, currency)
        for amount in amounts:
            result = result + amount
        return result

    # -- arithmetic within one currency

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise MixedCurrencies(f"{self.currency} and {other.currency}")
        return other.minor

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            return NotImplemented
        return Money(self.minor * times, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    # -- sharing out and tax

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Shares in proportion to `weights` that add up to exactly this amount.

        Each share is rounded down and the minor units left over go to the largest remainders, the
        earlier share first when they are equal.
        """
        whole = sum(weights)
        if whole <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("weights are not negative and at least one is positive")
        amount = abs(self.minor)
        shares = [amount * weight // whole for weight in weights]
        order = sorted(range(len(weights)), key=lambda i: -(amount * weights[i] % whole))
        for i in order[: amount - sum(shares)]:
            shares[i] += 1
        sign = -1 if self.minor < 0 else 1
        return [Money(sign * share, self.currency) for share in shares]

    def split(self, parts: int) -> list[Money]:
        """Equal parts; the first ones carry the odd minor units."""
        return self.allocate([1] * parts)

    def percent(self, rate: Decimal | int) -> Money:
        """`rate` per cent of the amount, a half minor unit rounded away from zero."""
        return Money(_half_up(Fraction(self.minor) * Fraction(rate) / 100), self.currency)

    def vat_part(self, rate: Decimal | int) -> Money:
        """The VAT inside this gross amount: gross × rate / (100 + rate).

        A half minor unit is rounded away from zero, once per amount; the net is gross − VAT, so
        that net + VAT is always the gross that was paid.
        """
        if rate < 0:
            raise ValueError("a VAT rate is not negative")
        part = Fraction(self.minor) * Fraction(rate) / (100 + Fraction(rate))
        return Money(_half_up(part), self.currency)

    def net(self, rate: Decimal | int) -> Money:
        """This gross amount without its VAT."""
        return self - self.vat_part(rate)

    # -- showing

    @property
    def decimal(self) -> Decimal:
        """The exact amount in major units."""
        places = exponent(self.currency)
        digits = tuple(int(digit) for digit in str(abs(self.minor)))
        return Decimal((1 if self.minor < 0 else 0, digits, -places))

    def plain(self, point: str = ".") -> str:
        """ASCII for machines: "12.50", no grouping, no currency; NBS wants a comma as `point`."""
        places = exponent(self.currency)
        sign = "-" if self.minor < 0 else ""
        digits = str(abs(self.minor)).zfill(places + 1)
        if not places:
            return sign + digits
        return f"{sign}{digits[:-places]}{point}{digits[-places:]}"

    def format(self, locale: str | Locale) -> str:
        """For readers: "€1,234.50", "RSD 1,234.50" or "1.234,50 €"; RSD keeps its two decimals."""
        name = str(locale)
        pattern = _pattern(name, self.currency)
        text: str = pattern.apply(
            self.decimal, _locale(name), currency=self.currency, currency_digits=False
        )
        return text

    def __str__(self) -> str:
        return f"{self.plain()} {self.currency}"


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    return Locale.parse(name)


@lru_cache(maxsize=256)
def _pattern(name: str, currency: str) -> NumberPattern:
    """The locale's currency pattern with our number of decimals instead of CLDR's."""
    places = exponent(currency)
    decimals = "." + "0" * places if places else ""
    standard = _locale(name).currency_formats["standard"].pattern
    standard = re.sub(r"0\.0+", "0" + decimals, standard)
    if get_currency_symbol(currency, name)[-1:].isalpha():
        standard = re.sub(r"¤(?=#)", "¤\u00a0", standard)
    return parse_pattern(standard)


def parse(text: str, currency: str, locale: str | Locale = "en", *, signed: bool = False) -> Money:
    """An amount as a person types it: 1.234,50 · 1,234.50 · 1 234,50 · 12500 · 12,50 €.

    What could be read in two ways is refused (figures.read says when); below zero only if `signed`.
    """
    places = exponent(currency)
    try:
        minor = figures.read(_without_currency(text, currency), places, str(locale))
    except figures.NotAFigure as error:
        raise NotAnAmount(_WHY.get(error.why), currency=currency) from None
    if minor < 0 and not signed:
        raise NotAnAmount(NEGATIVE)
    return Money(minor, currency)


def _without_currency(text: str, currency: str) -> str:
    """The figure without the words beside it; another currency's word is refused."""
    figure = figures.flat(text).upper()
    match = _BESIDE.fullmatch(figure)
    if match is None:
        return figure
    before, number, after = (part.strip() for part in match.groups())
    for word in filter(None, (before, after)):
        if word == currency or word in _WORDS.get(currency, ()):
            continue
        if word in EXPONENTS or any(word in words for words in _WORDS.values()):
            raise NotAnAmount(OTHER_CURRENCY, currency=currency)
        raise NotAnAmount()
    return number
