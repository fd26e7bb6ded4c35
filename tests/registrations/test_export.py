"""Lists to take away: what is in them, that no cell can act, that taking one is written down."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from conference.core import audit
from conference.extensions import db
from conference.registrations.models import OrderLine
from conference.registrations.states import RegistrationState
from conference.web.exports import IN_MEMORY, as_csv
from tests import factories


def take(client: Any, edition: Any, what: str, **filters: str) -> Any:
    """The answer to pressing the button of a list."""
    address = f"/{edition.code}/desk/registrations/export"
    return client.post(address, query_string=filters, data={"list": what})


def table(answer: Any) -> list[dict[str, str]]:
    text = answer.get_data().decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def book(made: Any, extra: Any, quantity: int = 1, **more: Any) -> None:
    line = {"order_id": made.order_id, "registration_id": made.id, "extra_id": extra.id}
    db.session.add(OrderLine(**line, text={}, quantity=quantity, amount_minor=1_500, **more))
    db.session.flush()


@pytest.mark.sql
def test_csv_has_people_in_their_letters_with_answers_extras_and_price(edition, organiser, browse):
    factories.make_question(
        edition,
        key="shirt",
        kind="one_of",
        label={"en": "Shirt"},
        options=[{"value": "l", "label": {"en": "Large"}}],
    )
    dinner = factories.make_extra(edition)
    kind = factories.make_ticket_type(edition, amount=12_000, category="member")
    made = factories.make_registration(
        edition,
        ticket_type=kind,
        given_name="Ђорђе",
        family_name="Șerban, “A”",
        country="RO",
        answers={"shirt": "l"},
        wants_visa_letter=True,
    )
    book(made, dinner, 2)
    book(made, dinner, dropped_at=factories.in_days(-1))
    answer = take(browse(organiser), edition, "registrations.csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f"filename={edition.code}-registrations.csv" in answer.headers["Content-Disposition"]
    (row,) = table(answer)
    wanted = {
        "Family name": "Șerban, “A”",
        "Given name": "Ђорђе",
        "Country": "Romania",
        "State": "Confirmed",
        "Ticket": "Regular",
        "Category": "Member cluster",
        "State of the order": "Paid",
        "Price": "150.00",
        "Currency": "EUR",
        "Visa letter": "1",
        "In the public list": "0",
        "Gala dinner": "2",
        "Shirt": "Large",
    }
    assert {name: row[name] for name in wanted} == wanted


def test_lists_hold_what_the_filters_leave_in_the_order_of_the_page(edition, organiser, browse):
    for name, country in (("Ćirić", "RS"), ("Adamov", "RS"), ("Babić", "MK")):
        factories.make_registration(edition, family_name=name, country=country)
    answer = take(browse(organiser), edition, "registrations.csv", country="RS", sort="-name")
    assert [row["Family name"] for row in table(answer)] == ["Ćirić", "Adamov"]


@pytest.mark.sql
def test_excel_keeps_numbers_as_numbers_and_long_lists_whole(edition, organiser, browse):
    factories.make_question(edition, key="years", kind="number", label={"en": "Years"})
    kind = factories.make_ticket_type(edition, amount=12_050)
    for number in range(520):
        factories.make_registration(
            edition, ticket_type=kind, family_name=f"Ilić {number:03}", answers={"years": number}
        )
    answer = take(browse(organiser), edition, "registrations.xlsx")
    sheet = load_workbook(io.BytesIO(answer.get_data()), read_only=True).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    assert len(rows) == 520
    price, years, family = (head.index(name) for name in ("Price", "Years", "Family name"))
    assert rows[519][price] == 120.5
    assert (rows[519][years], rows[519][family]) == (519, "Ilić 519")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_text_of_a_person_becomes_a_formula(edition, organiser, browse, form):
    risky = '=HYPERLINK("http://example.org","x")'
    factories.make_question(edition, key="hopes", label={"en": "@SUM(A1)", "sr": ""})
    factories.make_registration(
        edition,
        given_name=risky,
        organisation_name="+1",
        position="-2",
        answers={"hopes": "\t=1"},
    )
    answer = take(browse(organiser), edition, f"registrations.{form}")
    if form == "csv":
        rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))
        cells = [cell for row in rows for cell in row]
    else:
        sheet = load_workbook(io.BytesIO(answer.get_data())).worksheets[0]
        kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
        assert "f" not in kinds
        cells = [str(cell.value or "") for row in sheet.iter_rows() for cell in row]
    assert "'" + risky in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_the_kitchen_reads_portions_by_wish_and_no_names(edition, organiser, browse):
    lunch = factories.make_extra(edition, name={"en": "Lunch"}, asks_diet=True)
    visit = factories.make_extra(edition, name={"en": "Visit"})
    wishes = [("", 1), ("", 2), ("No nuts", 1), (" No  nuts", 1), ("Vegan", 1)]
    for diet, quantity in wishes:
        made = factories.make_registration(edition, diet=diet, family_name="Nenad")
        book(made, lunch, quantity)
        book(made, visit)
    gone = factories.make_registration(edition, diet="Fish", state=RegistrationState.CANCELLED)
    book(gone, lunch)
    answer = take(browse(organiser), edition, "meals.csv")
    assert [(row["Meal"], row["Wishes"], row["How many"]) for row in table(answer)] == [
        ("Lunch", "No special wishes", "3"),
        ("Lunch", "No nuts", "2"),
        ("Lunch", "Vegan", "1"),
    ]
    assert "Nenad" not in answer.get_data(as_text=True)


def test_the_venue_reads_who_needs_what(edition, organiser, browse):
    factories.make_registration(edition, given_name="Ana", accessibility="A ramp", diet="Vegan")
    factories.make_registration(edition, given_name="Petar")
    answer = take(browse(organiser), edition, "needs.csv")
    (row,) = table(answer)
    assert (row["Name"].split()[0], row["What is needed"]) == ("Ana", "A ramp")
    assert "Vegan" not in answer.get_data(as_text=True)


def test_taking_a_list_is_written_down_without_what_was_searched(edition, organiser, browse):
    factories.make_registration(edition, given_name="Ana")
    take(browse(organiser), edition, "registrations.csv", q="Ana Ilić", state="confirmed", x="y")
    entry = audit.about(edition)[-1]
    assert (entry.act, entry.actor) == ("registrations.exported", organiser.public_id)
    assert entry.data == {"what": "registrations", "form": "csv", "filters": ["q", "state"]}


@pytest.mark.parametrize("what", ["", "registrations", "registrations.exe", "people.csv"])
def test_a_list_that_is_none_is_refused_and_not_written_down(edition, organiser, browse, what):
    assert take(browse(organiser), edition, what).status_code == 400
    assert audit.about(edition) == []


def test_a_list_cannot_be_taken_by_a_link(edition, organiser, browse):
    assert browse(organiser).get(f"/{edition.code}/desk/registrations/export").status_code == 404


def test_a_large_list_lies_on_disk_and_not_in_memory(app):
    with app.test_request_context():
        answer = as_csv("large", ["Text"], (["x" * 1000] for _ in range(2 * IN_MEMORY // 1000)))
        file = answer.response.file
        assert file._rolled
        assert int(answer.headers["Content-Length"]) > 2 * IN_MEMORY
        answer.close()
        assert file.closed
