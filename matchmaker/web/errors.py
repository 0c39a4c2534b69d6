"""Which status each foreseen error has; a bug stays a bug and looks like one."""

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from matchmaker.domain import errors
from matchmaker.extensions import db, login_manager

STATUS: dict[type[errors.MatchmakerError], int] = {
    errors.NotFoundError: 404,
    errors.NotAllowedError: 403,
    errors.WrongStateError: 409,
    errors.ConflictError: 409,
    errors.InvalidError: 422,
    errors.SignInError: 422,
    errors.TooManyTriesError: 429,
}


def register(app: Flask) -> None:
    app.register_error_handler(errors.MatchmakerError, _foreseen)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(OperationalError, unavailable)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(CSRFError, _no_token)
    app.register_error_handler(HTTPException, _http)


def _page(code: str, status: int, error: object = None) -> ResponseReturnValue:
    return render_template("errors/error.html", code=code, status=status, error=error), status


def _foreseen(error: errors.MatchmakerError) -> ResponseReturnValue:
    return _page(error.code, STATUS[type(error)], error)


def _stale(error: StaleDataError) -> ResponseReturnValue:
    """Two people wrote one record at the same moment: the second is told to look again."""
    del error
    return _page("conflict", 409)


def unavailable(error: OperationalError) -> tuple[str, int, dict[str, str]]:
    """Locked or gone: never "saved". The page that says so must not need the database."""
    del error
    # Whoever asks stays unknown: to look him up would wait for the database once more, in vain.
    g._login_user = login_manager.anonymous_user()  # noqa: SLF001 - where Flask-Login looks first
    body = render_template("errors/unavailable.html")
    return body, 503, {"Retry-After": "5"}


def _unstorable(error: DataError) -> ResponseReturnValue:
    """Text or a number no column takes, such as a NUL, which PostgreSQL refuses even to look up."""
    del error
    db.session.rollback()  # the page asks who is reading it
    return _page("not_found", 404) if request.method in {"GET", "HEAD"} else _page("error", 400)


def _no_token(error: CSRFError) -> ResponseReturnValue:
    del error
    return _page("form_expired", 400)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    codes = {404: "not_found", 403: "not_allowed", 405: "wrong_method", 413: "too_large"}
    status = error.code or 500
    answer = _page(codes.get(status, "not_found" if status == 404 else "error"), status)
    if status == 405 and isinstance(answer, tuple):
        return answer[0], status, {"Allow": ", ".join(_methods(error))}
    return answer


def _methods(error: HTTPException) -> list[str]:
    return sorted(getattr(error, "valid_methods", None) or [request.method])
