"""How lines of the log read, the same for the site, the worker and the commands."""

import json
import logging
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

#: What PostgreSQL adds to an error quotes the values it is about.
_QUOTING = re.compile(
    r"^(?:DETAIL|CONTEXT|HINT|LINE \d+):.*?(?=^\[SQL|^\(Background|^\s*$|\Z)",
    re.MULTILINE | re.DOTALL,
)


class TextLines(logging.Formatter):
    """A line as people read it; its traceback holds nothing of what was typed."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        return _QUOTING.sub("", super().formatException(ei))


class JsonLines(TextLines):
    """One JSON object a line; a traceback travels as one more field."""

    def __init__(self, request_id: Callable[[], str] = str) -> None:
        super().__init__()
        self._request_id = request_id

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "request_id": self._request_id(),
            **getattr(record, "facts", {"message": record.getMessage()}),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def open_log(form: str, request_id: Callable[[], str] = str) -> None:
    """Send the lines of this process to standard error, as `text` or as `json`."""
    logging.getLogger("matchmaker").setLevel(logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    if form == "text":
        handler.setFormatter(TextLines("%(asctime)s %(levelname)s %(message)s"))
    else:
        handler.setFormatter(JsonLines(request_id))
    logging.basicConfig(handlers=[handler], force=form == "json")
