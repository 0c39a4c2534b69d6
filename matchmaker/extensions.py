"""What one application holds: its database, its search, its sign-in. Wired up in `app`."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app, g, request
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.local import LocalProxy

from matchmaker.models.database import new_session
from matchmaker.models.moments import Moments, moments_of
from matchmaker.services.catalogue import Catalogue

babel = Babel()
bootstrap = Bootstrap5()
compress = Compress()
csrf = CSRFProtect()
login_manager = LoginManager()

_SAFE = {"GET", "HEAD", "OPTIONS"}


class Database:
    """The engine, and one session per request.

    A request that may write takes the writer's place in its first statement; a safe one never
    writes, so that a link can be followed without changing anything.
    """

    def init_app(self, app: Flask, engine: Engine) -> None:
        app.extensions["matchmaker.engine"] = engine
        app.extensions["matchmaker.moments"] = moments_of(engine)
        app.teardown_appcontext(self._close)

    @property
    def engine(self) -> Engine:
        engine: Engine = current_app.extensions["matchmaker.engine"]
        return engine

    @property
    def moments(self) -> Moments:
        """Whether anything was written since."""
        moments: Moments = current_app.extensions["matchmaker.moments"]
        return moments

    @property
    def session(self) -> Session:
        if "db_session" not in g:
            g.db_session = new_session(self.engine, writes=request.method not in _SAFE)
        session: Session = g.db_session
        return session

    def _close(self, error: BaseException | None) -> None:
        del error
        session: Session | None = g.pop("db_session", None)
        if session is not None:
            session.close()


db = Database()


@contextmanager
def transaction() -> Iterator[Session]:
    """The request's session, committed at the end and undone on any error."""
    session = db.session
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def _catalogue() -> Catalogue:
    catalogue: Catalogue = current_app.extensions["matchmaker.catalogue"]
    return catalogue


#: The application's search, as the pages use it.
catalogue: Catalogue = LocalProxy(_catalogue)  # type: ignore[assignment]
