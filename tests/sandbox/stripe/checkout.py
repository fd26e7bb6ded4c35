"""What a new Checkout Session asks for: prices, currency, times, notes."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tests.sandbox.stripe import money
from tests.sandbox.stripe.parameters import InvalidRequest
from tests.sandbox.stripe.store import Object, new_id

HALF_HOUR, DAY = 1800, 86400


def priced(values: dict[str, Any]) -> tuple[str, list[Object]]:
    """Currency and line items of a new session; refuses what Stripe would not sell."""
    if values.get("mode") != "payment":
        raise InvalidRequest("This sandbox opens sessions in `payment` mode only.", "mode")
    for name in ("success_url", "cancel_url"):
        if name in values and urlsplit(values[name]).scheme not in ("http", "https"):
            raise InvalidRequest(f"Not a valid URL: {name}", name, code="url_invalid")
    if not values.get("success_url"):
        raise InvalidRequest(
            "Missing required param: success_url.", "success_url", code="parameter_missing"
        )
    if not values.get("line_items"):
        raise InvalidRequest("`line_items` is required in `payment` mode.", "line_items")
    if len(values.get("client_reference_id", "")) > 200:
        raise InvalidRequest("At most 200 characters are allowed.", "client_reference_id")
    items = [_line_item(item, f"line_items[{n}]") for n, item in enumerate(values["line_items"])]
    currencies = {item["currency"] for item in items}
    if len(currencies) > 1:
        raise InvalidRequest(
            "All prices on a Checkout Session must use one currency.", "line_items"
        )
    currency = currencies.pop()
    total = sum(item["amount_total"] for item in items)
    if not money.least(currency) <= total <= money.MOST:
        code = "amount_too_small" if total < money.least(currency) else "amount_too_large"
        least = money.in_words(money.least(currency), currency)
        raise InvalidRequest(
            f"The total amount due must be {least} or more and below the most Stripe takes.",
            "line_items",
            code=code,
        )
    return currency, items


def _line_item(item: dict[str, Any], path: str) -> Object:
    price = item.get("price_data")
    if price is None:
        raise InvalidRequest(f"No such price: '{item.get('price')}'", f"{path}[price]")
    currency = price["currency"].lower()
    if currency not in money.KNOWN:
        raise InvalidRequest(f"Invalid currency: {currency}", f"{path}[price_data][currency]")
    if not price.get("product_data", {}).get("name"):
        path = f"{path}[price_data][product_data][name]"
        raise InvalidRequest(f"Missing required param: {path}.", path, code="parameter_missing")
    if "unit_amount" not in price or price["unit_amount"] < 0:
        raise InvalidRequest("Invalid non-negative integer", f"{path}[price_data][unit_amount]")
    quantity = item.get("quantity", 0)
    if quantity < 1:
        raise InvalidRequest("Quantity is required and at least 1.", f"{path}[quantity]")
    total = price["unit_amount"] * quantity
    return {
        "id": new_id("item"),
        "object": "item",
        "amount_subtotal": total,
        "amount_total": total,
        "currency": currency,
        "description": price["product_data"]["name"],
        "quantity": quantity,
    }


def expiry(values: dict[str, Any], now: int) -> int:
    expires: int = values.get("expires_at", now + DAY)
    # A minute of grace, as two clocks never agree.
    if not now + HALF_HOUR - 60 <= expires <= now + DAY + 60:
        raise InvalidRequest(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout "
            "Session creation.",
            "expires_at",
        )
    return expires


def metadata(values: dict[str, Any]) -> dict[str, str]:
    entries: dict[str, str] = values.get("metadata") or {}
    if len(entries) > 50:
        raise InvalidRequest("Metadata has at most 50 keys.", "metadata")
    for key, value in entries.items():
        if len(key) > 40 or len(str(value)) > 500:
            raise InvalidRequest("Metadata keys have at most 40, values 500 letters.", "metadata")
    return entries


def described(intent: dict[str, Any]) -> dict[str, Any]:
    return {name: intent[name] for name in ("description", "receipt_email") if name in intent}
