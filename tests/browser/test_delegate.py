"""A delegate from the front page to the badge; by card, transfer, keyboard, without scripts."""

from __future__ import annotations

import io
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from conference.accounts import vault
from conference.core.permissions import Role
from conference.editions.models import Edition
from conference.extensions import db
from conference.registrations import tickets
from conference.registrations.models import Registration
from tests import factories
from tests.browser.conftest import Live, at
from tests.browser.worlds import Sale, fill_in, fill_in_invoice, go_on, open_sale, register, tick

pytestmark = pytest.mark.browser
PASSWORD = "three quiet words"


@pytest.fixture
def sale(live_site: Live) -> Sale:
    return open_sale(live_site)


def title(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def codes_in(picture: bytes) -> list[str]:
    """What a camera would read on a picture."""
    return [found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))]


def badge_code(sale: Sale) -> str:
    with sale.live.inside():
        query = select(Registration).where(Registration.edition_id == sale.edition_id)
        return tickets.badge_code(db.session.scalars(query).one())


def test_delegate_finds_the_edition_pays_by_card_and_holds_a_ticket(live_site, page_for):
    sale = open_sale(live_site, starts_on=factories.on_day(20), ends_on=factories.on_day(21))
    page = page_for()
    page.goto("/")
    expect(title(page)).to_have_text(sale.name)
    page.get_by_role("main").get_by_role("link", name="Register", exact=True).click()
    fill_in(page, "milica@example.org")
    go_on(page)
    tick(page, "Gala dinner")
    expect(page.locator("[data-total]")).to_have_text("€155.00")
    page.get_by_label("Diet and allergies").fill("no nuts")
    go_on(page)
    fill_in_invoice(page, "By card, now")
    page.get_by_role("button", name="Register and pay").click()
    page.wait_for_url("**/placed")

    page.goto(live_site.link_in(live_site.mail("milica@example.org", "confirm")))
    page.get_by_role("button", name="Yes, that is me").click()
    page.get_by_role("button", name="Pay €155.00 by card").click()
    expect(page.get_by_text("Receipt to milica@example.org")).to_be_visible()
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_text("This order is paid. Thank you.")).to_be_visible()

    page.get_by_role("link", name="To the ticket").click()
    page.get_by_role("main").get_by_role("link", name="Милица Ђорђевић").click()
    # Nobody scrolls at the entrance: the code is on the telephone's first screen.
    expect(page.locator(".ticket-code")).to_be_in_viewport(ratio=1)
    assert codes_in(page.screenshot()) == [badge_code(sale)]
    mail = live_site.mail("milica@example.org", "Your place is confirmed")
    kinds = [part.get_content_type() for part in mail.iter_attachments()]
    assert sorted(kinds) == ["application/pdf", "text/calendar"]


