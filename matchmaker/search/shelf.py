"""One searchable set of texts: of one kind of record, at one level of disclosure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from embeddings import Encoder
from matchmaker.domain.ranking import constants
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.search.entries import Entry
from matchmaker.search.query import Query


@dataclass(frozen=True)
class Candidate:
    """A hit with both its scores; `fused` is for order only and never shown.

    `standing` is how many deviations it lies above what the question scores on texts of this
    shelf in general; None where the shelf holds too few to tell.
    """

    id: int
    fused: float
    dense: float
    words: float
    language: str
    standing: float | None = None


class Shelf(Protocol):
    """Finds by meaning and by words at once.

    The same entries and the same question give the same ranking, whatever the order of upserts,
    and on all but large shelves a removed entry leaves no trace in it. Any number of threads may
    ask while one writes: each sees the shelf before or after a change, never between.
    """

    @property
    def encoder(self) -> Encoder:
        """Whose vectors stand here; questions are encoded by it, too."""

    @property
    def size(self) -> int: ...

    def ids(self) -> list[int]:
        """What stands on the shelf, the smallest first."""

    def changes(self) -> dict[int, int]:
        """The number of the change by which each id came to stand as it does."""

    def digest(self) -> str:
        """The vectors' content as 64 hex digits; the same content, the same digits."""

    def restore(self, typed: str) -> str:
        """Put diacritics back by the words of this shelf."""

    def upsert(self, entries: Sequence[Entry]) -> None:
        """Put entries in, replacing those of the same ids; of twins the last stays."""

    def remove(self, ids: Iterable[int]) -> None:
        """Take entries out; ids not on the shelf are passed over."""

    def search(
        self, query: Query, *, limit: int = constants.WIDTH, allowed: Sequence[int] | None = None,
        weights: Weights = FIXED,
    ) -> list[Candidate]:  # fmt: skip
        """The best hits, best first: what either way brings in, scored once by both."""

    def score(
        self, query: Query, ids: Iterable[int], *, weights: Weights = FIXED
    ) -> list[Candidate]:
        """The scores of these ids, best first; ids not on the shelf are left out."""

    def nearest(self, query: Query, limit: int) -> list[tuple[int, float]]:
        """The whole texts' bare cosines alone: a baseline to measure by."""

    def by_words(self, query: Query, limit: int) -> list[tuple[int, float]]:
        """The lexical way alone: a baseline to measure by."""

    def warm(self) -> None:
        """Do what the first search would wait for."""

    def settle(self) -> None:
        """Wait for what is being built beside the searches: measurements do."""
