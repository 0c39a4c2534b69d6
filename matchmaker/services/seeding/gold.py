"""The graded pairs of the demonstration records, and the collection they make."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from embeddings.files import write_whole
from matchmaker.domain import disclosure, recipe
from matchmaker.domain.drafts import NeedDraft
from matchmaker.domain.recipe import Recipe
from matchmaker.domain.vocabulary import Level, RecordKind, RecordStatus
from matchmaker.services.seeding import tables
from matchmaker.services.seeding.demo_files import read_demo
from matchmaker.services.seeding.demo_records import SeedRecord
from matchmaker.services.seeding.errors import SeedError

COLUMNS = ("need", "solution", "grade", "note")
_FILE = "gold.csv"
#: Records nobody has read yet have no grades, and would only be noise in the pool.
_UNREAD = {RecordStatus.DRAFT, RecordStatus.SUBMITTED}


@dataclass(frozen=True)
class GoldPair:
    """2: solves the need; 1: helps; 0: looks alike and does not fit, `note` says why."""

    need: str
    solution: str
    grade: int
    note: str


def gold() -> list[GoldPair]:
    """Every graded pair by the records' keys; raises SeedError for an impossible grade."""
    pairs = []
    for row in tables.read(tables.seed_folder() / _FILE, COLUMNS):
        if row["grade"] not in {"0", "1", "2"}:
            raise SeedError(_FILE, row["need"], "grade", row["grade"])
        pairs.append(GoldPair(row["need"], row["solution"], int(row["grade"]), row["note"]))
    return pairs


def as_collection(directory: Path) -> None:
    """Write the demonstration records as a test collection, made if missing.

    `corpus.jsonl` holds every solution and the look-alikes, `queries.jsonl` the needs,
    `qrels.tsv` the grades. The texts are those the product indexes for members.
    """
    pairs = gold()
    demo = read_demo()
    asked = list(dict.fromkeys(pair.need for pair in pairs))
    solutions = [r.key for r in demo.solutions if r.status not in _UNREAD]
    # A need may be a look-alike too: the right topic, the wrong direction.
    pool = solutions + [p.solution for p in pairs if p.solution not in solutions]
    for key in [*asked, *pool]:
        if key not in demo.records:
            raise SeedError(_FILE, key, "key", "no such record")
    directory.mkdir(parents=True, exist_ok=True)
    texts = {key: text_of(demo.records[key]) for key in [*asked, *pool]}
    _write(
        directory / "corpus.jsonl",
        (
            json.dumps(
                {"_id": key, "title": texts[key].title, "text": texts[key].body}, ensure_ascii=False
            )
            for key in pool
        ),
    )
    _write(
        directory / "queries.jsonl",
        (json.dumps({"_id": key, "text": texts[key].text}, ensure_ascii=False) for key in asked),
    )
    rows = (f"{pair.need}\t{pair.solution}\t{pair.grade}" for pair in pairs)
    _write(directory / "qrels.tsv", ["query-id\tcorpus-id\tscore", *rows])


def text_of(record: SeedRecord) -> Recipe:
    """What the product indexes of a record for members."""
    kind = RecordKind.NEED if isinstance(record.draft, NeedDraft) else RecordKind.SOLUTION
    return recipe.compose(kind, disclosure.readable(kind, vars(record.draft), Level.MEMBERS))


def _write(path: Path, lines: Iterable[str]) -> None:
    write_whole(path, "".join(f"{line}\n" for line in lines).encode(), mode=0o644)
