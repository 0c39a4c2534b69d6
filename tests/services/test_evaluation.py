"""Figures of a collection small enough to know them by hand."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from embeddings import HashingEncoder, Role
from matchmaker.services.evaluation import CollectionError, Kept, evaluate, load

DOCUMENTS = {
    "cashew": ("Máy tách vỏ hạt điều", "Giảm tỉ lệ vỡ nhân."),
    "pepper": ("Máy sấy hồ tiêu", "Bơm nhiệt, giữ màu và hương."),
    "water": ("Xử lý nước thải", "Keo tụ và lọc màng."),
}
QUERIES = {"q1": "tách vỏ hạt điều", "q2": "say ho tieu", "q3": "nước thải", "q4": "không ai xét"}


def write(folder: Path, qrels: str, documents=DOCUMENTS, queries=QUERIES) -> Path:
    folder.mkdir(exist_ok=True)
    rows = [{"_id": k, "title": t, "text": b} for k, (t, b) in documents.items()]
    asked = [{"_id": k, "text": t} for k, t in queries.items()]
    for name, lines in (("corpus", rows), ("queries", asked)):
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        (folder / f"{name}.jsonl").write_text(text + "\n", "utf-8")
    (folder / "qrels.tsv").write_text(qrels, "utf-8")
    return folder


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write(tmp_path / "tiny", "query-id\tcorpus-id\tscore\nq1\tcashew\t1\nq2\tpepper\t1\n")


class Counting(HashingEncoder):
    """Counts the texts it was asked to encode."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def encode(self, texts, *, role):
        self.asked += len(texts)
        return super().encode(texts, role=role)


@pytest.mark.parametrize("system", ["pipeline", "dense", "bm25", "rrf"])
def test_a_perfect_ranking_measures_one(tiny, system):
    result = evaluate(tiny, HashingEncoder(), system=system)

    assert (result.collection, result.system) == ("tiny", system)
    assert set(result.metrics.values()) == {(1.0, 1.0, 1.0)}


def test_a_wrong_second_answer_measures_what_it_should(tmp_path):
    # The right answer of q1 is said to be the text that comes second for it.
    probe = write(tmp_path / "probe", "q1\tcashew\t1\nq3\twater\t1\n")
    order = [line.split()[2] for line in evaluate(probe, HashingEncoder()).run[:3]]
    assert order[0] == "cashew"
    folder = write(tmp_path / "tiny", f"q1\t{order[1]}\t1\nq3\twater\t1\n")

    result = evaluate(folder, HashingEncoder())

    second = 1 / math.log2(3)
    assert result.by_query["nDCG@10"] == {"q1": pytest.approx(second, abs=1e-4), "q3": 1.0}
    value, low, high = result.metrics["nDCG@10"]
    assert value == pytest.approx((1 + second) / 2, abs=1e-4)
    assert (low, high) == (pytest.approx(second, abs=1e-4), 1.0)
    assert result.metrics["MRR@10"][0] == pytest.approx(0.75)
    assert result.metrics["Recall@10"][0] == 1.0


def test_the_run_is_in_trec_form_and_keeps_to_the_limit(tiny):
    result = evaluate(tiny, HashingEncoder(), limit=2)

    rows = [line.split(" ") for line in result.run]
    assert [(row[0], row[1], row[3], row[5]) for row in rows] == [
        ("q1", "Q0", "1", "pipeline"), ("q1", "Q0", "2", "pipeline"),
        ("q2", "Q0", "1", "pipeline"), ("q2", "Q0", "2", "pipeline"),
    ]  # fmt: skip
    assert rows[0][2] == "cashew"
    assert float(rows[0][4]) > float(rows[1][4])


def test_a_query_nothing_is_found_for_counts_as_nought(tmp_path):
    folder = write(tmp_path / "c", "q1\tcashew\t1\nq3\twater\t1\n", queries=QUERIES | {"q3": "zzz"})

    result = evaluate(folder, HashingEncoder(), system="bm25")

    assert result.by_query["nDCG@10"] == {"q1": 1.0, "q3": 0.0}


def test_same_collection_gives_same_result(tiny):
    assert evaluate(tiny, HashingEncoder()) == evaluate(tiny, HashingEncoder())


def test_vectors_are_kept_and_damaged_ones_made_again(tiny, tmp_path):
    encoder, cache = Counting(), tmp_path / "cache"
    first = evaluate(tiny, encoder, cache=cache)
    asked = encoder.asked
    assert asked > 0
    assert evaluate(tiny, encoder, cache=cache) == first
    assert encoder.asked == asked

    for path in cache.iterdir():
        path.write_bytes(path.read_bytes()[:40])

    assert evaluate(tiny, encoder, cache=cache) == first
    assert encoder.asked == 2 * asked


def test_kept_vectors_of_roles_and_models_do_not_mix(tmp_path):
    class Other(Counting):
        def __init__(self) -> None:
            super().__init__()
            self.fingerprint = "f" * 16

    one, other = Counting(), Other()
    for encoder in (one, other):
        for role in Role:
            kept = Kept(encoder, tmp_path).encode(["hạt điều"], role=role)
            assert np.array_equal(kept, HashingEncoder().encode(["hạt điều"], role=role))
    assert (one.asked, other.asked) == (2, 2)
    assert Kept(one, tmp_path).encode([], role=Role.QUERY).shape == (0, one.dim)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("corpus.jsonl", '{"_id": "a", "text": "b"}\n{"_id"', "corpus.jsonl:2: not JSON"),
        ("corpus.jsonl", '{"_id": "a"}\n', "corpus.jsonl:1: needs _id and text"),
        ("corpus.jsonl", "[1]\n", "corpus.jsonl:1: needs _id and text"),
        ("corpus.jsonl", '{"_id": "a", "text": ""}\n' * 2, "corpus.jsonl:2: a is there already"),
        ("queries.jsonl", '\n\n{"text": "b"}', "queries.jsonl:3: needs _id and text"),
        ("qrels.tsv", "q1\tcashew\t1\nq1 cashew 1\n", "qrels.tsv:2: not query, document, grade"),
        ("qrels.tsv", "q1\tcashew\tone\n", "qrels.tsv:1: not query, document, grade"),
        ("qrels.tsv", "q1\tnut\t1\n", "qrels.tsv:1: no document nut"),
        ("qrels.tsv", "q9\tcashew\t1\n", "qrels.tsv:1: no query q9"),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\n", "qrels.tsv: no judgements"),
    ],
)
def test_bad_input_is_refused_by_file_and_line(tiny, name, content, told):
    (tiny / name).write_text(content, "utf-8")

    with pytest.raises(CollectionError, match=told.replace(".", r"\.")):
        load(tiny)


def test_missing_and_misencoded_files_are_refused(tiny):
    (tiny / "queries.jsonl").write_bytes(b'{"_id": "a", "text": "\xff"}')
    with pytest.raises(CollectionError, match=r"queries\.jsonl is not UTF-8"):
        load(tiny)
    (tiny / "queries.jsonl").unlink()
    with pytest.raises(CollectionError, match=r"queries\.jsonl cannot be read"):
        load(tiny)


def test_only_judged_queries_are_asked(tiny):
    assert set(load(tiny).queries) == {"q1", "q2"}
