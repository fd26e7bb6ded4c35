"""Test cards: which pay, which are declined, and what is wrong with one that was typed."""

from __future__ import annotations

import time

DECLINES = {
    "4000000000000002": ("generic_decline", "Your card was declined."),
    "4000000000009995": ("insufficient_funds", "Your card has insufficient funds."),
    "4000000000000069": ("expired_card", "Your card has expired."),
}
# Pay, and are disputed at once: money taken back, or only asked about.
DISPUTED = {"4000000000000259": "needs_response", "4000000000001976": "warning_needs_response"}
PAYS = frozenset({"4242424242424242", "5555555555554444", "378282246310005", *DISPUTED})
CARDS = [
    ("4242 4242 4242 4242", "pays"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "has too little money"),
    ("4000 0000 0000 0069", "is expired"),
    ("4000 0000 0000 0259", "pays, and the buyer disputes it"),
]
FIELDS = ("number", "expiry", "cvc", "name")


def decline(card: str) -> tuple[str, str]:
    """Code and words with which a card that does not pay is declined."""
    other = "Your card was declined. Only test cards are taken here; this was not one."
    return DECLINES.get(card, ("test_mode_live_card", other))


def errors_of(card: dict[str, str]) -> dict[str, str]:
    """Field → what is wrong with it, in the words of a pay page."""
    errors = {}
    number = "".join(card["number"].split())
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        errors["number"] = "Your card number is incomplete."
    elif not _luhn(number):
        errors["number"] = "Your card number is invalid."
    month, _, year = card["expiry"].replace(" ", "").partition("/")
    if not (month.isdecimal() and year.isdecimal() and 1 <= int(month) <= 12):
        errors["expiry"] = "Write month and year, such as 12/34."
    elif (int(year) % 100 + 2000, int(month)) < time.gmtime()[:2]:
        errors["expiry"] = "Your card's expiry date is in the past."
    if not card["cvc"].isdecimal() or len(card["cvc"]) not in (3, 4):
        errors["cvc"] = "Your card's security code has three or four digits."
    return errors


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
