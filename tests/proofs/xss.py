"""Payloads in every text field, every page opened in Chromium: nothing runs, nothing is blocked."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conference import delivery
from conference.accounts import sessions
from conference.core.outbox import OutboundMail
from conference.extensions import db
from tests import access_cast, access_paths, access_world, factories
from tests.access_table import TABLE
from tests.measures import proof
from tests.proofs._payloads import EVALUATED, PAYLOADS, Planter
from tests.sandbox.chromium import chromium
from tests.serving import Site, site

WATCH = """
window.__ran = []; window.__blocked = [];
window.__xss = n => { window.__ran.push(n); };
document.addEventListener('securitypolicyviolation',
  e => window.__blocked.push(e.violatedDirective + ' ' + (e.sourceFile || e.blockedURI)));
"""
REPORT = """() => {
  const runs = e => [...e.attributes].some(a => /^on/i.test(a.name));
  const leads = e => ['href', 'src', 'action', 'formaction', 'srcdoc', 'data'].some(
    name => /^\\s*(javascript|data:text)/i.test(e.getAttribute(name) || '') || name === 'srcdoc'
      && e.hasAttribute(name));
  const inline = e => e.tagName === 'SCRIPT' && /__xss/.test(e.textContent) && !e.type;
  const bad = [...document.querySelectorAll('*')].filter(e => runs(e) || leads(e) || inline(e));
  return {ran: window.__ran, blocked: window.__blocked, injected: bad.map(e => e.outerHTML),
          text: document.documentElement.innerText};
}"""
PRESS = """() => document.querySelectorAll('a').forEach(
  a => { if (a.protocol === 'javascript:') a.click(); })"""
QUERY = ("q", "next", "sort", "state", "after", "before", "ticket", "name", "invitation", "ready")
FILL = """text => {
  const forms = [...document.querySelectorAll('main form[method=post]')];
  const fields = f => [...f.querySelectorAll(
    'input:not([type]), input[type=text], input[type=search], input[type=email], input[type=url],'
    + 'input[type=tel], textarea')];
  const form = forms.sort((a, b) => fields(b).length - fields(a).length)[0];
  if (!form || !fields(form).length) return false;
  for (const one of fields(form)) { one.value = text; }
  HTMLFormElement.prototype.submit.call(form);
  return true;
}"""


@dataclass
class Seen:
    """What the browser noticed over all pages."""

    pages: int = 0
    files: int = 0
    forms: int = 0
    mails: int = 0
    ran: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    injected: list[str] = field(default_factory=list)
    evaluated: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class World:
    """Who looks, at what."""

    objects: Any
    keys: dict[str, str | None]
    fields: int


def _fill() -> World:
    owner = factories.make_person()
    objects = access_world.fill(owner)
    edition = objects.edition
    options = [{"value": "a", "label": {"en": "A", "sr": "А"}}]
    for kind in ("one_of", "many_of", "long_text"):
        factories.make_question(edition, key=kind, kind=kind, options=options)
    owner.public_fields = ["name", "country", "languages", "orcid", "biography"]
    cast = {actor.name: actor for actor in access_cast.cast(objects, objects, owner)}
    planter = Planter()
    planter.everything()
    db.session.flush()
    _mails(edition)
    names = ("anonymous", "owner", "administrator")
    keys = {name: _key(cast[name]) for name in names}
    return World(objects, keys, len(planter.fields))


def _mails(edition: Any) -> None:
    """Mails as the product writes them about what was planted."""
    from conference import emails
    from conference.registrations.models import Order, Registration
    from conference.registrations.service import seats

    order = db.session.query(Order).filter_by(edition_id=edition.id).first()
    place = db.session.query(Registration).filter_by(edition_id=edition.id).first()
    link = "https://www.example.org/"
    emails.confirm_registration(order, link=link)
    emails.registration_confirmed(order, order.email, [place])
    emails.waiting_list(place)
    emails.place_offered(place, price=seats.price_of(place), link=link)
    emails.offer_expired(place)
    emails.order_expired(order)
    emails.invitation("guest@example.org", edition=edition, locale="en", link=link)
    db.session.flush()


def _key(actor: access_cast.Actor) -> str | None:
    if actor.person is None:
        return None
    return sessions.begin(
        actor.person, method="link", browser="x", address="127.0.0.1", second_factor=True
    )


def _written(app: Any) -> list[tuple[str, str]]:
    """The HTML of every mail that waits."""
    made = []
    with app.app_context(), app.test_request_context("/"):
        rows = db.session.query(OutboundMail).all()
        db.session.expunge_all()
        for row in rows:
            row.attachments = []
            if row.values:
                made.append((row.name, str(delivery.write(row).html)))
    return made


def _addresses(app: Any, objects: Any) -> Iterator[tuple[str, str, Any]]:
    """Who opens which page."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint.startswith("health."):
            continue
        values = {"edition_code": objects.code, **access_paths.parameters(rule.endpoint, objects)}
        known = {name: value for name, value in values.items() if name in rule.arguments}
        row = TABLE[rule.endpoint]
        who = {"everybody": "anonymous", "key": "anonymous", "own": "owner", "signed-in": "owner"}
        yield who.get(row, "administrator"), adapter.build(rule.endpoint, known), rule
        if row == "everybody":
            yield "administrator", adapter.build(rule.endpoint, known), rule


