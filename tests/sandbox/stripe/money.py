"""Currencies as Stripe counts them: decimals of a minor unit, and the least it charges."""

from __future__ import annotations

_NO_DECIMALS = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split())
_THREE_DECIMALS = frozenset("bhd jod kwd omr tnd".split())
_TWO_DECIMALS = frozenset(
    "aed all amd aud bam bgn brl cad chf cny czk dkk eur gbp gel hkd huf ils inr mdl mkd mxn "
    "nok nzd pln ron rsd sek sgd thb try uah usd zar".split()
)
_LEAST = {"bgn": 100, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30, "huf": 17500}
_LEAST |= {"jpy": 50, "nok": 300, "pln": 200, "ron": 200, "sek": 300, "usd": 50}
KNOWN = _NO_DECIMALS | _TWO_DECIMALS | _THREE_DECIMALS
MOST = 99_999_999


def least(currency: str) -> int:
    """The smallest amount that can be charged, in minor units."""
    return _LEAST.get(currency, 1)


def in_words(minor: int, currency: str) -> str:
    """1755050, "rsd" → "17,550.50 RSD"."""
    decimals = 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
    return f"{minor / 10**decimals:,.{decimals}f} {currency.upper()}"
