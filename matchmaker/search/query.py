"""A question, ready to be put to a shelf."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from embeddings import Encoder, Role, Vectors, normalise
from matchmaker.domain import text
from matchmaker.domain.concepts import concepts


@dataclass(frozen=True)
class Query:
    """`vectors` has shape (1, dim); `restored` is None when nothing had to be put back."""

    text: str
    restored: str | None
    language: str
    vectors: Vectors
    terms: tuple[str, ...]
    #: What the words mean, for texts of the other language.
    concepts: tuple[str, ...] = ()


class Recent:
    """An encoder that remembers the last questions: one search asks each kind the same words."""

    def __init__(self, encoder: Encoder, most: int = 1_000) -> None:
        self._encoder = encoder
        self._question = lru_cache(maxsize=most)(self._encode_one)
        self.name = encoder.name

    @property
    def dim(self) -> int:
        return self._encoder.dim  # asked when it is needed: some models load to tell

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """As the encoder under it; shape (len(texts), dim)."""
        if len(texts) != 1 or role is not Role.QUERY:
            return self._encoder.encode(texts, role=role)
        return self._question(texts[0])

    def _encode_one(self, text: str) -> Vectors:
        vectors = self._encoder.encode([text], role=Role.QUERY)
        vectors.flags.writeable = False  # whoever asks again gets the very same rows
        return vectors


class Restores(Protocol):
    """Whoever knows the words of the indexed texts."""

    def restore(self, typed: str) -> str: ...


def prepare(
    typed: str, encoder: Encoder, shelf: Restores | None = None, *, vectors: Vectors | None = None
) -> Query:
    """Normalise, put diacritics back where there were none, and encode.

    The words need no diacritics; the model does: without them its recall falls from .95 to .40.
    Given the vectors (1, dim) kept from the same text, nothing is encoded.
    """
    clean, read = normalise(typed), _read(typed, shelf)
    if vectors is None:
        vectors = encoder.encode([read], role=Role.QUERY)
    return _query(clean, read, vectors)


def encode(texts: Sequence[str], encoder: Encoder) -> Vectors:
    """Encode texts as questions, shape (len(texts), dim): what `prepare` takes as `vectors`."""
    return encoder.encode([_read(one, None) for one in texts], role=Role.QUERY)


def prepare_all(
    typed: Sequence[str], encoder: Encoder, shelf: Restores | None = None
) -> list[Query]:
    """Prepare many questions, encoding them together."""
    read = [_read(one, shelf) for one in typed]
    vectors = encoder.encode(read, role=Role.QUERY)
    return [
        _query(normalise(one), full, vectors[i : i + 1])
        for i, (one, full) in enumerate(zip(typed, read, strict=True))
    ]


def _read(typed: str, shelf: Restores | None) -> str:
    """The text as the model is to read it."""
    calm = normalise(text.calm(typed))
    return shelf.restore(calm) if shelf is not None else calm


def _query(clean: str, read: str, vectors: Vectors) -> Query:
    # Restoring touches nothing but diacritics, so only then do the folded texts differ in them.
    language = text.guess_language(read)
    return Query(
        text=clean,
        restored=read if read.casefold() != clean.casefold() else None,
        language=language,
        vectors=vectors,
        terms=tuple(text.terms(clean)),
        concepts=tuple(concepts(read, language)),
    )
