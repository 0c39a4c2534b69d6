"""What a browser would do with a page of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import Engine, event


class _Fields(HTMLParser):
    """The fields of the forms on a page, as a browser without scripts sends them."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._text: str | None = None
        self._choice: str | None = None
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "template":
            self._skipped += 1
        if self._skipped:
            return
        if tag == "input" and "name" in found:
            kind = found.get("type", "text")
            if kind not in {"checkbox", "radio"} or "checked" in found:
                self.sent.setdefault(found["name"], []).append(found.get("value", "on"))
        elif tag == "textarea":
            self._text = found["name"]
            self.sent[self._text] = [""]
        elif tag == "select":
            self._choice = found["name"]
        elif tag == "option" and self._choice and "selected" in found:
            self.sent[self._choice] = [found["value"]]

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._skipped -= 1
        if tag == "textarea":
            self._text = None
        if tag == "select":
            self._choice = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            # A browser leaves out the first line break of a text box.
            held = self.sent[self._text][0]
            self.sent[self._text] = [held + (data.lstrip("\r\n") if not held else data)]


def sent_by(page: str) -> dict[str, list[str]]:
    """What pressing a button of the page's form would send along."""
    reader = _Fields()
    reader.feed(page)
    return reader.sent


@contextmanager
def asked_of(engine: Engine) -> Iterator[list[str]]:
    """What pages ask of the database meanwhile; not what sessions and the index do by the way."""
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not any(name in statement for name in ("FROM session", " session ", "embedding")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
