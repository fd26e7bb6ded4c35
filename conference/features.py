"""Hangs the features' pages, hooks and jobs on the application; the only importer of pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask


def register(app: Flask) -> None:
    """Import every feature's pages and register their blueprints, lower features first."""
    tell(app.config)
    _accounts(app)
    _organisations(app)
    _editions(app)
    _registrations(app)
    _registrations_desk(app)
    _messages(app)
    _payments(app)
    _checkin(app)
    _personal(app)


def tell(settings: Mapping[str, Any]) -> None:
    """The settings that modules keep for themselves, so that services need no application.

    A process serves one product; one that holds several, as tests do, tells them in turn.
    """
    from conference import backup
    from conference.accounts import vault
    from conference.checkin import keys
    from conference.core import links
    from conference.payments import provider

    links.set_base(settings["BASE_URL"])
    vault.open_with(settings)
    keys.set_secret(settings["BADGE_SECRET"])
    provider.configure(
        key=settings["STRIPE_SECRET_KEY"],
        api_base=settings["STRIPE_API_BASE"],
        webhook_secret=settings["STRIPE_WEBHOOK_SECRET"],
        held=(settings["DATA_DIR"] / backup.HOLD).exists,
    )


def _accounts(app: Flask) -> None:
    from conference import jobs
    from conference.accounts import erasures, limits, sessions
    from conference.accounts.views import (
        home,
        my_data,
        passkeys,
        profile,
        second_factor,
        security,
        sign_in,
    )

    pages = (home, my_data, passkeys, profile, second_factor, security, sign_in)
    app.register_blueprint(pages[0].blueprint)  # one for all
    _hang(jobs.every_night, limits.forget_old, sessions.forget_old)

    def keep_erasures() -> None:
        erasures.copy_out(app.config["DATA_DIR"])

    _hang_once(jobs.every_hour, keep_erasures)


def _organisations(app: Flask) -> None:
    from conference.accounts.service import profile
    from conference.organisations import manage, service, views
    from conference.web import site

    profile.PUBLIC_FIELDS["affiliation"] = service.ON_PROFILE
    app.register_blueprint(site.blueprint)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(manage.blueprint)


def _editions(app: Flask) -> None:
    from conference.accounts import people
    from conference.editions import stamps, views
    from conference.editions.manage import content, desk, payee, roles, settings, site
    from conference.organisations import service as organisations

    app.register_blueprint(views.blueprint)
    desk_pages = {part.blueprint for part in (desk, settings, content, payee, roles, site)}
    for blueprint in desk_pages:
        app.register_blueprint(blueprint)
    _hang(organisations.visible_change, stamps.bump)
    _hang(people.visible_change, stamps.bump)


def _registrations(app: Flask) -> None:
    from flask_babel import gettext

    from conference import jobs
    from conference.editions import hooks
    from conference.registrations import tickets
    from conference.registrations.service import drafts, following, waiting
    from conference.registrations.views import journey, own, participants, pieces, proving

    tickets.gettext = gettext
    pages = (journey, own, participants, proving)
    app.register_blueprint(pages[0].blueprint)  # one for all
    _hang(hooks.registration_action, pieces.registration_action)
    _hang(hooks.before_withdrawing, following.refuse_withdrawing)
    _hang(hooks.places_changed, following.offer_places)
    _hang(hooks.zone_changed, following.keep_the_hands)
    _hang(hooks.payee_is_fixed, following.money_is_asked)
    _hang(jobs.every_minute, waiting.expire_offers, waiting.expire_orders)

    def forget_drafts() -> None:
        drafts.forget_old(app.config["FILES_DIR"])

    _hang_once(jobs.every_night, forget_drafts)