class Visitor:
    """One browser; signs in as this one or that one."""

    def __init__(self, browser: Any, made: Site, cookies: dict[str, str | None]) -> None:
        self._site, self.seen = made, Seen()
        self._contexts: dict[str, Any] = {}
        self._pages: dict[str, Any] = {}
        for name, cookie in cookies.items():
            context = browser.new_context(base_url=made.url, accept_downloads=False)
            context.add_init_script(WATCH)
            if cookie is not None:
                key, _sep, value = cookie.partition("=")
                context.add_cookies([{"name": key, "value": value, "url": made.url}])
            self._contexts[name] = context
            self._pages[name] = self._page(context)

    def _page(self, context: Any) -> Any:
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("dialog", lambda dialog: (self.seen.ran.append(dialog.message), dialog.dismiss()))
        page.on("console", self._hear)
        return page

    def _hear(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.seen.blocked.append(message.text[:200])

    def open(self, who: str, path: str, *, as_file: bool = False) -> bool:
        """Open a page, or fetch a file; whether it is a page."""
        if not as_file:
            head = self._contexts[who].request.get(path, max_redirects=0)
            self._headers(path, head)
            kind = head.headers.get("content-type", "")
            if head.status in {301, 302, 303} or not kind.startswith("text/html"):
                self.seen.files += 1
                return False
        page = self._pages[who]
        page.goto(path, wait_until="load")
        self.note(page, path)
        return True

    def _headers(self, path: str, answer: Any) -> None:
        if answer.status >= 500:
            self.seen.broken.append(f"{answer.status} {path}")
        if "x-planted" in answer.headers:
            self.seen.injected.append(f"{path}: header")
        kind = answer.headers.get("content-type", "")
        page = kind.startswith(("text/html", "image/png", "application/json", "text/plain"))
        saved = answer.headers.get("content-disposition", "").startswith("attachment")
        if answer.status == 200 and not page and not saved:
            self.seen.injected.append(f"{path}: {kind} is shown instead of saved")

    def note(self, page: Any, where: str) -> None:
        """What happened on the page that is open."""
        told = page.evaluate(REPORT)
        self.seen.pages += 1
        self.seen.ran += [f"{where}: payload {n}" for n in told["ran"]]
        self.seen.blocked += [f"{where}: {one}" for one in told["blocked"]]
        self.seen.injected += [f"{where}: {one[:200]}" for one in told["injected"]]
        if EVALUATED in told["text"]:
            self.seen.evaluated.append(where)
        self.seen.shown |= {p for p in PAYLOADS if p.strip() in told["text"]}

    def send(self, who: str, path: str) -> None:
        """Fill the largest form with payloads and send it, whatever the browser would refuse."""
        page = self._pages[who]
        page.goto(path, wait_until="load")
        with page.expect_navigation(wait_until="load", timeout=20_000):
            if not page.evaluate(FILL, " ".join(p for p in PAYLOADS if "\r" not in p)):
                page.goto("about:blank")
                return
        self.seen.forms += 1
        self.note(page, f"sent {path}")

    def read_mail(self, name: str, text: str) -> None:
        """A mail's HTML in a mail program that forbids nothing."""
        page = self._pages["anonymous"]
        page.route("**/mail", _answering(text, {"Content-Type": "text/html"}))
        page.goto("/mail", wait_until="load")
        page.unroute("**/mail")
        self.seen.mails += 1
        self.note(page, f"mail {name}")

    def policy(self) -> str:
        """The content security policy of our pages."""
        answer = self._contexts["anonymous"].request.get("/")
        return str(answer.headers["content-security-policy"])

    def control(self, *, policy: str | None) -> tuple[int, int]:
        """Payloads without escaping: how many run, how many are blocked."""
        page = self._contexts["anonymous"].new_page()
        ran, blocked = set(), 0
        headers = {"Content-Type": "text/html"}
        if policy:
            headers["Content-Security-Policy"] = policy
        for number, payload in enumerate(PAYLOADS, 1):
            for shape in SHAPES:
                body = f"<!doctype html><title>x</title>{shape.replace('PAYLOAD', payload)}"
                page.route("**/control", _answering(body, headers))
                page.goto("/control", wait_until="load")
                page.evaluate(PRESS)
                page.wait_for_timeout(20)
                told = page.evaluate(REPORT)
                blocked += bool(told["blocked"])
                ran |= set(told["ran"]) & {number}
                page.unroute("**/control")
                if ran & {number}:
                    break
        page.close()
        return len(ran), blocked


def _answering(body: str, headers: dict[str, str]) -> Any:
    def answer(route: Any) -> None:
        route.fulfill(body=body, headers=headers)

    return answer


SHAPES = (
    "<p>PAYLOAD</p>",
    '<input value="PAYLOAD">',
    "<input value='PAYLOAD'>",
    '<a href="PAYLOAD">x</a>',
    "<script>var a = 'PAYLOAD'</script>",
    "<textarea>PAYLOAD</textarea>",
)


def _cookies(made: Site, keys: dict[str, str | None]) -> dict[str, str | None]:
    return {name: made.visitor(key)[0] if key else None for name, key in keys.items()}


@proof("xss")
def xss() -> tuple[dict[str, Any], bool]:
    """Stored, reflected and mailed payloads; then the same without our guards."""
    from playwright.sync_api import sync_playwright

    worlds: list[World] = []
    with site(prepare=lambda: worlds.append(_fill())) as made, sync_playwright() as driver:
        world = worlds[0]
        made.serve()
        app = made.app()
        browser = driver.chromium.launch(**chromium())
        visitor = Visitor(browser, made, _cookies(made, world.keys))
        policy = visitor.policy()
        run_alone, _none = visitor.control(policy=None)
        run_with, blocked_with = visitor.control(policy=policy)
        query = urllib.parse.urlencode(dict.fromkeys(QUERY, PAYLOADS[3]))
        pages = list(_addresses(app, world.objects))
        html_pages = [(w, p, r) for w, p, r in pages if visitor.open(w, p)]
        for who, path, rule in html_pages:
            if who != "administrator" or TABLE[rule.endpoint] != "everybody":
                visitor.open(who, f"{path}?{query}", as_file=True)
        for name, text in _written(app):
            visitor.read_mail(name, text)
        for who, path, rule in html_pages:
            if "POST" in rule.methods and rule.endpoint not in LAST:
                visitor.send(who, path)
        browser.close()
    seen = visitor.seen
    for kind in ("ran", "blocked", "injected", "evaluated", "broken"):
        for line in list(dict.fromkeys(getattr(seen, kind)))[:12]:
            print(f"  {kind}: {line}")
    figures = {
        "payloads": len(PAYLOADS),
        "payloads_seen_as_text": len(seen.shown),
        "fields": world.fields,
        "pages": seen.pages,
        "forms_sent": seen.forms,
        "mails": seen.mails,
        "files": seen.files,
        "executed": len(seen.ran),
        "injected": len(seen.injected) + len(seen.evaluated),
        "csp_violations": len(seen.blocked),
        "5xx": len(seen.broken),
        "control_executed": f"{run_alone} of {len(PAYLOADS)}",
        "control_stopped_by_csp": f"{blocked_with}, executed {run_with}",
    }
    clean = not (seen.ran or seen.injected or seen.evaluated or seen.blocked or seen.broken)
    enough = seen.pages > 150 and seen.forms > 20 and len(seen.shown) > 8 and seen.mails > 5
    return figures, clean and enough and run_alone > 10 and run_with == 0 and blocked_with > 0


LAST = frozenset({"accounts.erase", "accounts.password", "accounts.change_email"})
