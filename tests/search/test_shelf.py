"""A shelf: what it finds, and that only its contents and the question decide the ranking."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf_texts import TEXTS

from embeddings import GrowingIndex, HashingEncoder, Role
from matchmaker.domain.ranking import constants, fusion
from matchmaker.search import entries, vectors
from matchmaker.search.entries import Entry
from matchmaker.search.memory import MemoryShelf
from matchmaker.search.query import prepare

ASKED = ("máy tách vỏ hạt điều", "may say ho tieu", "sort kernels by colour", "nước thải", "xyz")
ENCODER = HashingEncoder()


def answers(shelf, **how):
    return [shelf.search(prepare(asked, ENCODER, shelf), **how) for asked in ASKED]


def entry(key: int, title: str, body: str, language: str = "vi") -> Entry:
    return Entry(key, title, body, language, entries.encode([(title, body)], ENCODER)[0])


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("vỡ nhân khi tách vỏ hạt điều", 1), ("may say bom nhiet ho tieu", 2),
        ("khử màu nước thải", 3), ("sorter for cashew kernels", 6), ("đốt vỏ điều", 5),
    ],
)  # fmt: skip
def test_the_right_text_comes_first(shelf, asked, first):
    assert shelf.search(prepare(asked, ENCODER, shelf))[0].id == first


def test_candidates_are_sorted_and_add_up(shelf):
    found = shelf.search(prepare("máy sấy hạt điều", ENCODER))

    assert [c.id for c in found] == [c.id for c in sorted(found, key=lambda c: (-c.fused, c.id))]
    assert {c.id for c in found} == set(TEXTS)
    for c in found:
        assert c.fused == pytest.approx(fusion.fused(c.dense, c.words), abs=1e-5)
        assert 0 <= c.words <= 1
    assert {c.id: c.language for c in found}[4] == "en"


def test_the_best_passage_counts_beside_the_whole(shelf):
    query = prepare("khói thải đạt quy chuẩn", ENCODER)
    rows = entries.encode([TEXTS[5]], ENCODER)[0].astype(np.float64)
    cosines = rows @ query.vectors[0]

    (found,) = shelf.score(query, [5])

    assert len(rows) == 4
    # Neither keeps passages in full: bytes in memory, halves in PostgreSQL.
    assert found.dense == pytest.approx((cosines[0] + cosines[1:].max()) / 2, abs=2e-4)


def test_score_agrees_with_search_and_leaves_strangers_out(shelf):
    query = prepare("sấy hạt điều", ENCODER)

    assert shelf.score(query, [*TEXTS, 99]) == shelf.search(query)
    assert shelf.score(query, []) == []


def test_only_allowed_ids_are_found_with_unchanged_scores(shelf):
    query = prepare("hạt điều", ENCODER)
    everything = shelf.search(query)

    assert shelf.search(query, allowed=[5, 2, 2, 99]) == [c for c in everything if c.id in {2, 5}]
    assert shelf.search(query, allowed=[]) == []
    assert shelf.search(query, allowed=[99]) == []


def test_a_narrow_filter_is_looked_up_and_finds_the_same(shelf, monkeypatch):
    query = prepare("hạt điều", ENCODER)
    everything = shelf.search(query)
    # More is forbidden than may be found beside and dropped.
    monkeypatch.setattr(constants, "WIDTH", 2)

    for allowed in ([5, 2], [1, 2, 99], [4]):
        found = shelf.search(query, limit=2, allowed=allowed)
        assert found == [c for c in everything if c.id in allowed]


@pytest.mark.parametrize("gone", [(), (2, 4)])
def test_a_graph_brings_in_what_a_scan_does(make, encoder, monkeypatch, gone):
    shelf = MemoryShelf(encoder)
    shelf.upsert(make(TEXTS))
    monkeypatch.setattr(vectors, "GrowingIndex", lambda dim: GrowingIndex(dim, graph_from=1))
    walked = MemoryShelf(encoder)
    walked.upsert(make(TEXTS))
    walked.settle()
    assert all(index.is_graph for index in walked.meanings._wholes.values())

    for each in (walked, shelf):
        each.remove(gone)
    walked.settle()

    assert answers(walked) == answers(shelf)
    assert answers(walked, allowed=[1, 3, 6]) == answers(shelf, allowed=[1, 3, 6])
    assert walked.digest() == shelf.digest()


def test_limit_cuts_the_same_ranking_short(shelf):
    assert answers(shelf, limit=2) == [found[:2] for found in answers(shelf)]


def test_removed_entries_leave_rankings_as_if_never_there(shelf, empty, encoder, make):
    without = empty(encoder)
    without.upsert(make({k: v for k, v in TEXTS.items() if k not in {2, 4}}))

    shelf.remove([2, 4, 99])

    assert answers(shelf) == answers(without)
    assert shelf.digest() == without.digest()
    assert shelf.ids() == [1, 3, 5, 6]
    assert shelf.restore("say ho tieu") == without.restore("say ho tieu") == "say ho tieu"


STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "old", "remove", "ask"]), st.sampled_from(list(TEXTS))),
    max_size=14,
)


def after(empty, steps):
    """A shelf after these steps, and a fresh one with what it should hold then."""
    shelf, held = empty(ENCODER), {}
    for step, key in steps:
        if step == "put":
            held[key] = entry(key, *TEXTS[key])
            shelf.upsert([held[key]])
        elif step == "old":
            held[key] = entry(key, "Văn bản cũ hơn", "Một câu. Hai câu nữa. Ba câu sau cùng.", "en")
            shelf.upsert([held[key]])
        elif step == "remove":
            held.pop(key, None)
            shelf.remove([key])
        else:
            answers(shelf)

    fresh = empty(ENCODER)
    fresh.upsert(list(held.values()))
    return shelf, fresh


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_only_contents_decide_whatever_the_way_there(steps):
    shelf, fresh = after(MemoryShelf, steps)

    assert answers(shelf) == answers(fresh)
    assert shelf.digest() == fresh.digest()


@pytest.mark.postgres
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_only_contents_decide_in_postgresql_too(empty_shared, steps):
    shelf, fresh = after(empty_shared, steps)

    assert answers(shelf) == answers(fresh)
    assert shelf.digest() == fresh.digest()


def test_moving_to_another_language_leaves_no_second_self(shelf):
    moved = replace(entry(1, *TEXTS[1]), language="en")

    shelf.upsert([moved])

    found = shelf.search(prepare("máy tách vỏ hạt điều", ENCODER))
    assert [c.language for c in found if c.id == 1] == ["en"]
    assert shelf.size == len(TEXTS)


def test_other_content_has_another_digest(shelf):
    before = shelf.digest()
    shelf.upsert([entry(1, "Máy khác hẳn", "")])
    assert shelf.digest() != before


def test_an_empty_shelf_answers_nothing(empty, encoder):
    bare = empty(encoder)
    assert answers(bare) == [[]] * len(ASKED)
    assert bare.restore("may say hat dieu") == "may say hat dieu"
    bare.remove([1])
    bare.upsert([])
    assert (bare.size, bare.ids()) == (0, [])


def test_given_vectors_are_taken_and_nothing_is_encoded(shelf):
    class Refuses(HashingEncoder):
        def encode(self, texts, *, role):
            raise AssertionError(texts, role)

    vectors = ENCODER.encode(["hạt điều"], role=Role.QUERY)

    query = prepare("hạt điều", Refuses(), shelf, vectors=vectors)

    assert shelf.search(query) == shelf.search(prepare("hạt điều", ENCODER, shelf))


def test_restored_queries_say_so(shelf):
    bare = prepare("may tach vo hat dieu", ENCODER, shelf)
    assert (bare.restored, bare.language) == ("máy tách vỏ hạt điều", "vi")
    assert prepare("máy tách vỏ", ENCODER, shelf).restored is None
    assert prepare("MÁY TÁCH VỎ HẠT ĐIỀU", ENCODER, shelf).restored is None
    assert prepare("sort the kernels", ENCODER, shelf).restored is None


def test_readers_and_a_writer_do_not_disturb_each_other(shelf):
    problems = []
    rounds = 30 if isinstance(shelf, MemoryShelf) else 5

    def read():
        try:
            for _ in range(rounds):
                for found in answers(shelf):
                    assert {1, 3, 5, 6} <= {c.id for c in found}
        except BaseException as error:  # noqa: BLE001 - told to the main thread
            problems.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(rounds // 3):
        shelf.upsert([entry(2, *TEXTS[2]), entry(4, *TEXTS[4], "en")])
        shelf.remove([2, 4])
    for reader in readers:
        reader.join()

    assert problems == []


def test_a_text_of_the_other_language_is_found_by_what_its_words_mean(empty, encoder, make):
    """Not a word is shared: what brings the pair together are the concepts."""
    texts = {
        1: ("Durian ripeness grader", "Sorts fruit by acoustic response."),
        2: ("Wastewater treatment of dye houses", "Membranes and ozone remove colour."),
        3: ("Route planning for trucks", "Plans routes of a fleet."),
    }
    full = empty(encoder)
    full.upsert(make(texts))

    hits = full.search(prepare("xử lý nước thải dệt nhuộm bằng màng lọc", encoder))

    shared = {hit.id: hit.words for hit in hits}
    assert shared[2] > 0
    assert shared[1] == shared[3] == 0
