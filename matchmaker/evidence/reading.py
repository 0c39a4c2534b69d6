"""A text as the readers of this floor see it: lower case, composed, offsets kept."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from matchmaker.domain.text import fold

# Old and new style put the tone on different letters of an open syllable: hoà/hóa, thuỷ/thủy.
_TONES = {
    **dict(zip(["oà", "oá", "oả", "oã", "oạ"], ["òa", "óa", "ỏa", "õa", "ọa"], strict=True)),
    **dict(zip(["oè", "oé", "oẻ", "oẽ", "oẹ"], ["òe", "óe", "ỏe", "õe", "ọe"], strict=True)),
    **dict(zip(["uỳ", "uý", "uỷ", "uỹ", "uỵ"], ["ùy", "úy", "ủy", "ũy", "ụy"], strict=True)),
    "tỉ": "tỷ",
}
_OLD_TONES = re.compile(rf"(?:{'|'.join(_TONES)})(?!\w)")


def _clusters(text: str) -> tuple[list[str], list[int]]:
    """Composed lower-case characters, and for each where its cluster starts in `text`."""
    out: list[str] = []
    starts: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        for character in unicodedata.normalize("NFC", text[at:end].lower()):
            out.append(character)
            starts.append(at)
        at = end
    return out, starts


@dataclass(frozen=True)
class Reading:
    """`plain` is the text to search in; `origin` leads from it back to the text as written."""

    text: str
    plain: str
    starts: tuple[int, ...] | None

    @cached_property
    def folded(self) -> str:
        """`plain` without diacritics, character for character."""
        return "".join(fold(c)[:1] or " " for c in self.plain)

    @cached_property
    def accented(self) -> bool:
        """Whether Vietnamese letters stand in it, so that its accents can be trusted."""
        if self.plain.isascii():
            return False
        return any(c > "\x7f" and c.isalpha() and fold(c) != c for c in set(self.plain))

    def origin(self, at: int) -> int:
        """The offset in `text` of offset `at` in `plain`; the end maps to the end."""
        if self.starts is None:
            return at
        return self.starts[at] if at < len(self.starts) else len(self.text)

    def exact(self, start: int, end: int) -> str:
        """The text as written between two offsets of `plain`."""
        return self.text[self.origin(start) : self.origin(end)]


def read(text: str) -> Reading:
    """Read a text; already composed text costs one pass in C."""
    lowered = text.lower()
    starts: tuple[int, ...] | None = None
    if len(lowered) != len(text) or not unicodedata.is_normalized("NFC", lowered):
        characters, origins = _clusters(text)
        lowered, starts = "".join(characters), tuple(origins)
    plain = _OLD_TONES.sub(lambda m: _TONES[m[0]], lowered)
    return Reading(text, plain, starts)
