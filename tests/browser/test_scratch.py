import pytest
from tests.browser.test_delegate import *
from tests.browser.test_delegate import sale
pytestmark = pytest.mark.browser
def test_back(sale, page_for):
    page = page_for()
    page.on("response", lambda r: print(r.request.method, r.status, r.url, r.from_service_worker, r.headers.get("cache-control")))
    page.goto(sale.register)
    fill_in(page, "back@example.org")
    go_on(page)
    page.get_by_label("Diet and allergies").fill("vegan")
    go_on(page)
    page.wait_for_url("**/review")
    print("BACK")
    r = page.go_back()
    print(r, page.url, page.get_by_label("Diet and allergies").input_value())
    page.wait_for_timeout(1000)
    print(page.get_by_label("Diet and allergies").input_value())
def test_export(live_site, page_for):
    with live_site.inside():
        edition = factories.make_edition()
        organiser = factories.make_person()
        factories.give_role(organiser, edition, Role.ORGANISER)
        factories.make_registration(edition, given_name="A", family_name="B")
        desk = f"/{edition.code}/desk"
    page = page_for(organiser, width=1280)
    page.on("response", lambda r: print(r.request.method, r.status, r.url, r.headers))
    page.on("requestfailed", lambda r: print("failed", r.url, r.failure))
    page.on("download", lambda r: print("download", r))
    page.goto(f"{desk}/registrations")
    page.get_by_role("button", name="CSV").first.click()
    page.wait_for_timeout(3000)
    page.screenshot(path="/tmp/plan/export.png")
