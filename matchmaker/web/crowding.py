"""More readers than can be served: some are told at once to come back, the others are served well.

Without a limit everybody waits in one long queue, and whoever reaches its head has often gone.
"""

from threading import Lock

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue

#: Requests one process works on at a time. Threads of the server beyond these say "busy".
MOST = 12
RETRY_AFTER = "2"
#: Asked by machines: a busy process is alive.
_ALWAYS = {"health.lives", "health.ready", "static", "bootstrap.static"}


class Room:
    """How many are being served now, of how many at most."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._inside = 0
        self._lock = Lock()

    def enter(self) -> bool:
        """Take a place; False where there is none."""
        with self._lock:
            if self._inside >= self.most:
                return False
            self._inside += 1
            return True

    def leave(self) -> None:
        """Give a place back that was taken."""
        with self._lock:
            self._inside -= 1


def register(app: Flask, most: int = MOST) -> None:
    app.extensions["matchmaker.room"] = room = Room(most)

    @app.before_request
    def _ask_for_a_place() -> ResponseReturnValue | None:
        if request.endpoint in _ALWAYS:
            return None
        g.has_place = room.enter()
        if g.has_place:
            return None
        return render_template("errors/unavailable.html"), 503, {"Retry-After": RETRY_AFTER}

    @app.teardown_request
    def _give_it_back(error: BaseException | None) -> None:
        del error
        if g.pop("has_place", False):
            room.leave()
