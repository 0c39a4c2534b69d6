"""Shelves in PostgreSQL rank as those in memory do, and leave no count behind."""

from random import Random
from zlib import crc32

import numpy as np
import pytest
from sqlalchemy import create_engine, event, func, select, text

from embeddings import Encoder, HashingEncoder
from matchmaker.domain.ranking import constants, fusion
from matchmaker.domain.text import guess_language, terms
from matchmaker.domain.text import words as text_words
from matchmaker.migrations import shelves
from matchmaker.search import bm25, entries
from matchmaker.search.entries import Entry
from matchmaker.search.memory import MemoryShelf
from matchmaker.search.query import prepare, prepare_all
from matchmaker.search.shared import meanings, words
from matchmaker.search.shared.home import Key, OneTransaction, Server, state_of
from matchmaker.search.shared.shelf import SharedShelf
from matchmaker.search.words import WordIndex

pytestmark = pytest.mark.postgres

ENCODER = HashingEncoder()
VIETNAMESE = (
    "máy sấy", "hạt điều", "hồ tiêu", "bơm nhiệt", "nước thải", "dệt nhuộm", "lọc màng", "khử màu",
    "vỏ cứng", "tách nhân", "lò hấp", "khói thải", "tiết kiệm điện", "công suất", "tấn một giờ",
    "cảm biến", "độ ẩm", "nhà kính", "giống lúa", "phân bón", "bao bì", "sinh học", "xưởng nhỏ",
)  # fmt: skip
ENGLISH = (
    "heat pump", "dryer", "cashew kernels", "pepper", "wastewater", "textile dyeing", "membranes",
    "colour removal", "hard shells", "steam boilers", "flue gas", "saves energy", "throughput",
    "tons an hour", "moisture sensor", "greenhouses", "rice varieties", "fertiliser", "packaging",
)  # fmt: skip


def made(number: int, seed: int = 7, encoder: Encoder = ENCODER) -> list[Entry]:
    """Texts of a few phrases each, three in four Vietnamese, of very different lengths."""
    chance = Random(seed)
    texts = []
    for at in range(number):
        phrases = ENGLISH if at % 4 == 3 else VIETNAMESE
        sentences = [
            " ".join(chance.choices(phrases, k=chance.randint(2, 7))).capitalize() + "."
            for _ in range(chance.choice((1, 2, 4, 12)))
        ]
        texts.append((f"Bản {at}: {chance.choice(phrases)}", " ".join(sentences)))
    rows = entries.encode(texts, encoder)
    return [
        Entry(at + 1, title, body, guess_language(f"{title} {body}"), row, at + 1)
        for at, ((title, body), row) in enumerate(zip(texts, rows, strict=True))
    ]


def asked(number: int) -> list[str]:
    chance = Random(11)
    every = [VIETNAMESE, VIETNAMESE, ENGLISH]
    found = [
        " ".join(chance.sample(chance.choice(every), k=chance.randint(1, 6))) for _ in range(number)
    ]
    return [*found, "may say hat dieu tiet kiem dien", "không có từ nào", "x"]


class Halving(HashingEncoder):
    """Vectors of four halves: neither sort of shelf rounds them, so no order hangs on rounding."""

    def __init__(self) -> None:
        super().__init__(64)
        self.fingerprint = "four halves"

    def _vector(self, text):
        found = dict.fromkeys(crc32(word.encode()) % 60 for word in text_words(text))
        vector = np.zeros(self.dim, np.float32)
        vector[[*found, 60, 61, 62, 63][:4]] = 0.5
        return vector


def two_shelves(engine, encoder, texts):
    """The same texts in memory and in PostgreSQL, by the same detours."""
    memory = MemoryShelf(encoder)
    shared = SharedShelf(Server(engine), Key("both", 0, encoder.fingerprint), encoder)
    for shelf in (memory, shared):
        shelf.upsert(texts[:150])
        shelf.upsert(texts[100:])
        shelf.remove([t.id for t in texts[::7]])
        shelf.upsert(texts[::14])
    return memory, shared


