"""The tables of the shared shelves, in a schema of their own: a shadow that may be dropped.

Each shelf of one model has tables of its own, so that vectors of two models never meet, every
vector of a table has one length, and a filter by kind, level or model costs nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Dialect,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    any_,
    bindparam,
    cast,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.types import UserDefinedType

from matchmaker.migrations.shelves import SCHEMA
from matchmaker.search.languages import LANGUAGES

_metadata = MetaData(schema=SCHEMA)

#: The shelves there are, with what is counted over all their texts; made by a migration.
SHELF: Final = Table(
    "shelf",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String),
    Column("level", Integer),
    Column("fingerprint", String),
    Column("dim", Integer),
    Column("texts", Integer),
    Column("terms", BigInteger),
    Column("concepts", BigInteger),
    Column("spoken", BigInteger),
    Column("changed", BigInteger),
    Column("digest", String),
)
#: One row: the last change that the shelves have taken in.
MARK: Final = Table("mark", _metadata, Column("seen", Integer), Column("reading", Integer))


class Half(UserDefinedType[Any]):
    """A vector of halves: what that costs at 384 dimensions is the fifth digit of a cosine."""

    cache_ok = True

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def get_col_spec(self, **_: Any) -> str:
        return f"halfvec({self.dim})"

    def bind_processor(self, dialect: Dialect) -> Any:
        del dialect
        return written

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        del dialect, coltype
        return lambda told: np.fromstring(told[1:-1], np.float32, sep=",")


class Full(UserDefinedType[Any]):
    """A question's vector, of which nothing is rounded."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "vector"

    def bind_processor(self, dialect: Dialect) -> Any:
        del dialect
        return lambda row: "[" + ",".join(map(repr, row.tolist())) + "]"


class Halves(UserDefinedType[Any]):
    """Rows of such vectors."""

    cache_ok = True

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def get_col_spec(self, **_: Any) -> str:
        return f"halfvec({self.dim})[]"

    def bind_processor(self, dialect: Dialect) -> Any:
        del dialect
        return lambda rows: "{" + ",".join(f'"{written(row)}"' for row in rows) + "}"


def written(row: Any) -> str:
    """A vector as PostgreSQL reads it."""
    return "[" + ",".join(map(repr, np.asarray(row, np.float16).astype(np.float64).tolist())) + "]"


def any_of(values: Iterable[int] | Iterable[str]) -> Any:
    """One of these, sent as one array: the statement stays the same however many they are."""
    listed = list(values)
    if not listed:
        return any_(literal_column("'{}'"))  # of whatever it is compared with
    if isinstance(listed[0], str):
        return any_(bindparam(None, listed, ARRAY(Text), unique=True))
    # Written here: the driver would look at the type of each of a thousand numbers.
    written = "{" + ",".join(map(str, listed)) + "}"
    return any_(cast(bindparam(None, written, Text, unique=True), ARRAY(Integer)))


@dataclass(frozen=True)
class Tables:
    """What one shelf consists of: its texts, and what is counted over them."""

    entry: Table
    #: How many texts hold a term; concepts are counted apart.
    term: Table
    #: How often a Vietnamese form was seen, and after which other: for putting marks back.
    form: Table
    pair: Table

    def create(self, connection: Connection) -> None:
        for table in (self.entry, self.term, self.form, self.pair):
            table.create(connection)
        name = self.entry.fullname
        for column in ("passages", "counts", "concept_counts"):
            # They do not get smaller, and are read far more often than written.
            connection.execute(
                text(f"ALTER TABLE {name} ALTER COLUMN {column} SET STORAGE EXTERNAL")
            )

    def drop(self, connection: Connection) -> None:
        for table in (self.entry, self.term, self.form, self.pair):
            table.drop(connection)


@lru_cache(maxsize=64)
def of(number: int, dim: int) -> Tables:
    """The tables of the shelf with this number."""
    metadata = MetaData(schema=SCHEMA)
    entry = Table(
        f"entry_{number}",
        metadata,
        Column("record_id", Integer, primary_key=True, autoincrement=False),
        Column("change", Integer, nullable=False),
        Column("language", String(8), nullable=False),
        Column("text", Text, nullable=False),
        Column("length", Integer, nullable=False),
        Column("concept_length", Integer, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("terms", TSVECTOR, nullable=False),
        Column("concepts", TSVECTOR, nullable=False),
        Column("whole", Half(dim), nullable=False),
        Column("passages", Halves(dim), nullable=False),
        Column("counts", LargeBinary, nullable=False),
        Column("concept_counts", LargeBinary, nullable=False),
    )
    Index(f"ix_entry_{number}_language", entry.c.language, entry.c.record_id)
    Index(f"ix_entry_{number}_terms", entry.c.terms, postgresql_using="gin")
    Index(f"ix_entry_{number}_concepts", entry.c.concepts, postgresql_using="gin")
    for index in graphs(number, entry):
        assert index.table is entry
    term = Table(
        f"term_{number}",
        metadata,
        Column("id", Integer, Identity(), primary_key=True),
        Column("is_concept", Boolean, nullable=False),
        Column("term", Text, nullable=False),
        Column("texts", Integer, nullable=False),
        UniqueConstraint("term", "is_concept", name=f"uq_term_{number}"),
    )
    form = Table(
        f"form_{number}",
        metadata,
        Column("form", Text, primary_key=True),
        Column("folded", Text, nullable=False, index=True),
        Column("seen", Integer, nullable=False),
    )
    pair = Table(
        f"pair_{number}",
        metadata,
        Column("first", Text, primary_key=True),
        Column("second", Text, primary_key=True),
        Column("seen", Integer, nullable=False),
    )
    return Tables(entry, term, form, pair)


def graphs(number: int, entry: Table) -> list[Index]:
    """A graph for the whole texts of each language: what is asked for is never filtered out."""
    return [
        Index(
            f"ix_entry_{number}_whole_{language}",
            entry.c.whole,
            postgresql_using="hnsw",
            postgresql_ops={"whole": "halfvec_ip_ops"},
            postgresql_where=text(f"language = '{language}'"),
        )
        for language in LANGUAGES
    ]
