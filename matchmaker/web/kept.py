"""Pages that all strangers are shown alike, kept until anything in the database changes.

Most readers have not signed in, and read the same few hundred pages. Nothing here decides what may
be shown: a page is made as for everybody, and shown again only while the database is as it was.
"""

import gzip
import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock

from flask import Flask, Response, g, request, session
from flask.typing import ResponseReturnValue

from matchmaker.extensions import db
from matchmaker.web import context, current

#: What may be kept; of lists those without words, since few ask the same words again.
ENDPOINTS = {
    "home.index", "home.about", "search.index", "needs.show", "solutions.show",
    "organisations.show",
}  # fmt: skip
#: Pages also tell how long ago something was: they are made anew after so many seconds.
LIFETIME = 60.0
#: Bytes of one process, pages being kept compressed: some five thousand of them.
MOST = 32 * 1024 * 1024


@dataclass(frozen=True)
class Page:
    """A page as it was made while the database was at `moment`."""

    packed: bytes
    moment: str
    made: float
    tag: str

    def answer(self) -> Response:
        """The page for whoever asks; without its body where he has it."""
        takes = request.accept_encodings["gzip"] > 0
        body = self.packed if takes else gzip.decompress(self.packed)
        response = Response(body, mimetype="text/html")
        if takes:
            response.content_encoding = "gzip"
        response.vary.add("Accept-Encoding")
        response.set_etag(self.tag, weak=True)
        response.make_conditional(request)
        return response


class PageCache:
    """Pages by what was asked; those not asked for the longest go first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held = 0
        self._pages: OrderedDict[object, Page] = OrderedDict()
        self._lock = Lock()

    def get(self, key: object, moment: str) -> Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page is None:
                return None
            if page.moment != moment or time.monotonic() - page.made > LIFETIME:
                self._drop(key)
                return None
            self._pages.move_to_end(key)
            return page

    def put(self, key: object, page: Page) -> None:
        with self._lock:
            self._drop(key)
            self._pages[key] = page
            self._held += len(page.packed)
            while self._held > self._most:
                self._drop(next(iter(self._pages)))

    def _drop(self, key: object) -> None:
        gone = self._pages.pop(key, None)
        if gone is not None:
            self._held -= len(gone.packed)


def register(app: Flask) -> None:
    """Last of all: whoever may not enter has been turned away, and nothing is compressed yet."""
    pages = PageCache()

    @app.before_request
    def _take() -> ResponseReturnValue | None:
        if not _may_be_kept():
            return None
        # Asked before the page is read: what is written meanwhile makes it one of yesterday.
        moment = db.moments.now()
        if moment is None:
            return None
        key = _key()
        page = pages.get(key, moment)
        if page is None:
            g.to_keep = key, moment
            return None
        return page.answer()

    @app.after_request
    def _keep(response: Response) -> Response:
        if "to_keep" not in g or response.status_code != HTTPStatus.OK or session.modified:
            return response
        key, moment = g.to_keep
        body = response.get_data()
        tag = hashlib.sha256(body).hexdigest()[:20]
        page = Page(gzip.compress(body, mtime=0), moment, time.monotonic(), tag)
        pages.put(key, page)
        return page.answer()


def _may_be_kept() -> bool:
    return (
        request.method == "GET"
        and request.endpoint in ENDPOINTS
        and not request.args.get("q", "").strip()
        and not current.viewer().is_member
        and "_flashes" not in session
    )


def _key() -> tuple[str, str, str]:
    return request.root_url, request.full_path, context.language()