def test_transfer_is_booked_by_finance_and_the_delegate_gets_invoice_and_ticket(
    live_site, page_for, sale
):
    with live_site.inside():
        delegate = factories.make_person(email="transfer@example.org")
        secret = vault.new_totp_secret()
        finance = factories.make_person(
            email="cashier@example.org",
            password=vault.hash_password(PASSWORD),
            tf_totp_secret=secret,
        )
        edition = db.session.get(Edition, sale.edition_id)
        factories.give_role(finance, edition, Role.FINANCE)
    page = page_for(delegate)
    register(page, sale, None, "By bank transfer")
    (order,) = sale.orders()
    page.get_by_role("link", name="Show the bank details").click()
    page.get_by_text(order["reference"][:4]).first.wait_for()

    desk = page_for(width=1280)
    desk.goto(f"/{sale.code}/desk/payments")
    sign_in(desk, "cashier@example.org", vault.totp_now(secret))
    at(desk, f"/{sale.code}/desk/payments")
    desk.get_by_role("searchbox").fill(order["reference"])
    desk.get_by_role("button", name="Show", exact=True).click()
    desk.get_by_role("row", name="Klaster drvne industrije").get_by_role("link").click()
    desk.get_by_role("link", name="Book a payment").click()
    desk.get_by_role("button", name="Book", exact=True).click()
    expect(desk.get_by_role("status")).to_contain_text("Booked")
    expect(desk.get_by_role("main")).to_contain_text("Paid")

    page.goto(f"/{sale.code}/orders/{order['public_id']}/pay")
    expect(page.get_by_text("This order is paid. Thank you.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the invoice (PDF)").click()
    assert download.value.path().read_bytes()[:5] == b"%PDF-"
    live_site.mail("transfer@example.org", "Your place is confirmed")


def sign_in(page: Page, email: str, code: str) -> None:
    """With a password, then with the code of an authenticator."""
    page.get_by_text("I have a password").click()
    form = page.locator("details form")
    form.get_by_label("E-mail address").fill(email)
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code of six digits").fill(code)
    page.get_by_role("button", name="Continue").click()


def test_registration_works_without_javascript(live_site, page_for):
    sale = open_sale(live_site, amount=0)
    page = page_for(java_script_enabled=False, quiet=False)
    page.goto(sale.front)
    page.get_by_role("main").get_by_role("link", name="Register", exact=True).first.click()
    fill_in(page, "plain@example.org")
    go_on(page)
    tick(page, "Gala dinner")
    go_on(page)
    fill_in_invoice(page, "By bank transfer")
    page.get_by_role("button", name="Register and pay").click()
    page.wait_for_url("**/placed")
    page.goto(live_site.link_in(live_site.mail("plain@example.org", "confirm")))
    page.get_by_role("button", name="Yes, that is me").click()
    page.get_by_role("link", name="Show the bank details").click()
    (order,) = sale.orders()
    assert (order["total_minor"], order["state"].value) == (3500, "awaiting_payment")


def tab_to(page: Page, what: Any) -> None:
    """Press Tab until the focus is there; it must be seen, and it must not take for ever."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if what.evaluate("it => it === document.activeElement"):
            outline = what.evaluate(
                "it => [it, it.labels?.[0]].filter(Boolean).map(one => getComputedStyle(one))"
                ".some(s => s.outlineStyle !== 'none' || s.boxShadow !== 'none')"
            )
            assert outline, f"the focus on {what} cannot be seen"
            return
    raise AssertionError(f"the keyboard does not reach {what}")


def test_registration_is_filled_in_by_keyboard_alone(sale, page_for):
    page = page_for(width=1280)
    page.goto(sale.register)
    tab_to(page, page.get_by_label("Your e-mail address"))
    page.keyboard.type("keys@example.org")
    for words, text in (("Given name", "Ana"), ("Family name", "Marić"), ("Country", "Serb")):
        tab_to(page, page.get_by_label(words))
        page.keyboard.type(text)
    tab_to(page, page.locator("[name=p0-ticket]").first)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    tab_to(page, page.locator("[name^=p0-extra-]"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Continue"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    expect(page.get_by_role("main")).to_contain_text("€155.00")
    expect(page.get_by_label("Country")).to_have_value("RS")


def test_somebody_signs_in_by_keyboard_alone(live_site, page_for):
    with live_site.inside():
        factories.make_person(email="keyboard@example.org", password=vault.hash_password(PASSWORD))
    page = page_for(width=1280)
    page.goto("/account/profile")
    tab_to(page, page.get_by_text("I have a password"))
    page.keyboard.press("Enter")
    form = page.locator("details form")
    tab_to(page, form.get_by_label("E-mail address"))
    page.keyboard.type("keyboard@example.org")
    tab_to(page, form.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    at(page, "/account/profile")


def test_skip_link_is_the_first_stop_and_leads_to_the_content(sale, page_for):
    page = page_for(width=1280)
    page.goto(sale.front)
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    expect(page.get_by_text("Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_price_that_changed_meanwhile_is_shown_and_asked_again(sale, page_for):
    page = page_for()
    page.goto(sale.register)
    fill_in(page, "price@example.org")
    go_on(page)
    go_on(page)
    fill_in_invoice(page, "By bank transfer")
    sale.set_price(15000)
    page.get_by_role("button", name="Register and pay").click()
    expect(page.get_by_role("main")).to_contain_text("It was €120.00, now it is €150.00")
    assert sale.orders() == []
    expect(page.get_by_label("Address", exact=True)).to_have_value(
        "Bulevar oslobođenja 12\n16000 Leskovac"
    )
    page.get_by_role("button", name="Register and pay").click()
    page.wait_for_url("**/placed")
    assert [order["total_minor"] for order in sale.orders()] == [15000]


@pytest.mark.parametrize("scripts", [True, False])
def test_double_click_makes_one_order(sale, page_for, scripts):
    page = page_for(java_script_enabled=scripts, quiet=scripts)
    page.goto(sale.register)
    fill_in(page, "twice@example.org")
    go_on(page)
    go_on(page)
    fill_in_invoice(page, "By bank transfer")
    page.get_by_role("button", name="Register and pay").dblclick()
    page.wait_for_url("**/placed")
    assert len(sale.orders()) == 1


def test_back_button_keeps_what_was_typed(sale, page_for):
    page = page_for()
    page.goto(sale.front)
    page.goto(sale.register)
    fill_in(page, "back@example.org")
    go_on(page)
    page.get_by_label("Diet and allergies").fill("vegan")
    go_on(page)
    page.wait_for_url("**/review")
    page.go_back()
    expect(page.get_by_label("Diet and allergies")).to_have_value("vegan")
    page.go_back()
    expect(page.get_by_label("Your e-mail address")).to_have_value("back@example.org")
    expect(page.get_by_label("Given name")).to_have_value("Милица")
    expect(page.get_by_label("Country")).to_have_value("RS")
    page.wait_for_load_state("networkidle")  # a page that still moves takes the press elsewhere
    go_on(page)
    expect(page.get_by_label("Diet and allergies")).to_have_value("vegan")


def test_session_that_ends_in_the_middle_loses_nothing(sale, page_for):
    page = page_for(quiet=False)

    def forget_and_press(name: str) -> None:
        page.context.clear_cookies(name="session")
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("main")).to_contain_text("Nothing is lost")
        page.get_by_role("button", name="Send once more").click()

    page.goto(sale.register)
    fill_in(page, "lost@example.org")
    forget_and_press("Continue")
    page.get_by_label("Diet and allergies").fill("vegan")
    forget_and_press("Continue")
    expect(page.get_by_role("main")).to_contain_text("vegan")
    fill_in_invoice(page, "By bank transfer")
    forget_and_press("Register and pay")
    page.wait_for_url("**/placed")
    assert [order["email"] for order in sale.orders()] == ["lost@example.org"]


def test_language_is_changed_in_one_click_and_remembered(sale, page_for):
    page = page_for(width=1280, locale=None)
    page.goto(sale.front)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("banner").get_by_role("link", name="Српски").click()
    at(page, sale.front)
    expect(page.locator("html")).to_have_attribute("lang", "sr-Cyrl")
    page.goto("/sign-in")
    expect(page.get_by_label("Адреса е-поште").first).to_be_visible()
    page.get_by_role("banner").get_by_role("link", name="Srpski").click()
    at(page, "/sign-in")
    expect(page.locator("html")).to_have_attribute("lang", "sr-Latn")
    other = page.context.new_page()
    other.goto(sale.register)
    expect(other.locator("html")).to_have_attribute("lang", "sr-Latn")
