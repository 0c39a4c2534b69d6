"""Shelves full of texts, and the encoder that needs no model."""

import pytest
from shelf_texts import TEXTS, Make, Texts

from embeddings import Encoder, HashingEncoder
from matchmaker.domain.text import guess_language
from matchmaker.search import entries
from matchmaker.search.entries import Entry
from matchmaker.search.memory import MemoryShelf


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return HashingEncoder()


@pytest.fixture
def make(encoder: Encoder) -> Make:
    """Make entries of (title, body) by id."""

    def made(texts: Texts) -> list[Entry]:
        rows = entries.encode(list(texts.values()), encoder)
        return [
            Entry(key, title, body, guess_language(f"{title} {body}"), row)
            for (key, (title, body)), row in zip(texts.items(), rows, strict=True)
        ]

    return made


@pytest.fixture
def shelf(encoder: Encoder, make: Make) -> MemoryShelf:
    full = MemoryShelf(encoder)
    full.upsert(make(TEXTS))
    return full
