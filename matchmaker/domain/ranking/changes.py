"""What changed between two rankings: who came, who left, who moved, whose band is another."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.domain.vocabulary import Band, RankChange


@dataclass(frozen=True)
class Placed:
    """One place of a list, best first; `id` says who stands there."""

    id: int
    band: Band


@dataclass(frozen=True)
class Change:
    """One line of what changed; ranks count from 1 and are None where he did not stand."""

    what: RankChange
    id: int
    rank_before: int | None = None
    rank_now: int | None = None
    band_before: Band | None = None
    band_now: Band | None = None

    @property
    def is_other_band(self) -> bool:
        return None not in {self.band_before, self.band_now} and self.band_before != self.band_now


def changes(before: Sequence[Placed], now: Sequence[Placed]) -> list[Change]:
    """The changes by rank, those who left last; the same list twice gives none.

    Up and down are told of the fewest who must have moved: a newcomer at the top pushes nobody
    down, and one who jumps to the top leaves the others where they were.
    """
    old = {place.id: (rank, place.band) for rank, place in enumerate(before, 1)}
    new = {place.id: (rank, place.band) for rank, place in enumerate(now, 1)}
    stayed = [place.id for place in now if place.id in old]
    moved = set(stayed) - set(_in_order(stayed, [old[i][0] for i in stayed]))
    steps = _steps(stayed, sorted(stayed, key=lambda i: old[i][0]))
    found = []
    for key, (rank, band) in new.items():
        if key not in old:
            found.append(Change(RankChange.NEW, key, None, rank, None, band))
            continue
        rank_before, band_before = old[key]
        what = None
        if key in moved and steps[key]:
            what = RankChange.UP if steps[key] > 0 else RankChange.DOWN
        elif band is not band_before:
            what = RankChange.BAND
        if what:
            found.append(Change(what, key, rank_before, rank, band_before, band))
    gone = [
        Change(RankChange.GONE, key, rank, None, band, None)
        for key, (rank, band) in old.items()
        if key not in new
    ]
    return found + gone


def _steps(now: Sequence[int], before: Sequence[int]) -> dict[int, int]:
    """How many places each went up among those who stand in both lists."""
    was = {key: rank for rank, key in enumerate(before)}
    return {key: was[key] - rank for rank, key in enumerate(now)}


def _in_order(keys: Sequence[int], ranks: Sequence[int]) -> list[int]:
    """The most keys that kept their order: a longest increasing subsequence of their old ranks."""
    tails: list[int] = []
    ends: list[int] = []
    back: list[int | None] = []
    for at, rank in enumerate(ranks):
        length = bisect_left(tails, rank)
        back.append(ends[length - 1] if length else None)
        tails[length:] = [rank, *tails[length + 1 :]]
        ends[length:] = [at, *ends[length + 1 :]]
    kept: list[int] = []
    at_end = ends[-1] if ends else None
    while at_end is not None:
        kept.append(keys[at_end])
        at_end = back[at_end]
    return kept[::-1]
