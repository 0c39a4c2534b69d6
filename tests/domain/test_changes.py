"""What changed between two lists."""

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.ranking.changes import Placed, changes
from matchmaker.domain.vocabulary import Band, RankChange

W, P, S = Band.WEAK, Band.PLAUSIBLE, Band.STRONG
LISTS = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from(list(Band))),
    max_size=12,
    unique_by=lambda p: p[0],
).map(lambda rows: [Placed(i, band) for i, band in rows])


def ranked(*ids: int) -> list[Placed]:
    return [Placed(i, W) for i in ids]


def told(before, now):
    return [(c.what, c.id, c.rank_before, c.rank_now) for c in changes(before, now)]


def test_a_newcomer_at_the_top_pushes_nobody_down():
    assert told(ranked(1, 2, 3), ranked(9, 1, 2, 3)) == [(RankChange.NEW, 9, None, 1)]


def test_one_who_jumps_to_the_top_is_the_only_one_who_moved():
    assert told(ranked(1, 2, 3, 4), ranked(4, 1, 2, 3)) == [(RankChange.UP, 4, 4, 1)]


def test_who_falls_and_who_leaves_is_told():
    assert told(ranked(1, 2, 3, 4), ranked(2, 3, 1)) == [
        (RankChange.DOWN, 1, 1, 3),
        (RankChange.GONE, 4, 4, None),
    ]


def test_another_band_in_the_same_place_is_told_with_both():
    [change] = changes([Placed(1, P)], [Placed(1, S)])

    assert (change.what, change.band_before, change.band_now) == (RankChange.BAND, P, S)
    assert change.is_other_band


@given(LISTS)
def test_the_same_list_twice_gives_nothing(places):
    assert changes(places, places) == []


@given(LISTS, LISTS)
def test_every_difference_is_told_once_and_nothing_else(before, now):
    found = changes(before, now)
    old, new = {p.id for p in before}, {p.id for p in now}
    by = {what: {c.id for c in found if c.what is what} for what in RankChange}

    assert len({c.id for c in found}) == len(found)
    assert by[RankChange.NEW] == new - old
    assert by[RankChange.GONE] == old - new
    bands = {p.id: p.band for p in before}
    assert {p.id for p in now if p.id in old and bands[p.id] is not p.band} <= {c.id for c in found}
