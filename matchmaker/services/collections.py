"""Test collections on disk: corpus.jsonl, queries.jsonl and qrels.tsv in one folder."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from matchmaker.domain.errors import MatchmakerError

Value = TypeVar("Value")


class CollectionError(MatchmakerError):
    """A collection that cannot be read; the message names file and line."""

    code = "collection"


@dataclass(frozen=True)
class Collection:
    """`documents` gives (title, text) by id; `queries` are the judged ones only."""

    name: str
    documents: dict[str, tuple[str, str]]
    queries: dict[str, str]
    #: Grade of each judged document, by query and document.
    qrels: dict[str, dict[str, int]]


def load(directory: Path) -> Collection:
    """Read a collection; raises CollectionError.

    A judged document that the corpus lacks is an error: it would lower every figure in silence.
    """
    documents: dict[str, tuple[str, str]] = {}
    for number, row in _rows(directory / "corpus.jsonl"):
        title, text = str(row.get("title") or ""), str(row["text"])
        _add(documents, str(row["_id"]), (title, text), directory / "corpus.jsonl", number)
    queries: dict[str, str] = {}
    for number, row in _rows(directory / "queries.jsonl"):
        _add(queries, str(row["_id"]), str(row["text"]), directory / "queries.jsonl", number)
    qrels: dict[str, dict[str, int]] = {}
    path = directory / "qrels.tsv"
    for number, (query, document, grade) in _judgements(path):
        if query not in queries:
            raise CollectionError(f"{path}:{number}: no query {query}")
        if document not in documents:
            raise CollectionError(f"{path}:{number}: no document {document}")
        qrels.setdefault(query, {})[document] = grade
    if not qrels:
        raise CollectionError(f"{path}: no judgements")
    judged = {key: text for key, text in queries.items() if key in qrels}
    return Collection(directory.resolve().name, documents, judged, qrels)


def _add(table: dict[str, Value], key: str, value: Value, path: Path, number: int) -> None:
    if key in table:
        raise CollectionError(f"{path}:{number}: {key} is there already")
    table[key] = value


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CollectionError(f"{path}:{number}: not JSON: {error}") from error
        if not isinstance(row, dict) or "_id" not in row or "text" not in row:
            raise CollectionError(f"{path}:{number}: needs _id and text")
        yield number, row


def _judgements(path: Path) -> Iterator[tuple[int, tuple[str, str, int]]]:
    reader = csv.reader(io.StringIO(_text(path)), delimiter="\t", quoting=csv.QUOTE_NONE)
    for number, row in enumerate(reader, 1):
        if not row or (number == 1 and row[0] == "query-id"):
            continue
        try:
            query, document, grade = row
            yield number, (query, document, int(grade))
        except ValueError as error:
            raise CollectionError(f"{path}:{number}: not query, document, grade") from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise CollectionError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CollectionError(f"{path} is not UTF-8: {error}") from error