def _registrations_desk(app: Flask) -> None:
    from conference.checkin import acts as checkin_acts
    from conference.editions import hooks
    from conference.payments import acts as payment_acts
    from conference.questions.manage import pages as asking
    from conference.registrations import acts
    from conference.registrations.manage import correcting, dashboard, listing, sale, story

    pages = (correcting, dashboard, listing, story)
    acts.WORDS.update({**payment_acts.WORDS, **checkin_acts.WORDS})
    acts.TOLD_BY_OTHERS.update(payment_acts.IN_THE_BOOKS)
    app.register_blueprint(pages[0].blueprint)  # one for all
    app.register_blueprint(sale.blueprint)
    app.register_blueprint(asking.blueprint)
    asking.further_contexts = sale.ticket_choices
    _hang(hooks.further_steps, sale.tickets_are_on_sale)


def _messages(app: Flask) -> None:
    from conference.messages import manage

    app.register_blueprint(manage.blueprint)


def _payments(app: Flask) -> None:
    from conference import jobs
    from conference.editions import hooks as edition_hooks
    from conference.payments import jobs as payment_jobs
    from conference.payments import papers, views, webhooks
    from conference.payments.manage import account, booking, listing
    from conference.payments.service import charging
    from conference.registrations import hooks

    desk_pages = (account, booking, listing)
    papers.labels_in = _words_of_invoices
    app.register_blueprint(views.blueprint)
    app.register_blueprint(desk_pages[0].blueprint)  # one for all
    app.register_blueprint(webhooks.blueprint)
    _hang(edition_hooks.payee_is_fixed, charging.money_was_asked)
    _hang(hooks.order_awaits_payment, charging.awaits_payment)
    _hang(hooks.payment_mail_wanted, charging.send_again)
    _hang(hooks.registration_cancelled, charging.registration_cancelled)
    _hang(jobs.every_minute, payment_jobs.reconcile)
    _hang(jobs.every_hour, payment_jobs.reconcile_all, payment_jobs.remind)


def _checkin(app: Flask) -> None:
    from conference.checkin import api, tickets, views
    from conference.checkin.manage import badges, lists
    from conference.registrations import tickets as registration_tickets

    registration_tickets.badge_code = tickets.badge_code
    registration_tickets.short_code = tickets.short_code
    for pages in (api, views, lists, badges):
        app.register_blueprint(pages.blueprint)


def _personal(app: Flask) -> None:
    from conference import jobs
    from conference.accounts import my_data, people, personal
    from conference.checkin import personal as of_checkin
    from conference.core import audit, retention
    from conference.editions import personal as of_editions
    from conference.organisations import personal as of_organisations
    from conference.payments import personal as of_payments
    from conference.registrations import personal as of_registrations

    lower_first = (
        personal,
        of_organisations,
        of_editions,
        of_registrations,
        of_payments,
        of_checkin,
    )
    for feature in lower_first:
        _hang(my_data.owners, *feature.OWNERS)
    for feature in (personal, of_editions, of_registrations, of_payments, of_checkin):
        _hang(retention.terms, *feature.TERMS)
    for feature in (personal, of_editions, of_registrations):
        _hang(retention.elsewhere, *feature.ELSEWHERE)
    _hang(jobs.every_night, audit.forget_old)

    def keep_terms() -> None:
        if retention.apply(app.config["FILES_DIR"]):
            people.visitors_see_a_change()

    _hang_once(jobs.every_night, keep_terms)
    _hang(my_data.further_addresses, of_registrations.addresses)
    _hang(my_data.obstacles, of_editions.sole_administrator, of_registrations.running_places)
    _hang(my_data.clearing, of_registrations.give_places_up)
    _hang(my_data.before_erasing, of_editions.end_roles, of_registrations.forget_in_mails)


def _words_of_invoices(locale: str) -> dict[str, str]:
    from flask_babel import force_locale, gettext

    from conference.documents import words

    with force_locale(locale):
        return words.invoice(gettext)


def _hang(place: list[Any], *functions: Any) -> None:
    """Add what is not there yet: tests make several applications in one process."""
    place.extend(f for f in functions if f not in place)


def _hang_once(place: list[Any], function: Any) -> None:
    """One that knows its application: it takes the place of that of an application before."""
    place[:] = [f for f in place if f.__name__ != function.__name__]
    place.append(function)
