"""The table of contents: makes the application out of its parts."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

import config
from conference import cli
from conference.accounts import current
from conference.editions import queries, roles
from conference.extensions import babel, csrf, db, mail
from conference.features import register
from conference.web import (
    access,
    assets,
    database,
    edition,
    errors,
    filters,
    frame,
    headers,
    health,
    i18n,
    languages,
    logs,
    page_cache,
)


def create_app(**overrides: Any) -> Flask:
    """The application, configured from the environment and `overrides`."""
    app = Flask("conference", template_folder=str(config.ROOT / "templates"), static_folder=None)
    app.config.from_mapping({**config.from_environment(), **overrides})
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True

    logs.init_app(app)
    db.init_app(app)
    mail.init_app(app)
    babel.init_app(app, locale_selector=i18n.select_locale)
    database.init_app(app)
    edition.init_app(app, queries.by_code)
    access.init_app(app, lambda edition: current.load(lambda key: roles.who(key, edition)))
    csrf.init_app(app)
    headers.init_app(app)
    filters.init_app(app)
    frame.init_app(app)
    errors.init_app(app)
    page_cache.init_app(app)
    app.jinja_env.globals.update(asset=assets.asset, g=g)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(languages.blueprint)
    register(app)
    cli.init_app(app)
    access.check_routes(app)

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(assets.STATIC),
        prefix="static/",
        immutable_file_test=r"/static/dist/.+-[0-9A-Z]{8}\.",
    )
    if app.config["PROXIES"]:
        hops = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app
