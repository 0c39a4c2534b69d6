"""What every page knows: its language, its reader, his unread notices."""

from typing import Any

from flask import Flask, request, session
from flask_babel import get_locale
from flask_login import current_user

from matchmaker.domain.vocabulary import Language
from matchmaker.extensions import catalogue, db
from matchmaker.queries import desk
from matchmaker.services.learning.serving import serving
from matchmaker.web import current


def choose_locale() -> str:
    """The reader's own choice; else Vietnamese, since it comes first here."""
    chosen = session.get("language")
    if chosen in set(Language):
        return str(chosen)
    if current_user and current_user.is_authenticated and current_user.locale:
        return str(current_user.locale)
    return str(Language.VI)


def language() -> str:
    """The language of this page."""
    return str(get_locale() or Language.VI)


def bands_are_provisional() -> bool:
    """Whether too few needs were judged for the bands to be more than an estimate."""
    return serving(db.session, catalogue.encoder.fingerprint).fit.is_provisional


def register(app: Flask) -> None:
    # Macros are imported without a page's context: what they ask for is global.
    app.jinja_env.globals["bands_are_provisional"] = bands_are_provisional

    @app.context_processor
    def _every_page() -> dict[str, Any]:
        viewer = current.viewer()
        unread = desk.unread_count(db.session, viewer.member_id) if viewer.member_id else 0
        return {
            "viewer": viewer,
            "unread_count": unread,
            "language": language(),
            "get_locale": get_locale,
            "here": request.full_path.rstrip("?"),
        }
