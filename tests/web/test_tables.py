"""The general list: paging by key over any sort, both ways; files to take away."""

from __future__ import annotations

import io

import openpyxl
import pytest
from sqlalchemy import select

from conference.organisations.models import Organisation
from conference.web import exports
from conference.web.tables import Choice, Search, Table
from tests import factories

LIST = Table(
    lambda: select(Organisation.public_id, Organisation.name),
    key=Organisation.public_id,
    sorts={
        "name": Organisation.sort_key,
        "added": Organisation.created_at,
        "kind": Organisation.kind,
        "number": Organisation.id,
    },
    sort="name",
    filters=[
        Search(Organisation.search_key),
        Choice("kind", "Kind", Organisation.kind, lambda: [("cluster", "Cluster")]),
    ],
    size=3,
)


@pytest.mark.sql
@pytest.mark.parametrize("sort", ["name", "-name", "added", "-added", "kind", "-kind", "-number"])
def test_every_row_stands_on_one_page_in_order_whatever_the_sort(app, sort):
    for number in range(10):
        factories.make_organisation(name=f"K{number // 3}")
    with app.test_request_context("/organisations"):
        whole = [row.public_id for row in LIST.every({"sort": sort})]
        pages, asked = [], {"sort": sort}
        while True:
            page = LIST.page(asked)
            pages.append([row.public_id for row in page.rows])
            if page.after is None:
                break
            asked = {"sort": sort, "after": page.after}
        assert [one for rows in pages for one in rows] == whole
        assert (page.total, len(pages)) == (10, 4)
        back = [LIST.page({"sort": sort, "before": page.before})]
        while back[-1].before:
            back.append(LIST.page({"sort": sort, "before": back[-1].before}))
        assert [[row.public_id for row in one.rows] for one in back[::-1]] == pages[:3]
        assert back[-1].before is None


def test_filters_stay_in_the_addresses_of_the_pages(app):
    for number in range(5):
        factories.make_organisation(name=f"Klaster {number}")
    with app.test_request_context("/organisations"):
        page = LIST.page({"q": "klaster", "kind": "cluster", "sort": "-name", "x": "y"})
        assert "q=klaster&kind=cluster&sort=-name&after=" in page.next_url
        assert page.column("Name", "name")["sorted"] == "desc"
        assert page.hidden == {"sort": "-name"}
        assert page.url == "/organisations"


def test_a_mark_of_another_sort_is_ignored(app):
    for number in range(5):
        factories.make_organisation(name=f"Klaster {number}")
    with app.test_request_context("/organisations"):
        mark = LIST.page({"sort": "name"}).after
        assert len(LIST.page({"sort": "added", "after": mark}).rows) == 3


@pytest.mark.parametrize("risky", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\u00a0=1", "'=1"])
def test_no_cell_of_a_download_becomes_a_formula(app, risky):
    with app.test_request_context("/"):
        plain = exports.as_csv("list", ["Name"], [[risky]]).get_data(as_text=True)
        book = openpyxl.load_workbook(
            io.BytesIO(exports.as_xlsx("list", ["Name"], [[risky], [5]]).get_data())
        )
    assert plain.split("\r\n")[1].strip('"').startswith("'")
    sheet = book.active
    assert (sheet["A2"].data_type, str(sheet["A2"].value)[0], sheet["A3"].value) == ("s", "'", 5)
