"""Schema, vocabularies and index from the command line."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from matchmaker import migrations
from matchmaker.domain.vocabulary import RecordKind, Scheme
from matchmaker.models import Embedding, Solution, Term
from matchmaker.models.database import reading, writing
from matchmaker.services import indexing
from tests.cli.conftest import Run, Shop

WHOLE = "missing 0, extra 0, stale 0, waiting 0\n"


def test_schema_goes_up_and_down_and_says_where_it_is(run: Run, tmp_path: Path) -> None:
    new = str(tmp_path / "new")
    head = migrations.head()

    assert run("db", "current", DATA_DIR=new).output == f"empty (newest: {head})\n"
    assert run("db", "upgrade", DATA_DIR=new).output == f"{head}\n"
    assert run("db", "current", DATA_DIR=new).output == f"{head} (newest: {head})\n"
    assert run("db", "downgrade", "0001", DATA_DIR=new).output == "0001\n"
    assert run("db", "downgrade", "base", DATA_DIR=new).output == "empty\n"
    assert run("db", "upgrade", "0001", DATA_DIR=new).output == "0001\n"


@pytest.mark.parametrize("step", ["upgrade", "downgrade"])
def test_unknown_revision_is_told_and_nothing_moves(run: Run, step: str) -> None:
    answer = run("db", step, "9999")

    assert answer.exit_code == 1
    assert answer.stderr.startswith("Error: ")
    assert "9999" in answer.stderr
    assert run("db", "current").output.startswith(f"{migrations.head()} ")


@pytest.mark.parametrize(
    "words",
    [
        ("match", "NC-2026-00001"),
        ("explain", "NC-2026-00001", "GP-2026-00001"),
        ("index", "verify"),
        ("index", "rebuild"),
        ("seed", "vocabularies"),
        ("seed", "demo"),
        ("members", "add", "a@b.example", "--name", "A", "--password", "a long enough password"),
        ("worker", "--once"),
        ("serve", "--port", "1"),
        ("backup", "x.tar.gz"),
    ],
    ids=" ".join,
)
def test_commands_ask_for_a_database_of_this_revision(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    empty = run(*words, DATA_DIR=str(tmp_path / "new"))
    run("db", "upgrade", "0001", DATA_DIR=str(tmp_path / "old"))
    old = run(*words, DATA_DIR=str(tmp_path / "old"))

    assert (empty.exit_code, old.exit_code) == (1, 1)
    assert "the database is empty; run: matchmaker db upgrade" in empty.stderr
    assert "the database is at revision 0001; run: matchmaker db upgrade" in old.stderr


def test_vocabularies_load_once_and_a_second_time_changes_nothing(
    run: Run, session: Session
) -> None:
    first, second = run("seed", "vocabularies"), run("seed", "vocabularies")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert int(first.output.split("added: ")[1].split()[0]) > 250
    assert second.output == "added: 0\nchanged: 0\nended: 0\n"
    communes = select(func.count()).where(Term.scheme == Scheme.COMMUNE)
    assert session.scalar(communes) == 95


def test_index_is_whole_after_a_rebuild(run: Run, shop: Shop) -> None:
    rebuilt = run("index", "rebuild")

    assert rebuilt.exit_code == 0
    assert rebuilt.stdout == (
        "need-0: 1\nneed-1: 1\nsolution-0: 3\nsolution-1: 3\norganisation-0: 2\norganisation-1: 2\n"
        "expert-0: 0\nexpert-1: 0\n"
    )
    verified = run("index", "verify")
    assert (verified.exit_code, verified.output) == (0, WHOLE)


def test_verify_finds_what_is_missing_and_rebuild_mends_it(
    run: Run, shop: Shop, engine: Engine
) -> None:
    with writing(engine) as session:
        session.execute(
            delete(Embedding).where(
                Embedding.record_kind == RecordKind.SOLUTION, Embedding.record_id == shop.near.id
            )
        )

    broken = run("index", "verify")
    run("index", "rebuild")

    assert (broken.exit_code, broken.output) == (1, WHOLE.replace("missing 0", "missing 2"))
    assert run("index", "verify").exit_code == 0


def test_verify_finds_what_is_stale_and_what_is_too_much(
    run: Run, shop: Shop, engine: Engine
) -> None:
    with writing(engine) as session:
        for row in session.scalars(select(Embedding)):
            if (row.record_kind, row.level) == (RecordKind.NEED, 0):
                row.text_hash = "0" * 64
            if row.record_kind is RecordKind.SOLUTION and row.record_id == shop.far.id:
                row.record_id = 999

    broken = run("index", "verify")

    assert broken.exit_code == 1
    assert broken.output == "missing 2, extra 2, stale 1, waiting 0\n"


def test_worker_once_works_off_what_waits(run: Run, shop: Shop, engine: Engine) -> None:
    with writing(engine) as session:
        session.get_one(Solution, shop.far.id).title = "Phần mềm thời khóa biểu"

    answer = run("worker", "--once")

    assert (answer.exit_code, answer.output) == (0, "")
    with reading(engine) as session:
        mine = (Embedding.record_kind == RecordKind.SOLUTION, Embedding.record_id == shop.far.id)
        titles = session.scalars(select(Embedding.title).where(*mine)).all()
        assert titles == ["Phần mềm thời khóa biểu"] * 2
        assert indexing.pending(session) == 0


def test_backup_goes_to_an_empty_folder_and_no_other(run: Run, shop: Shop, tmp_path: Path) -> None:
    kept, other = str(tmp_path / "kept.tar.gz"), str(tmp_path / "other")

    made = run("backup", kept)
    put = run("restore", kept, DATA_DIR=other)
    again = run("restore", kept, DATA_DIR=other)

    assert (made.exit_code, put.exit_code, again.exit_code) == (0, 0, 1)
    assert "restore into an empty folder" in again.stderr
    assert run("index", "verify", DATA_DIR=other).output == WHOLE
    assert shop.near.code in run("match", shop.need.code, DATA_DIR=other).output
