"""What is made of scores, wherever they come from: candidates, one score, the order."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Protocol

from embeddings import Vectors
from matchmaker.domain.ranking import fusion
from matchmaker.domain.ranking.weights import Weights
from matchmaker.search.background import Background
from matchmaker.search.query import Query
from matchmaker.search.shelf import Candidate

#: Scores are told to so many digits: what lies beyond is rounding, not order.
_DIGITS = 6


class Words(Protocol):
    """Coverage of terms, of words or of concepts."""

    def idfs(self, terms: Iterable[str]) -> dict[str, float]:
        """What each term asked for weighs, in nats: the heaviest ones of a long question."""

    def coverage(
        self,
        terms: Sequence[str],
        *,
        limit: int,
        among: Sequence[int] | None = None,
        of: Iterable[float] | None = None,
    ) -> dict[int, float]:
        """The best `limit` ids with their coverage in [0, 1]; among these ids only, if given.

        It is a share of what the terms could reach, or of what terms with the idfs `of` could.
        Equal coverage at the limit is decided by the smaller id.
        """


class Meaning(Protocol):
    """Nearness of vectors, across languages too."""

    def nearest(
        self, query: Vectors, language: str, width: int, among: Sequence[int] | None
    ) -> list[int]:
        """The `width` ids of each language whose whole texts are nearest by its measure."""

    def scores(self, query: Vectors, language: str, ids: Iterable[int]) -> dict[int, float]:
        """Scores by id; see `lens.scores`. What has no vectors of the question's model has none."""


class Source(Protocol):
    """One state of a shelf's content, for as long as one question is answered."""

    @property
    def words(self) -> Words: ...

    @property
    def concepts(self) -> Words: ...

    @property
    def meanings(self) -> Meaning: ...

    def languages(self, ids: Iterable[int]) -> Mapping[int, str]:
        """The language of each of these ids at least."""

    def held(self, ids: Iterable[int]) -> list[int]:
        """Those of the ids that stand on the shelf."""

    def sample(self) -> Mapping[str, Sequence[int]]:
        """The shelf's `background.sample`."""


def search(
    source: Source, query: Query, *, width: int, limit: int, among: Sequence[int] | None = None,
    barred: frozenset[int] | set[int] = frozenset(), weights: Weights,
) -> list[Candidate]:  # fmt: skip
    """The best `limit` of all that either way brings in but `barred`, scored once by both."""
    near = source.meanings.nearest(query.vectors[0], query.language, width, among)
    said = source.words.coverage(query.terms, limit=width, among=among)
    meant = _meant(source, query, width, among)
    speaking = source.languages(meant)
    foreign = {key for key in meant if speaking[key] != query.language}
    # Of a shelf that took this one's place, a text may have left meanwhile.
    return score(source, query, source.held({*near, *said, *foreign} - barred), weights, limit)


def score(
    source: Source, query: Query, ids: Iterable[int], weights: Weights, limit: int | None = None
) -> list[Candidate]:  # fmt: skip
    """The scores of these ids, all on the shelf, best first; the best `limit` where given."""
    wanted = sorted(set(ids))
    sample = source.sample()
    both = sorted({*wanted, *chain.from_iterable(sample.values())})
    speaking = source.languages(both)
    words = _lexical(source, query, both, speaking)
    meanings = source.meanings.scores(query.vectors[0], query.language, both)
    general = _background(query, weights, sample, meanings, words)
    told: dict[int, float] = {}
    for key in wanted:
        across = speaking[key] != query.language
        share = weights.share(words.get(key, 0.0), across=across)
        weighed = fusion.fused(meanings.get(key, 0.0), share)
        told[key] = general.level(weighed, speaking[key]) + weights.step(across=across)
    ranked = sorted((-round(value, _DIGITS), key) for key, value in told.items())
    return [
        Candidate(
            key, -value, round(meanings.get(key, 0.0), _DIGITS), words.get(key, 0.0),
            speaking[key], general.standing(told[key]),
        )
        for value, key in ranked[:limit]
    ]  # fmt: skip


def _lexical(
    source: Source, query: Query, wanted: Sequence[int], speaking: Mapping[int, str]
) -> dict[int, float]:
    """What the texts share with the question: words, and across languages concepts too."""
    found = dict(source.words.coverage(query.terms, limit=len(wanted), among=wanted))
    foreign = [key for key in wanted if speaking[key] != query.language]
    for key, share in _meant(source, query, len(foreign), foreign).items():
        found[key] = found.get(key, 0.0) + share
    return found


def _meant(
    source: Source, query: Query, limit: int, among: Sequence[int] | None
) -> dict[int, float]:
    """Coverage by concepts, as a share of all that was asked: few words have a concept.

    A share of the concepts alone would make everything of one common word of a question.
    """
    asked = source.words.idfs(query.terms).values()
    return source.concepts.coverage(query.concepts, limit=limit, among=among, of=asked)


def _background(
    query: Query, weights: Weights, sample: Mapping[str, Sequence[int]],
    dense: Mapping[int, float], words: Mapping[int, float],
) -> Background:  # fmt: skip
    """How the question scores on a fixed sample of this shelf."""
    return Background(
        query.language,
        {
            language: [
                (
                    dense.get(key, 0.0),
                    weights.share(words.get(key, 0.0), across=language != query.language),
                )
                for key in keys
            ]
            for language, keys in sample.items()
        },
    )
