"""INTERIM (interface fixed by matchmaker.services.catalogue; to be replaced by the matching core)."""

from dataclasses import dataclass

from embeddings import Encoder, Role, Vectors
from matchmaker.domain.text import guess_language


@dataclass(frozen=True)
class Query:
    """`restored` is the text with diacritics put back, or None when nothing was restored."""

    text: str
    restored: str | None
    language: str
    vectors: Vectors


def prepare(text: str, encoder: Encoder, shelf: "object | None" = None) -> Query:
    return Query(text, None, guess_language(text), encoder.encode([text], role=Role.QUERY))