@pytest.fixture(scope="module")
def both(shelves_engine):
    """Two hundred texts on both sorts of shelf."""
    return two_shelves(shelves_engine, ENCODER, made(200))


def test_both_sorts_of_shelf_give_the_same_ten_hits_in_the_same_order(shelves_engine):
    encoder = Halving()
    memory, shared = two_shelves(shelves_engine, encoder, made(200, encoder=encoder))

    for typed in asked(20):
        mine = memory.search(prepare(typed, encoder, memory), limit=10)
        theirs = shared.search(prepare(typed, encoder, shared), limit=10)
        assert [c.id for c in theirs] == [c.id for c in mine]
        assert [c.words for c in theirs] == pytest.approx([c.words for c in mine], abs=2e-6)


def test_scores_of_both_sorts_are_as_near_as_rounded_vectors_allow(both):
    memory, shared = both
    for query in prepare_all(asked(20), ENCODER, memory):
        near = {c.id: c for c in memory.score(query, memory.ids())}
        for place, hit in enumerate(shared.search(query, limit=10)):
            same = near[hit.id]
            assert hit.fused == pytest.approx(same.fused, abs=4e-3)
            assert hit.standing == pytest.approx(same.standing, abs=4e-2)
            assert (hit.language, hit.words) == (same.language, pytest.approx(same.words, abs=2e-6))
            # Whoever stands here in memory is no better than rounding makes him.
            assert same.fused == pytest.approx([*near.values()][place].fused, abs=4e-3)


def test_both_hold_the_same_texts_and_put_the_same_marks_back(both):
    memory, shared = both

    assert shared.digest() == memory.digest()
    assert shared.size == memory.size
    assert shared.changes() == memory.changes()
    for typed in asked(20):
        bare = typed.translate(str.maketrans("áấạưướ", "aaauuo"))
        assert shared.restore(bare) == memory.restore(bare)


@pytest.mark.parametrize("width", [60, 200])
def test_a_filter_keeps_scores_and_order(both, monkeypatch, width):
    _, shared = both
    query = prepare("máy sấy hạt điều tiết kiệm điện", ENCODER)
    everything = shared.search(query, limit=500)
    assert len(everything) == shared.size
    monkeypatch.setattr(constants, "WIDTH", width)
    for allowed in (range(1, 20), range(1, 120), range(1, 190), range(2, 201), [999]):
        found = shared.search(query, limit=5, allowed=list(allowed))
        assert found == [c for c in everything if c.id in allowed][:5]


def test_a_graph_finds_what_a_scan_does(both, monkeypatch):
    _, shared = both
    queries = prepare_all(asked(20), ENCODER)
    scanned = [shared.nearest(query, 10) for query in queries]
    monkeypatch.setattr(meanings, "GRAPH_FROM", 0)
    plans = []

    def explain(_connection, cursor, statement, parameters, _context, _many):
        cursor.execute("EXPLAIN " + statement, parameters)
        plans.append("".join(row[0] for row in cursor.fetchall()))
        return statement, parameters

    with shared._home.reading() as connection:
        # What the planner would choose on a shelf so large that it pays.
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL enable_sort = off"))
        walks = SharedShelf(OneTransaction(connection), shared._key, shared.encoder)
        event.listen(connection, "before_cursor_execute", explain, retval=True)
        walked = [walks.nearest(query, 10) for query in queries]

    assert sum("_whole_vi" in plan and "_whole_en" in plan for plan in plans) == len(queries)
    pairs = zip(scanned, walked, strict=True)
    share = np.mean([len({key for key, _ in a} & {key for key, _ in b}) / 10 for a, b in pairs])
    assert share >= 0.97


