"""Wiring only, in the order things come to life."""

from dataclasses import replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine

from embeddings import Encoder, load_encoder
from matchmaker import extensions, resources
from matchmaker.config import Settings, read_settings
from matchmaker.models.database import open_engine
from matchmaker.search.meters import Metered
from matchmaker.services import logs
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.learning import encoders
from matchmaker.web import (
    blueprints,
    context,
    crowding,
    doors,
    errors,
    filters,
    hosts,
    kept,
    requests,
    security,
    sessions,
)

#: The longest form is a need with its long part: far below this.
MAX_BODY = 2 * 1024 * 1024


def create_app(
    settings: Settings | None = None,
    *,
    engine: Engine | None = None,
    catalogue: Catalogue | None = None,
) -> Flask:
    """The site. Settings come from the environment when none are handed in."""
    settings = settings or read_settings()
    app = Flask(
        "matchmaker",
        template_folder=str(resources.folder("templates")),
        static_folder=str(resources.PACKAGE / "web" / "static"),
    )
    app.config.update(
        SECRET_KEY=settings.secret(),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        BOOTSTRAP_SERVE_LOCAL=True,
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_DEFAULT_TIMEZONE="Asia/Ho_Chi_Minh",
        BABEL_TRANSLATION_DIRECTORIES=str(resources.PACKAGE / "translations"),
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=7),
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_NAME="__Host-session" if settings.is_secure else "session",
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.extensions["matchmaker.settings"] = settings
    extensions.db.init_app(app, engine or open_engine(settings.url, create=False))
    app.extensions["matchmaker.catalogue"] = catalogue or catalogue_for(settings)
    logs.open_log(settings.log, requests.request_id)
    requests.register(app)
    hosts.register(app, settings)
    crowding.register(app)
    sessions.register(app)
    extensions.babel.init_app(app, locale_selector=context.choose_locale)
    extensions.bootstrap.init_app(app)
    extensions.compress.init_app(app)
    extensions.csrf.init_app(app)
    extensions.login_manager.init_app(app)
    filters.register(app)
    context.register(app)
    blueprints.register(app)
    security.register(app)
    errors.register(app)
    doors.register(app)
    kept.register(app)
    return app


def encoder_for(settings: Settings) -> Encoder:
    """The encoder the settings name; nothing is loaded until it is used."""
    return Metered(
        load_encoder(
            settings.model,
            data_dir=settings.data_dir,
            threads=settings.threads,
            allow_download=settings.allow_download,
        )
    )


def catalogue_for(settings: Settings) -> Catalogue:
    """The search; the model that the index was made with takes the place of the settings' own."""

    def opens(name: str) -> Encoder:
        if name.startswith(encoders.TUNED):
            name = f"st:{encoders.folder(settings.data_dir, name)}"
        return encoder_for(replace(settings, model=name))

    return Catalogue(
        encoder_for(settings), settings.data_dir, opens=opens, opener=settings.model,
        search_url=settings.search_database_url,
    )  # fmt: skip
