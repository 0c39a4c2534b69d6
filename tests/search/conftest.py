"""Shelves full of texts, in memory and in PostgreSQL, and the encoder that needs no model."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from shelf_texts import TEXTS, Make, Texts
from sqlalchemy import Engine, create_engine

from embeddings import Encoder, HashingEncoder
from matchmaker.domain.text import guess_language
from matchmaker.migrations import shelves
from matchmaker.search import entries
from matchmaker.search.entries import Entry
from matchmaker.search.memory import MemoryShelf
from matchmaker.search.shared.home import Key, Server
from matchmaker.search.shared.shelf import SharedShelf
from matchmaker.search.shelf import Shelf
from tests.postgres import Server as PostgresServer

Empty = Callable[[Encoder], Shelf]


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return HashingEncoder()


@pytest.fixture(scope="session")
def shelves_engine(server: PostgresServer) -> Iterator[Engine]:
    """A database with nothing in it but the room for shelves."""
    with server.database() as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            assert shelves.create(connection)
        yield engine
        engine.dispose()


@pytest.fixture
def empty_shared(shelves_engine: Engine) -> Empty:
    """Makes a shelf in PostgreSQL."""

    def made(encoder: Encoder) -> SharedShelf:
        key = Key(f"test-{uuid4().hex[:12]}", 0, encoder.fingerprint)
        return SharedShelf(Server(shelves_engine), key, encoder)

    return made


@pytest.fixture(params=["memory", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest) -> Empty:
    """Makes a shelf with nothing on it, of each sort in turn."""
    if request.param == "memory":
        return MemoryShelf
    made: Empty = request.getfixturevalue("empty_shared")
    return made


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
def shelf(encoder: Encoder, make: Make, empty: Empty) -> Shelf:
    full = empty(encoder)
    full.upsert(make(TEXTS))
    return full