def test_scores_of_words_are_the_engines_own():
    """The same formula and the same rounding of lengths, to the last digit that is told."""
    chance = Random(3)
    vocabulary = [f"w{n}" for n in range(60)]
    texts = {
        key: " ".join(chance.choices(vocabulary, k=length))
        for key, length in enumerate([1, 5, 39, 40, 41, 43, 57, 90, 151, 300, 1000, 2500])
    }
    index = WordIndex()
    index.upsert(texts.items())
    question = ["w1", "w2", "w3", "w3_w4", "w59", "unheard"]
    numbers: dict[str, int] = {}
    held = {key: terms(value) for key, value in texts.items()}
    counts = {}
    for key, found in held.items():
        for term in found:
            numbers.setdefault(term, len(numbers))
        counts[key] = {numbers[t]: found.count(t) for t in dict.fromkeys(found)}
    idfs = index.idfs(question)
    mean = sum(map(len, held.values())) / len(held)

    scores = bm25.scores(
        [bm25.counted(counts[key]) for key in held],
        np.array([len(held[key]) for key in held]),
        {numbers[t]: weight for t, weight in idfs.items() if t in numbers},
        mean,
    )

    most = fusion.reach(idfs.values())
    told = {
        k: fusion.coverage(s, most) for k, s in zip(held, scores, strict=True) if not np.isnan(s)
    }
    assert index.coverage(question, limit=99) == pytest.approx(told, abs=1.5e-6)
    assert len(told) > 6


def test_what_was_removed_leaves_no_count_behind(shelves_engine):
    shelf = SharedShelf(Server(shelves_engine), Key("gone", 0, ENCODER.fingerprint), ENCODER)
    texts = made(20)
    shelf.upsert(texts)
    shelf.upsert([texts[0], *made(10, seed=8)])

    shelf.remove([t.id for t in texts])

    with shelves_engine.connect() as connection:
        state = state_of(connection, shelf._key)
        held = state.tables
        left = [
            connection.scalar(select(func.count()).select_from(table))
            for table in (held.entry, held.term, held.form, held.pair)
        ]
    assert left == [0, 0, 0, 0]
    assert (state.texts, state.terms, state.concepts, state.spoken) == (0, 0, 0, 0)
    assert int(state.digest, 16) == 0
    assert shelf.search(prepare("máy sấy", ENCODER)) == []


def test_of_a_word_that_too_many_hold_some_are_found(both, monkeypatch):
    _, shared = both
    query = prepare("bản", ENCODER)
    everything = dict(shared.by_words(query, 500))
    assert len(everything) > 100
    monkeypatch.setattr(words, "MOST", 50)

    few = dict(shared.by_words(query, 500))

    assert len(few) == 50
    assert few.items() <= everything.items()


def test_rare_terms_bring_their_texts_in_before_common_ones(both, monkeypatch):
    _, shared = both
    monkeypatch.setattr(words, "MOST", 40)

    (best, *_) = shared.by_words(prepare("bản 80", ENCODER), 5)

    assert best[0] == 81


@pytest.mark.parametrize(
    "odd", ["it's a 'quote' \\ and | & ! (brackets) : *", "x" * 3_900, "đ" * 900]
)
def test_odd_texts_are_kept_and_found(shelves_engine, odd):
    shelf = SharedShelf(
        Server(shelves_engine), Key(f"odd-{len(odd)}", 0, ENCODER.fingerprint), ENCODER
    )
    rows = entries.encode([(odd, "")], ENCODER)
    shelf.upsert([Entry(1, odd, "", "en", rows[0])])

    (found,) = shelf.search(prepare(odd, ENCODER))

    assert found.words > 0


def test_without_room_for_shelves_or_outside_postgresql_there_are_none(server):
    with server.database() as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            assert not shelves.exists(connection)
            assert shelves.create(connection)
            assert shelves.create(connection)  # twice does no harm
            shelves.drop(connection)
            assert not shelves.exists(connection)
        engine.dispose()
    with create_engine("sqlite://").connect() as connection:
        assert not shelves.create(connection)
        assert not shelves.exists(connection)
