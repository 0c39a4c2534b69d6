"""Every request has an id and one line in the log: what was asked, never by whom or about what."""

import logging
import re
import time
import uuid

from flask import Flask, Response, g, has_request_context, request

from matchmaker.search import meters

log = logging.getLogger("matchmaker.requests")

HEADER = "X-Request-ID"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")


def request_id() -> str:
    """The id of the request being answered; empty outside of one."""
    return str(g.get("request_id", "")) if has_request_context() else ""


def register(app: Flask) -> None:
    app.jinja_env.globals["request_id"] = request_id

    @app.before_request
    def _begin() -> None:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        g.began = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        if "request_id" not in g:  # refused before it began
            g.request_id = uuid.uuid4().hex
        response.headers[HEADER] = g.request_id
        took = time.perf_counter() - g.get("began", time.perf_counter())
        facts = {
            "method": request.method,
            "endpoint": request.endpoint or "",
            "status": response.status_code,
            "ms": round(took * 1000, 1),
        }
        # Both are words of a closed list: whoever asks must not be able to make new ones.
        method = request.method if request.method in _METHODS else "other"
        status = f"{response.status_code // 100}xx"
        meters.requests.labels(request.endpoint or "none", method, status).observe(took)
        words = " ".join(str(value) for value in facts.values())
        log.info("%s %s", g.request_id, words, extra={"facts": facts})
        return response

    # Flask's own line about an unexpected error names the address, which may hold a record's id.
    def _log_exception(exc_info: object) -> None:
        facts = {"message": "unexpected error", "endpoint": request.endpoint or ""}
        log.error("%s unexpected error", request_id(), exc_info=exc_info, extra={"facts": facts})  # type: ignore[arg-type]

    app.log_exception = _log_exception  # type: ignore[method-assign]
