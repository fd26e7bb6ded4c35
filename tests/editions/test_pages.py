"""Public pages of editions: front page, edition, news, files; drafts, caching, deadlines."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest

from conference.core import clock
from conference.editions.kinds import Audience, PartnerRole
from conference.editions.models import PartnerEvent
from conference.editions.service import content, making, publishing
from conference.editions.states import EditionState
from conference.extensions import db
from tests import factories


def typed(text):
    """A time as somebody types it: the clock on the wall, without a zone."""
    return datetime.fromisoformat(text)


def text(answer):
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_front_page_shows_the_next_edition_others_past_ones_and_partners(browse):
    factories.make_edition(name={"en": "Second"}, starts_on=factories.on_day(90),
                           ends_on=factories.on_day(91))  # fmt: skip
    factories.make_edition(name={"en": "First"}, motto={"en": "Together"})
    factories.make_edition(name={"en": "Old"}, state=EditionState.ARCHIVED,
                           starts_on=date(2016, 9, 22), ends_on=date(2016, 9, 24))  # fmt: skip
    factories.make_edition(name={"en": "Hidden"}, state=EditionState.DRAFT)
    for days, name in ((5, "Partner event"), (-5, "Gone event")):
        day = factories.on_day(days)
        db.session.add(
            PartnerEvent(name={"en": name}, starts_on=day, ends_on=day, url="https://x.org")
        )
    page = text(browse().get("/"))
    assert page.index("<h1>First</h1>") < page.index("Second") < page.index("Partner event")
    assert page.index("Past editions") < page.index("Old</a>") < page.index("22–24 September 2016")
    assert "Hidden" not in page
    assert "Gone event" not in page


def test_front_page_without_editions_says_so(browse):
    assert "The next edition will be announced here." in text(browse().get("/"))


@pytest.mark.parametrize(
    ("cookie", "expected"), [("en", "Hall"), ("sr", "Сала"), ("sr_Latn", "Sala")]
)
def test_page_of_an_edition_speaks_three_languages(browse, cookie, expected):
    edition = factories.make_edition()
    place = factories.make_place(edition)
    content.write_room(
        edition=edition, place=place, room=None, name={"en": "Hall", "sr": "Сала"}, capacity=5,
        by=factories.make_person(),
    )  # fmt: skip
    client = browse()
    client.set_cookie("locale", cookie)
    page = text(client.get(f"/{edition.code}/"))
    assert f"{expected} (" in page


def test_draft_is_seen_by_its_staff_and_by_nobody_else(browse, organiser, stranger):
    draft = factories.make_edition(state=EditionState.DRAFT, published_at=None)
    helper = factories.make_person()
    factories.give_role(helper, draft, factories.Role.CHAIR)
    for url in (f"/{draft.code}/", f"/{draft.code}/news", f"/{draft.code}/calendar.ics"):
        for person in (None, stranger, organiser):
            refused = browse(person).get(url)
            assert refused.status_code == 404
            assert draft.name["en"] not in refused.text
        assert browse(helper).get(url).status_code == 200


def test_a_role_that_ended_opens_no_draft(browse):
    draft = factories.make_edition(state=EditionState.DRAFT, published_at=None)
    helper = factories.make_person()
    factories.give_role(helper, draft, factories.Role.ORGANISER, ends_on=factories.on_day(-1))
    assert browse(helper).get(f"/{draft.code}/").status_code == 404


def test_kept_page_shows_a_change_after_it_was_saved(browse, app, edition, organiser):
    client = browse()
    url = f"/{edition.code}/"
    assert "new@example.org" not in text(client.get(url))
    making.edit_contact(edition=edition, name="", email="new@example.org", phone="", by=organiser)
    db.session.commit()
    app.extensions["page_cache"].forget()
    assert "new@example.org" in text(client.get(url))


def test_kept_page_asks_the_database_nothing_and_is_never_given_to_somebody_signed_in(
    browse, app, edition, organiser, queries
):
    url = f"/{edition.code}/"
    client, signed_in = browse(), browse(organiser)
    etag = client.get(url).headers.get("ETag")
    client.get(url)
    queries.clear()
    again = client.get(url)
    assert (again.status_code, queries) == (200, [])
    assert organiser.display_name not in text(again)
    own = signed_in.get(url)
    assert organiser.display_name in text(own)
    assert own.headers["Cache-Control"] == "no-store"
    assert organiser.display_name not in text(client.get(url))
    tag = again.headers["ETag"]
    assert etag in (None, tag)
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304


def test_deadline_changes_the_kept_page_by_itself(browse, at):
    now = datetime(2027, 5, 10, 12, 0, tzinfo=UTC)
    at(now)
    edition = factories.make_edition(
        starts_on=date(2027, 7, 1),
        ends_on=date(2027, 7, 2),
        registration_opens_at=now + timedelta(minutes=1),
        registration_closes_at=now + timedelta(days=3),
        cancel_until_at=None,
    )
    client, seen = browse(), []
    words = ("Registration opens on", "Registration is open until", "Registration is closed",
             "tomorrow at", "today at")  # fmt: skip
    for moment in (
        now,
        now + timedelta(seconds=59),
        now + timedelta(minutes=1),
        now + timedelta(days=2),
        now + timedelta(days=3, seconds=-1),
        now + timedelta(days=3),
    ):
        at(moment)
        page = text(client.get(f"/{edition.code}/"))
        seen.append([word for word in words if word in page])
    assert seen == [
        ["Registration opens on", "today at"],
        ["Registration opens on", "today at"],
        ["Registration is open until"],
        ["Registration is open until", "tomorrow at"],
        ["Registration is open until", "today at"],
        ["Registration is closed"],
    ]


def test_news_appear_when_they_are_published(browse, app, edition, organiser):
    piece = content.write_news(
        edition=edition, piece=None, title={"en": "Hello"}, text={"en": "<b>x</b>"}, by=organiser
    )
    url = f"/{edition.code}/news/{piece.public_id}"
    assert browse().get(url).status_code == 404
    content.publish_news(edition=edition, piece=piece, by=organiser)
    db.session.commit()
    page = text(browse().get(url))
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    other = factories.make_edition()
    assert browse().get(f"/{other.code}/news/{piece.public_id}").status_code == 404
    app.extensions["page_cache"].forget()
    assert "Hello" in text(browse().get(f"/{edition.code}/"))


def test_document_is_a_download_and_belongs_to_its_edition(browse, app, edition, organiser):
    row = content.add_document(
        edition=edition,
        upload=io.BytesIO(b"%PDF-1.4 hello"),
        name='Програм "2027".pdf',
        title={"en": "Programme"},
        folder=app.config["FILES_DIR"],
        by=organiser,
    )
    answer = browse().get(f"/{edition.code}/documents/{row.public_id}")
    assert answer.data == b"%PDF-1.4 hello"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    other = factories.make_edition()
    assert browse().get(f"/{other.code}/documents/{row.public_id}").status_code == 404


def test_calendar_file_is_a_download(browse, edition):
    answer = browse().get(f"/{edition.code}/calendar.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.data.startswith(b"BEGIN:VCALENDAR")


def test_archived_edition_says_what_happened_and_names_no_contact(browse, organiser, edition):
    names = ("summary", "for_whom", "how_to_take_part", "about")
    texts = {**dict.fromkeys(names, {}), "outcome": {"en": "**150 people** came."}}
    making.edit_texts(edition=edition, texts=texts, by=organiser)
    publishing.archive(edition=edition, by=organiser)
    db.session.commit()
    page = text(browse().get(f"/{edition.code}/"))
    assert "<strong>150 people</strong> came." in page
    assert "office@example.org" not in page
    assert "Key dates" not in page


def test_partners_stand_under_their_role_with_a_link(browse, edition, organiser):
    one = factories.make_organisation(name="Klaster <Niš>")
    content.add_partner(edition=edition, organisation=one, role=PartnerRole.FUNDER, by=organiser)
    db.session.commit()
    page = text(browse().get(f"/{edition.code}/"))
    assert page.index("Funded by") < page.index("Klaster &lt;Niš&gt;")
    back = text(browse().get(f"/organisations/{one.public_id}"))
    assert f'href="/{edition.code}/"' in back


def test_page_of_an_edition_asks_as_often_for_1_3_and_30_rows_of_everything(browse, queries):
    asked = [asked_for(number, browse(), queries) for number in (1, 3, 30)]
    assert asked[0] == asked[1] == asked[2]


def asked_for(number, client, queries):
    edition, person = factories.make_edition(), factories.make_person()
    for count in range(number):
        place = factories.make_place(edition)
        host = factories.make_organisation()
        content.write_room(
            edition=edition, place=place, room=None, name={"en": f"R{count}"}, capacity=1, by=person
        )
        content.add_partner(edition=edition, organisation=host, role=PartnerRole.HOST, by=person)
        content.write_key_date(
            edition=edition,
            key_date=None,
            label={"en": "x"},
            at=typed("2027-05-05T00:00"),
            by=person,
        )
    db.session.commit()
    queries.clear()
    text(client.get(f"/{edition.code}/"))
    return len(queries)


def test_list_of_editions_stands_by_year(browse):
    for year in (2015, 2016):
        factories.make_edition(name={"en": f"Days {year}"}, state=EditionState.ARCHIVED,
                               starts_on=date(year, 9, 1), ends_on=date(year, 9, 2))  # fmt: skip
    page = text(browse().get("/editions"))
    assert page.index("Days 2016") < page.index("Days 2015")


def test_closed_events_say_who_may_register(browse):
    edition = factories.make_edition(audience=Audience.MEMBERS)
    assert "Members of the network" in text(browse().get(f"/{edition.code}/"))


@pytest.mark.parametrize("path", ["/accessibility", "/privacy", "/contact"])
def test_pages_of_the_site_answer_everybody(browse, edition, path):
    text(browse().get(path))


def test_privacy_page_knows_a_word_for_everything_that_is_kept(whole_app):
    from conference.web.privacy import unknown_words

    assert unknown_words() == set()


def test_unknown_edition_is_not_found(browse):
    assert browse().get("/nowhere-2027/").status_code == 404


def test_clock_of_the_page_is_that_of_the_edition(browse, at):
    at(datetime(2027, 5, 10, 22, 30, tzinfo=UTC))
    edition = factories.make_edition(
        zone="Europe/Skopje", starts_on=date(2027, 5, 10), ends_on=date(2027, 5, 10),
        registration_opens_at=clock.now() - timedelta(days=9), registration_closes_at=None,
        cancel_until_at=None,
    )  # fmt: skip
    # Half past midnight in Skopje: the day of the edition is over there.
    assert "Over" in text(browse().get(f"/{edition.code}/"))
