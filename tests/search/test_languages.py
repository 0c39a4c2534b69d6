"""Comparing across languages: the bias goes, the scale stays."""

from pathlib import Path

import numpy as np
import pytest

from embeddings import BundledEncoder
from matchmaker.search import languages
from matchmaker.search.entries import Entry
from matchmaker.search.languages import Means, fitted, shipped
from matchmaker.search.memory import MemoryShelf
from matchmaker.search.query import Query

DIM = 24


def unit(rows):
    rows = np.asarray(rows, dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def world(count: int = 60) -> dict[str, np.ndarray]:
    """Meanings told in two languages, each of which leans its own way."""
    random = np.random.default_rng(5)
    meaning = random.normal(size=(count, DIM))
    lean = {lang: random.normal(size=DIM) * 1.5 for lang in languages.LANGUAGES}
    common = random.normal(size=DIM) * 2
    return {
        lang: unit(meaning + common + lean[lang] + 0.3 * random.normal(size=meaning.shape))
        for lang in languages.LANGUAGES
    }


class Named:
    """An encoder of which only the name of its space matters here."""

    name, dim, fingerprint = "named", DIM, "0" * 16

    def encode(self, texts, *, role):
        raise AssertionError(texts, role)


def test_means_are_shipped_for_the_bundled_model():
    encoder = BundledEncoder(Path("unused"))

    means = shipped(encoder.fingerprint)

    assert isinstance(means, Means), "run benchmarks/make_means.py"
    for vectors in (means.query, means.document):
        assert {lang: v.shape for lang, v in vectors.items()} == {"vi": (384,), "en": (384,)}
        assert all(0.5 < np.linalg.norm(v) < 1 for v in vectors.values())
    assert all(0.1 < means.slope[lang] < 1 for lang in languages.LANGUAGES)


def test_nothing_is_shipped_for_another_model():
    assert shipped("0" * 16) is None


def test_across_has_the_mean_and_spread_of_same_language_scores():
    told = world()
    means = fitted(told, told)
    off = ~np.eye(60, dtype=bool)
    bare = languages.centred(told["vi"], means.query["vi"])
    there = languages.centred(told["en"], means.document["en"])

    across = means.slope["vi"] * (bare @ there.T)[off] + means.offset["vi"]

    same = (told["vi"] @ told["vi"].T)[off]
    assert (across.mean(), across.std()) == pytest.approx((same.mean(), same.std()), rel=1e-3)


def test_centring_finds_translations_that_bias_hides():
    told = world()
    means = fitted(told, told)
    plain = told["vi"] @ told["en"].T
    bare = languages.centred(told["vi"], means.query["vi"])
    better = bare @ languages.centred(told["en"], means.document["en"]).T
    right = np.arange(60)

    assert (better.argmax(axis=1) == right).mean() > (plain.argmax(axis=1) == right).mean()


def test_a_shelf_estimates_means_for_a_model_none_were_shipped_for():
    told = world()
    both = MemoryShelf(Named())
    both.upsert(
        [
            Entry(100 * place + i, f"w{i}", "", lang, row[None])
            for place, lang in enumerate(languages.LANGUAGES)
            for i, row in enumerate(told[lang])
        ]
    )
    one = MemoryShelf(Named())
    one.upsert([Entry(i, f"w{i}", "", "en", row[None]) for i, row in enumerate(told["en"])])
    query = Query("", None, "vi", told["vi"][:1], ())

    mixed = {c.id: c.dense for c in both.search(query)}
    alone = {c.id: c.dense for c in one.search(query)}

    english = [mixed[100 + i] for i in range(60)]
    assert abs(np.mean(english) - np.mean([mixed[i] for i in range(1, 60)])) < 0.1
    assert max(mixed, key=lambda key: mixed[key] if key >= 100 else -1) == 100
    # Of one language alone there is no telling: the bare cosine it is.
    assert alone[0] == pytest.approx(float(told["en"][0] @ told["vi"][0]), abs=1e-5)
