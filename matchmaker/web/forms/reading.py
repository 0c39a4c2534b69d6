"""What people type, read as values: pure functions, None where a text is not such a value."""

import math
import re
import unicodedata
from datetime import date, datetime

#: Marks that change what is read without being seen: zero-width and direction controls.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_GROUPED = re.compile(r"\d{1,3}([.,])\d{3}(?:\1\d{3})*")
_FIGURE_MAX = 1e15
#: Longer texts are no figure; the limit also keeps reading quick whatever is sent.
TYPED_MAX = 40


def clean(text: str | None, *, lines: bool = False) -> str:
    """The text as it is kept: NFC, nothing unseen, one line unless `lines`."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", text or ""))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        c if c == "\n" or not unicodedata.category(c).startswith("C") else " " for c in text
    )
    if lines:
        return "\n".join(line.rstrip() for line in kept.split("\n")).strip()
    return " ".join(kept.split())


def read_words(text: str | None) -> tuple[str, ...]:
    """A list typed with commas or semicolons; a word said twice stands once."""
    words = (clean(word) for word in re.split(r"[,;\n]", text or ""))
    return tuple(dict.fromkeys(word for word in words if word))


def read_figure(text: str, *, point_is_decimal: bool = False) -> float | None:
    """ "1,5", "1.5", "-18", "1.200,5" as a number.

    "1.200" is ambiguous: Vietnamese writes thousands so, English a decimal part. The language of
    the page decides; a leading zero ("0.125") says that it is a decimal part in both.
    """
    typed = "".join(text.split()).replace("−", "-").replace("–", "-")
    sign, digits = (-1.0, typed[1:]) if typed[:1] in {"-", "+"} else (1.0, typed)
    if typed[:1] != "-":
        sign = 1.0
    if not digits or len(digits) > TYPED_MAX or not re.fullmatch(r"[0-9][0-9.,]*", digits):
        return None
    value = _positive(digits, "." if point_is_decimal else ",")
    if value is None or not math.isfinite(value) or value > _FIGURE_MAX:
        return None
    return sign * value if value else 0.0


def read_day(text: str) -> date | None:
    """27/11/2026, 27-11-2026, 27.11.2026 or 2026-11-27."""
    typed = text.strip()[:TYPED_MAX].replace("-", "/").replace(".", "/")
    for pattern in ("%d/%m/%Y", "%Y/%m/%d"):
        try:
            found = datetime.strptime(typed, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return found if found.year >= 1900 else None
    return None


def read_count(text: str) -> int | None:
    """A whole number of at most six digits."""
    typed = text.strip()
    return int(typed) if re.fullmatch(r"[0-9]{1,6}", typed, re.ASCII) else None


def _positive(digits: str, decimal: str) -> float | None:
    grouped = _GROUPED.fullmatch(digits)
    if grouped and (grouped[1] != decimal or len(re.findall(r"[.,]", digits)) > 1):
        if not digits.startswith("0"):
            return float(re.sub(r"[.,]", "", digits))
        return float(digits.replace(",", ".")) if digits.count(grouped[1]) == 1 else None
    if re.fullmatch(r"\d+(?:[.,]\d+)?", digits):
        return float(digits.replace(",", "."))
    mixed = re.fullmatch(r"(\d{1,3}(?:([.,])\d{3})+)([.,])(\d+)", digits)
    if mixed and mixed[2] != mixed[3]:
        return float(re.sub(r"[.,]", "", mixed[1]) + "." + mixed[4])
    return None
