"""The measuring commands: that they measure, not how fast it is here."""

import json

import pytest
from sqlalchemy import select

from embeddings import HashingEncoder
from matchmaker.bench import encoding, texts
from matchmaker.bench.encoding import EngineError, Job
from matchmaker.bench.timing import spread
from matchmaker.bench.world import Builder
from matchmaker.domain import recipe
from matchmaker.domain.vocabulary import Level, RecordKind
from matchmaker.models import Solution
from matchmaker.queries import disclosed
from matchmaker.services import indexing
from tests.conftest import NOON


def test_search_is_measured_at_each_size(run, settings):
    before = (settings.data_dir / "matchmaker.db").read_bytes()

    told = run("bench", "search", "--sizes", "40,20", "--questions", "2", "--json")

    assert told.exit_code == 0, told.output
    rows = json.loads(told.stdout)
    assert [row["solutions"] for row in rows] == [20, 40]
    for row in rows:
        for name in ("typed_need", "kept_need", "search_box", "of_which_encoder", "of_which_shelf"):
            assert 0 < row[name]["min_ms"] <= row[name]["p50_ms"] <= row[name]["p99_ms"]
    assert "turned a little" in told.stderr
    assert (settings.data_dir / "matchmaker.db").read_bytes() == before


def test_catching_up_is_measured_for_each_kind_of_change(run):
    told = run("bench", "catch-up", "--size", "20", "--changes", "2", "--json")

    assert told.exit_code == 0, told.output
    [row] = json.loads(told.stdout)
    assert row["solutions"] == 20
    assert all(row[name]["min_ms"] > 0 for name in ("own", "other", "gone"))


@pytest.mark.parametrize(
    "words",
    [
        ("search", "--sizes", "many"),
        ("search", "--sizes", "0"),
        ("catch-up", "--size", "5", "--changes", "6"),
    ],
)
def test_what_cannot_be_measured_is_refused(run, words):
    assert run("bench", *words).exit_code == 2


def test_an_engine_that_dies_is_named(tmp_path):
    with pytest.raises(EngineError, match="nonsense ended with 1: no engine is called nonsense"):
        encoding._run(Job("nonsense", 1, str(tmp_path)))


def test_ratios_say_how_many_times_as_fast_the_product_is():
    ours = {"query_ms": 8.0, "query_cpu_ms": 8.0, "texts_per_s": 150.0, "texts_per_cpu_s": 150.0}
    wheel = {"query_ms": 20.0, "query_cpu_ms": 24.0, "texts_per_s": 50.0, "texts_per_cpu_s": 75.0}
    assert encoding._ratios({"onnx": ours, "wheel": wheel}, wheel) == {
        "query_ms_ratio": 2.5, "query_cpu_ms_ratio": 3.0,
        "texts_per_s_ratio": 3.0, "texts_per_cpu_s_ratio": 2.0,
    }  # fmt: skip


def test_made_texts_are_the_same_in_every_run_and_differ_from_one_another():
    world = texts.read()
    made = [texts.make(world, number) for number in range(300)]
    assert made == [texts.make(world, number) for number in range(300)]
    assert len({one.description for one in made}) == 300
    assert all(len(one.title) <= 80 for one in made)


def test_a_spread_tells_least_median_and_worst():
    seconds = [n / 1_000 for n in range(100, 0, -1)]
    assert spread(seconds) == {"min_ms": 1.0, "p50_ms": 50.0, "p99_ms": 100.0}
    assert spread([0.002]) == {"min_ms": 2.0, "p50_ms": 2.0, "p99_ms": 2.0}


def test_a_made_record_is_indexed_by_the_text_its_readers_see(engine, session):
    builder = Builder(engine, HashingEncoder(), now=NOON, levels=(Level.PUBLIC, Level.MEMBERS))
    builder.needs()
    builder.grow(3)
    fingerprint = HashingEncoder().fingerprint
    for solution in session.scalars(select(Solution)):
        for level in (Level.PUBLIC, Level.MEMBERS):
            told = recipe.compose(RecordKind.SOLUTION, disclosed.view_at(solution, level))
            kept = indexing.kept_question(session, fingerprint, solution, level, told)
            assert kept is not None, (solution.code, level)
