"""Public questions as examples: what a fit must not lose on, whatever people judged."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings import Encoder
from matchmaker.domain.ranking import calibration
from matchmaker.domain.ranking.calibration import Fit
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.search.query import prepare_all
from matchmaker.search.shelf import Candidate
from matchmaker.services import evaluation
from matchmaker.services.learning import measures
from matchmaker.services.learning.calibrating import Example
from matchmaker.services.learning.measures import Gain, Told

#: Hits of a question that a fit is made of: the bands are for those at the top.
TOP = 3
#: Hits among which they stand out.
WIDE = 100
KEPT_FILE = Path(__file__).with_name("public.json")


@dataclass(frozen=True)
class Asked:
    """A public question: its hits in order, which of them are right, and what a fit sees of them.

    Where its answers were taken out (`gone`), none is right.
    """

    number: int
    gone: bool
    language: str
    hits: tuple[Candidate, ...]
    right: frozenset[int]
    rows: tuple[calibration.Row, ...]
    pairs: tuple[str, ...]

    def example(self, place: int) -> Example:
        hit = self.hits[place]
        return Example(self.pairs[place], self.rows[place], hit.id in self.right)


def ask(
    directory: Path, encoder: Encoder, *, cache: Path | None = None, weights: Weights = FIXED
) -> list[Asked]:
    """Put every question of a collection; every other pair of them has its answers taken out."""
    collection = evaluation.load(directory)
    if cache is not None:
        encoder = evaluation.Kept(encoder, cache)
    shelf = evaluation.shelve(collection, encoder)
    place = {key: at for at, key in enumerate(collection.documents)}
    asked = prepare_all(list(collection.queries.values()), encoder, shelf)
    found = []
    for number, (name, query) in enumerate(zip(collection.queries, asked, strict=True)):
        grades = collection.qrels[name]
        right = frozenset(place[key] for key, grade in grades.items() if grade > 0)
        gone = bool(number // 2 % 2)
        # What is not there changes no other text's score: taking out afterwards is the same.
        whole = shelf.search(query, limit=WIDE, weights=weights)
        hits = tuple(hit for hit in whole if not (gone and hit.id in right))
        rows = calibration.features(hits)
        if rows:  # among a handful of texts nothing stands out
            pairs = tuple(calibration.pairs(hits, query.language))
            found.append(Asked(number, gone, query.language, hits, right, tuple(rows), pairs))
    return found


def examples(asked: Sequence[Asked]) -> list[Example]:
    """The hits of every question that a fit is made of."""
    return [one.example(at) for one in asked for at in range(min(TOP, len(one.hits)))]


def tops(asked: Sequence[Asked]) -> list[Example]:
    """The top hit of every question: what people see first, and are told how sure it is."""
    return [one.example(0) for one in asked]


def kept() -> dict[str, list[Example]]:
    """The top hits of public questions that ship with the product, by collection.

    Figures only, no texts: with them a nightly fit is held to public questions where none of
    their texts are at hand. They stand for the encoder that `kept_model` names.
    """
    return {
        name: [
            Example(pair, tuple(float(x) for x in row[:-1]), bool(row[-1]))
            for pair, rows in by_pair.items()
            for row in rows
        ]
        for name, by_pair in _kept()["tops"].items()
    }


def kept_model() -> str:
    return str(_kept()["model"])


def as_kept(model: str, found: Mapping[str, Sequence[Example]]) -> dict[str, Any]:
    """What `kept` reads."""
    tables: dict[str, Any] = {}
    for name, examples in found.items():
        by_pair = tables.setdefault(name, {})
        for one in examples:
            row = [*(round(x, 3) for x in one.row), int(one.fits)]
            by_pair.setdefault(one.pair, []).append(row)
    return {"model": model, "tops": tables}


def told(fit: Fit, examples: Sequence[Example]) -> Told:
    """How a fit tells these hits."""
    return measures.told(
        [fit.probability(e.row, e.pair) for e in examples], [float(e.fits) for e in examples]
    )


def compare_fits(
    before: Fit, after: Fit, collections: Mapping[str, Sequence[Example]]
) -> dict[str, Gain]:
    """By how much right is told better from wrong on each collection (AUROC).

    How sure the right ones are told is another matter: it differs from one kind of text to
    another, and to learn that of the texts at hand is what a fit is for.
    """
    return {
        name: measures.auroc_gain(
            [before.probability(e.row, e.pair) for e in examples],
            [after.probability(e.row, e.pair) for e in examples],
            [float(e.fits) for e in examples],
        )
        for name, examples in collections.items()
    }


def compare_weights(
    before: Weights, after: Weights, directories: Sequence[Path], encoder: Encoder,
    cache: Path | None,
) -> dict[str, Gain]:  # fmt: skip
    """By how much nDCG@10 gets better on each collection."""
    found = {}
    for directory in directories:
        one, other = (
            evaluation.evaluate(directory, encoder, cache=cache, weights=weights)
            for weights in (before, after)
        )
        found[one.collection] = _ndcg_gain(one, other)
    return found


def compare_encoders(
    before: Encoder, after: Encoder, directories: Sequence[Path], cache: Path | None
) -> dict[str, Gain]:
    """By how much nDCG@10 gets better on each collection with another encoder."""
    found = {}
    for directory in directories:
        one, other = (
            evaluation.evaluate(directory, encoder, cache=cache) for encoder in (before, after)
        )
        found[one.collection] = _ndcg_gain(one, other)
    return found


def _ndcg_gain(one: evaluation.Result, other: evaluation.Result) -> Gain:
    first, second = one.by_query["nDCG@10"], other.by_query["nDCG@10"]
    return measures.gain(list(first.values()), [second[query] for query in first])


def _kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(KEPT_FILE.read_text("utf-8"))
    return found
