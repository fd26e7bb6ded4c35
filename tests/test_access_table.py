"""The proof of access covers every route: a new one cannot be forgotten."""

from __future__ import annotations

from typing import Any

from tests.access_paths import undescribed
from tests.access_table import TABLE


def test_every_route_has_a_row_in_the_table_of_access_and_no_row_is_left_over(app: Any) -> None:
    assert set(TABLE) == {rule.endpoint for rule in app.url_map.iter_rules()}


def test_every_parameter_of_every_route_is_described_for_the_proof_of_access(app: Any) -> None:
    lacking = {rule.endpoint: undescribed(rule) for rule in app.url_map.iter_rules()}
    assert {endpoint: names for endpoint, names in lacking.items() if names} == {}
