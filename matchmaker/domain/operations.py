"""What an operator watches: tasks that wait, fail and are tried again; and causes without texts."""

import re
from collections.abc import Iterable
from enum import StrEnum

MOST_WORDS = 160
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|`[^`]*`")
_WORD = re.compile(r"[^\W_]+")
_CLASS = re.compile(r"([A-Za-z_]\w*): ?")


class TaskState(StrEnum):
    """Where a task of the index stands."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SET_ASIDE = "set_aside"


class RetryOutcome(StrEnum):
    """What came of asking that a task set aside be tried again."""

    AGAIN = "again"
    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"


class JobOutcome(StrEnum):
    """What is known of the last run of a scheduled job."""

    DONE = "done"
    BEGUN = "begun"
    FAILED = "failed"
    NEVER = "never"


class OverdueClock(StrEnum):
    """Clocks that can run out, by who is waited for."""

    REVIEW = "review"
    REPLY = "reply"
    NEXT_STEP = "next_step"


def cause_of(error: BaseException, texts: Iterable[str] | None) -> str:
    """Class and message of a failure, without what stood in the texts at work.

    `texts` None: they are not known, and only the class is told.
    """
    name = type(error).__name__
    lines = str(error).strip().splitlines()
    if texts is None or not lines:
        return name
    held = {word.casefold() for text in texts for word in _WORD.findall(text)}
    return f"{name}: {_without(lines[0], held)}"


def split_cause(cause: str) -> tuple[str, str]:
    """(class, message) of a kept cause; an old one, kept with more in it, is cleaned first."""
    found = _CLASS.match(cause)
    if found is None:
        return (cause if cause.isidentifier() else ""), ""
    lines = cause[found.end() :].splitlines()
    return found[1], _without(lines[0], set()) if lines else ""


def _without(message: str, held: set[str]) -> str:
    """What is quoted, what is not plain ASCII and every longer word of the texts becomes "…"."""

    def kept(found: re.Match[str]) -> str:
        word = found[0]
        is_theirs = len(word) > 2 and word.casefold() in held
        return "…" if is_theirs or not word.isascii() else word

    plain = _WORD.sub(kept, _QUOTED.sub("…", message))
    plain = re.sub(r"…(?:\W*…)+", "…", plain)
    return plain if len(plain) <= MOST_WORDS else plain[:MOST_WORDS] + "…"
