"""Measuring ranking on a collection from the command line."""

import json
import math
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.cli.conftest import Run
from tests.postgres import Server

DOCUMENTS = {
    "d1": ("Máy cắt vỏ hạt điều", "Máy cắt tách vỏ hạt điều ít vỡ nhân."),
    "d2": ("Cảm biến ao tôm", "Đo oxy hòa tan trong ao nuôi tôm."),
    "d3": ("Phần mềm lớp học", "Điểm danh và lịch học trực tuyến."),
}
QUERIES = {"q1": "cắt tách vỏ hạt điều", "q2": "đo oxy hòa tan ao tôm", "unjudged": "lớp học"}
METRICS = ["nDCG@10", "Recall@10", "Recall@100", "MRR@10"]


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    corpus = [{"_id": i, "title": t, "text": b} for i, (t, b) in DOCUMENTS.items()]
    queries = [{"_id": i, "text": t} for i, t in QUERIES.items()]
    for name, rows in (("corpus", corpus), ("queries", queries)):
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    # The first query finds its document; the second is judged by one that does not fit at all.
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td3\t1\n", "utf-8")
    return folder


def test_result_has_its_documented_shape_and_right_figures(run: Run, collection: Path) -> None:
    answer = run("evaluate", str(collection), "--system", "bm25", "--json")
    row = json.loads(answer.stdout)

    assert answer.exit_code == 0
    assert (row["collection"], row["system"], list(row)) == (
        "tiny", "bm25", ["collection", "system", "metrics"],
    )  # fmt: skip
    assert list(row["metrics"]) == METRICS
    assert all(list(m) == ["value", "low", "high"] for m in row["metrics"].values())
    assert all(0 <= m["low"] <= m["value"] <= m["high"] <= 1 for m in row["metrics"].values())
    # q1 is right at the first place, q2 shares no word with what is judged right.
    assert [m["value"] for m in row["metrics"].values()] == [0.5] * 4


@pytest.mark.parametrize("system", ["pipeline", "dense", "rrf"])
def test_systems_that_rank_everything_find_it_somewhere(
    run: Run, collection: Path, system: str
) -> None:
    row = json.loads(run("evaluate", str(collection), "--system", system, "--json").stdout)

    assert row["system"] == system
    assert row["metrics"]["Recall@100"]["value"] >= 0.5
    assert row["metrics"]["MRR@10"]["value"] >= 0.5
    assert not math.isnan(row["metrics"]["nDCG@10"]["value"])


def test_each_collection_has_its_line_and_one_run_file_for_all(
    run: Run, collection: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for file in collection.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    kept = tmp_path / "run.txt"

    answer = run("evaluate", str(collection), str(other), "--json", "--run", str(kept))

    assert [json.loads(line)["collection"] for line in answer.stdout.splitlines()] == [
        "tiny", "other",
    ]  # fmt: skip
    lines = [line.split() for line in kept.read_text("utf-8").splitlines()]
    assert all(len(line) == 6 and line[1] == "Q0" for line in lines)
    assert {line[0] for line in lines} == {"q1", "q2"}
    assert ["q1", "Q0", "d1", "1"] in [line[:4] for line in lines]


def test_words_for_people_name_every_measure(run: Run, collection: Path) -> None:
    told = run("evaluate", str(collection), "--system", "bm25").stdout

    assert told.startswith("tiny (bm25)\n")
    for name in METRICS:
        assert f"  {name:<11} 0.5000  [" in told


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("corpus.jsonl", None, "corpus.jsonl cannot be read"),
        ("corpus.jsonl", '{"_id": "d1"}\n', "corpus.jsonl:1: needs _id and text"),
        ("queries.jsonl", "{oops\n", "queries.jsonl:1: not JSON"),
        ("queries.jsonl", '{"_id":"q1","text":"a"}\n' * 2, "queries.jsonl:2: q1 is there already"),
        ("qrels.tsv", "q1\td1\n", "qrels.tsv:1: not query, document, grade"),
        ("qrels.tsv", "q1\tnowhere\t1\n", "qrels.tsv:1: no document nowhere"),
        ("qrels.tsv", "q9\td1\t1\n", "qrels.tsv:1: no query q9"),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\n", "no judgements"),
    ],
)
def test_broken_collection_is_told_by_file_and_line(
    run: Run, collection: Path, name: str, content: str | None, told: str
) -> None:
    if content is None:
        (collection / name).unlink()
    else:
        (collection / name).write_text(content, "utf-8")

    answer = run("evaluate", str(collection))

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.startswith("Error: ")
    assert told in answer.stderr


def test_unknown_system_and_missing_folder_are_refused(run: Run, collection: Path) -> None:
    assert run("evaluate", str(collection), "--system", "magic").exit_code == 2
    assert run("evaluate", str(collection / "nowhere")).exit_code == 2


@pytest.mark.postgres
def test_ranking_in_postgresql_is_compared_with_that_in_memory(
    run: Run, collection: Path, server: Server
) -> None:
    with server.database() as url:
        row = json.loads(run("evaluate", str(collection), "--json", "--database", url).stdout)
        told = run("evaluate", str(collection), "--database", url)
        engine = create_engine(url)
        with engine.connect() as connection:
            left = connection.scalar(text("SELECT to_regnamespace('shelves')::text"))
        engine.dispose()

    assert list(row) == ["collection", "system", "agreement", "nDCG@10"]
    assert row["agreement"] == {"overlap": 1.0, "same_order": 1.0, "same_first": 1.0, "gain": 0.0}
    assert row["nDCG@10"]["memory"] == row["nDCG@10"]["postgresql"] > 0
    assert "first ten in common 100.00%, in the same order 100.00%" in told.stdout
    assert left is None  # what was measured left nothing behind


def test_a_database_that_cannot_hold_shelves_is_refused(run: Run, collection: Path) -> None:
    answer = run("evaluate", str(collection), "--database", "sqlite://")

    assert answer.exit_code == 1
    assert "PostgreSQL with the extension vector" in answer.stderr
