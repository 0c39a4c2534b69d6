"""The one normalisation every text passes before it is embedded or indexed."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

#: Longest text an encoder reads, in characters after normalisation; longer text comes in windows.
MAX_CHARACTERS: Final = 4_000

#: Changes whenever `normalise` may give another text; part of every encoder's fingerprint.
NORMALISER: Final = f"nfkc-1/{MAX_CHARACTERS}"

# Four code points a character leave room for decomposed Vietnamese (three at most), and bound
# NFKC, whose sorting of combining marks takes quadratic time on a long run of them.
_MAX_RAW_CHARACTERS: Final = 4 * MAX_CHARACTERS

# Controls, surrogates, soft hyphen, zero-width, bidi and variation marks, tags, invisible fillers.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f"
    "\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U00013440\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]+"
)
_WHITE_SPACE: Final = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Return the text as encoders and indexes read it: NFKC, visible, folded and capped.

    Invisible characters go first, so that marks they kept apart from their letters compose.
    White space of any kind and length becomes one space. Normalising twice changes nothing.
    """
    visible = _WHITE_SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()[:_MAX_RAW_CHARACTERS]
    composed = unicodedata.normalize("NFKC", visible)
    return _WHITE_SPACE.sub(" ", composed).strip()[:MAX_CHARACTERS].rstrip()


def normalise_all(texts: Sequence[str]) -> list[str]:
    """Normalise each text; a lone string is refused, being a sequence of its letters."""
    if isinstance(texts, str):
        raise TypeError("expected a sequence of texts, not one text")
    return [normalise(text) for text in texts]
