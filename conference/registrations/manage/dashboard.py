"""Figures of an edition as charts: a page of their own, and the first of them on the desk."""

from __future__ import annotations

from babel.numbers import format_decimal
from flask import g, render_template, url_for

from conference.core import geo
from conference.core.permissions import Permission, allows
from conference.registrations import figures
from conference.registrations.manage.blueprint import blueprint
from conference.registrations.service import counting
from conference.registrations.states import RegistrationState
from conference.web import charts, i18n, slots
from conference.web.access import requires
from conference.web.filters import money, short_day, tr
from conference.web.i18n import _, ngettext

SEE = Permission.SEE_REGISTRATIONS
MOST_COUNTRIES = 12
Item = tuple[str, str, str]


def number(value: int) -> str:
    """A whole number as the reader writes it."""
    text: str = format_decimal(value, locale=i18n.current())
    return text


def over_time(found: counting.Figures) -> charts.LineChart | None:
    points = [
        charts.Point(day.on, day.total, short_day(day.on), number(day.total)) for day in found.days
    ]
    return charts.line(
        _("Registrations over time"),
        points,
        head=(_("Day"), _("Registrations by then")),
        summary=_("Everybody who holds a place or waits for one, by the day on which they came."),
    )


def by_ticket(found: counting.Figures) -> charts.BarChart:
    bars = [
        charts.Bar(tr(kind.name), kind.taken, _of(kind.taken, kind.quota, kind.waiting), kind.quota)
        for kind in found.kinds
    ]
    return charts.bars(
        _("By ticket type"),
        bars,
        head=(_("Ticket"), _("People")),
        summary=_("Filled: places taken. Frame: all places of the type, where they are limited."),
    )


def by_extra(found: counting.Figures) -> charts.BarChart:
    bars = [
        charts.Bar(tr(extra.name), extra.taken, _of(extra.taken, extra.quota), extra.quota)
        for extra in found.extras
    ]
    return charts.bars(_("Booked besides"), bars, head=(_("Extra"), _("Booked")))


def _of(taken: int, quota: int | None, waiting: int = 0) -> str:
    text = number(taken)
    if quota is not None:
        text = _("%(taken)s of %(places)s", taken=text, places=number(quota))
    if waiting:
        text += ", " + _("%(number)s waiting", number=number(waiting))
    return text


def by_country(found: counting.Figures, most: int = MOST_COUNTRIES) -> charts.BarChart:
    """The largest countries as bars; the table below has all of them."""
    locale = i18n.current()
    ordered = figures.largest_first(found.countries)
    named = [(geo.country_name(code, locale), many) for code, many in ordered]
    shown = named if len(named) <= most + 1 else named[:most]
    bars = [charts.Bar(name, many, number(many)) for name, many in shown]
    if rest := named[len(shown) :]:
        label = ngettext("%(num)s other country", "%(num)s other countries", len(rest))
        bars.append(charts.Bar(label, 0, number(sum(many for _name, many in rest))))
    return charts.bars(
        _("By country"),
        bars,
        head=(_("Country"), _("People")),
        summary=ngettext("%(num)s country", "%(num)s countries", len(named)),
        table=[(name, number(many)) for name, many in named],
    )


def by_continent(found: counting.Figures) -> charts.BarChart:
    locale = i18n.current()
    bars = [
        charts.Bar(continent.name_in(locale), many, number(many))
        for continent, many in figures.by_continent(found.countries)
    ]
    return charts.bars(_("By continent"), bars, head=(_("Continent"), _("People")))


def headline(found: counting.Figures) -> list[Item]:
    """The numbers that people look at first."""
    edition, states = g.edition, found.states
    taken = edition.places_taken
    places = (
        _("of %(places)s places", places=number(edition.places))
        if edition.places is not None
        else _("places are not limited")
    )
    offered = states.get(RegistrationState.OFFERED, 0)
    return [
        (_("Places taken"), number(taken), places),
        (_("Confirmed"), number(states.get(RegistrationState.CONFIRMED, 0)), ""),
        (_("Not confirmed yet"), number(states.get(RegistrationState.PENDING, 0)), ""),
        (
            _("On the waiting list"),
            number(states.get(RegistrationState.WAITING, 0)),
            _("and %(number)s with an offer", number=number(offered)) if offered else "",
        ),
    ]


def expected(found: counting.Figures) -> list[Item]:
    """Money by currency, for those who may see it."""
    if not allows(g.roles, Permission.SEE_MONEY):
        return []
    return [
        (
            _("Money expected"),
            money(each.total),
            _("%(amount)s of it in paid orders", amount=money(each.paid)),
        )
        for each in found.money
    ]


@blueprint.get("/<edition_code>/desk/figures")
@requires(SEE)
def all_figures() -> str:
    """All charts."""
    found = counting.figures_of(g.edition)
    return render_template(
        "registrations/manage/figures.html",
        found=found,
        headline=[*headline(found), *expected(found)],
        over_time=over_time(found),
        by_ticket=by_ticket(found),
        by_extra=by_extra(found),
        by_country=by_country(found),
        by_continent=by_continent(found),
    )


@slots.desk_cards
def card() -> slots.Card | None:
    """The first figures, for the desk's overview."""
    if not allows(g.roles, SEE):
        return None
    found = counting.figures_of(g.edition)
    return slots.Card(
        "registrations/manage/_card.html",
        {
            "any": bool(found.states),
            "headline": [*headline(found), *expected(found)],
            "over_time": over_time(found),
            "by_ticket": by_ticket(found),
            "by_country": by_country(found, most=6),
            "url": url_for("registrations_desk.all_figures"),
        },
        order=20,
    )


@slots.desk_menu
def menu_entry() -> slots.Entry | None:
    if not allows(g.roles, SEE):
        return None
    return slots.Entry(_("Figures"), url_for("registrations_desk.all_figures"), 30)
