"""Sessions of members kept in the database: signing out ends them, whatever a copied cookie says.

A stranger has nothing to end: the little he leaves (his language, the token of the sign-in form)
travels in a signed cookie, so that reading the site writes nothing here.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.datastructures import CallbackDict

from matchmaker.models import WebSession, utc_now
from matchmaker.models.database import writing
from matchmaker.web.errors import unavailable

IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
#: A session's last sight is written down at most this often, so that reading stays reading.
SIGHT = timedelta(minutes=5)
_TOKEN_BYTES = 32
#: Asked by machines, also while the database is away: no session is looked up for these.
_NOBODYS = {"/healthz", "/readyz", "/metrics"}
_SAFE = {"GET", "HEAD", "OPTIONS"}
#: What makes a session somebody's; it never travels in a stranger's cookie.
_RIGHTS = ("member_id", "_user_id")


class DatabaseSession(CallbackDict[str, Any], SessionMixin):
    """The data of one browser; `token` is None until there is something to keep."""

    def __init__(self, data: dict[str, Any] | None = None, token: str | None = None) -> None:
        def note_change(_: CallbackDict[str, Any]) -> None:
            self.modified = True

        super().__init__(data, note_change)
        self.token = token
        self.retired: str | None = None
        self.modified = False
        self.seen_at: datetime | None = None
        #: Why it could not be looked up; whoever asks is told before anything else is done.
        self.failure: OperationalError | None = None

    def renew(self) -> None:
        """Take a new token, as at every change of rights; the old one is dead from then on."""
        self.retired, self.token = self.token, None
        # Unsighted: a new session, not one that was ended elsewhere.
        self.seen_at = None
        self.modified = True

    @property
    def is_strangers(self) -> bool:
        return not any(key in self for key in _RIGHTS)


class DatabaseSessions(SessionInterface):
    """Reads a session by the hash of its token and writes it back when it changed."""

    def open_session(self, app: Flask, request: Request) -> DatabaseSession:
        if request.path in _NOBODYS:
            return DatabaseSession()
        token = request.cookies.get(self.get_cookie_name(app))
        if not token:
            return self._of_stranger(app, request)
        engine = app.extensions["matchmaker.engine"]
        try:
            with Session(engine) as reader:
                row = reader.get(WebSession, _hash(token))
        except OperationalError as error:
            # Flask answers a bare 500 to what is raised this early.
            failed = DatabaseSession()
            failed.failure = error
            return failed
        if row is None or not _is_alive(row, utc_now()):
            return self._of_stranger(app, request)
        opened = DatabaseSession(dict(row.data), token)
        opened.seen_at = row.seen_at
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, DatabaseSession):
            return
        response.vary.add("Cookie")
        if session.failure or response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            return  # the database did not answer: asking it again would only wait again
        try:
            self._save(app, session, response)
        except OperationalError as error:
            _refuse(response, error)

    def _save(self, app: Flask, session: DatabaseSession, response: Response) -> None:
        now = utc_now()
        if session.is_strangers:
            if session.retired or session.token:
                _let_go()
                self._forget(app, session)
                response.delete_cookie(self.get_cookie_name(app), path="/")
            if session.modified:
                self._hand_to_stranger(app, session, response)
            return
        if not session.modified and self._is_sighted(session, now):
            return
        # The request is answered: what its own session still holds must not shut this out.
        _let_go()
        if session.retired:
            self._forget(app, session)
        fresh = session.token is None
        session.token = session.token or secrets.token_urlsafe(_TOKEN_BYTES)
        if self._was_kept(app, session, now) and fresh:
            self._set(app, response, self.get_cookie_name(app), session.token)
            if request.cookies.get(self._strangers_name(app)):
                response.delete_cookie(self._strangers_name(app), path="/")

    def _of_stranger(self, app: Flask, request: Request) -> DatabaseSession:
        """What a stranger left; whatever was not signed here is no session."""
        try:
            data = _signer(app).loads(request.cookies.get(self._strangers_name(app), ""))
        except BadSignature:
            return DatabaseSession()
        if not isinstance(data, dict):
            return DatabaseSession()
        return DatabaseSession({k: v for k, v in data.items() if k not in _RIGHTS})

    def _hand_to_stranger(self, app: Flask, session: DatabaseSession, response: Response) -> None:
        if session:
            self._set(app, response, self._strangers_name(app), _signer(app).dumps(dict(session)))
        else:
            response.delete_cookie(self._strangers_name(app), path="/")

    def _set(self, app: Flask, response: Response, name: str, value: str) -> None:
        response.set_cookie(
            name, value, httponly=True, secure=self.get_cookie_secure(app),
            samesite=self.get_cookie_samesite(app), path="/",
        )  # fmt: skip

    def _strangers_name(self, app: Flask) -> str:
        return f"{self.get_cookie_name(app)}-guest"

    @staticmethod
    def _is_sighted(session: DatabaseSession, now: datetime) -> bool:
        return session.seen_at is not None and session.seen_at > now - SIGHT

    def _was_kept(self, app: Flask, session: DatabaseSession, now: datetime) -> bool:
        """Reading goes on while somebody else writes: what it would note is noted next time.

        Nor is a write that is done called undone because its word of thanks could not be kept.
        """
        try:
            self._keep(app, session, now)
        except OperationalError:
            if request.method not in _SAFE and session.seen_at is None:
                raise
            return False
        return True

    def _keep(self, app: Flask, session: DatabaseSession, now: datetime) -> None:
        key = _hash(session.token or "")
        member = session.get("member_id")
        with writing(app.extensions["matchmaker.engine"]) as writer:
            row = writer.get(WebSession, key)
            if row is None:
                if session.seen_at is not None:
                    return  # ended elsewhere while this request ran: it stays ended
                row = WebSession(token_hash=key, made_at=now)
                writer.add(row)
                writer.execute(delete(WebSession).where(WebSession.made_at < now - ABSOLUTE))
            row.data, row.seen_at, row.member_id = dict(session), now, member

    def _forget(self, app: Flask, session: DatabaseSession) -> None:
        tokens = {_hash(t) for t in (session.retired, session.token) if t}
        with writing(app.extensions["matchmaker.engine"]) as writer:
            writer.execute(delete(WebSession).where(WebSession.token_hash.in_(tokens)))


def _is_alive(row: WebSession, now: datetime) -> bool:
    """Neither too old nor, after a clock was wrong, from a time still to come."""
    in_time = max(row.seen_at, row.made_at) <= now + SIGHT
    return in_time and row.seen_at >= now - IDLE and row.made_at >= now - ABSOLUTE


def register(app: Flask) -> None:
    """Keep this application's sessions in its database."""
    app.session_interface = DatabaseSessions()

    @app.before_request
    def _must_be_known() -> None:
        failure = getattr(session, "failure", None)
        if failure is not None and not (request.endpoint or "").endswith("static"):
            raise failure


def _refuse(response: Response, error: OperationalError) -> None:
    """Neither signed in nor out: the answer says so in place of what it said."""
    body, status, told = unavailable(error)
    for name in ("Location", "Content-Encoding"):
        response.headers.pop(name, None)
    response.status_code, response.mimetype = status, "text/html"
    response.set_data(body)
    response.headers.update(told)


def _let_go() -> None:
    """Give up the writer's place a refused request may still hold; what it did is committed."""
    held: Session | None = g.get("db_session")
    if held is not None:
        held.rollback()


def _signer(app: Flask) -> URLSafeSerializer:
    """Signs with the application's key, for this one use of it."""
    return URLSafeSerializer(app.secret_key or "", salt="stranger")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
