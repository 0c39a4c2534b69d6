"""Probabilities are probabilities, and of two hits the higher is never the less sure."""

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.domain.ranking import calibration
from matchmaker.domain.ranking.calibration import SHIPPED, Fit, Source
from matchmaker.domain.vocabulary import Band

quick = settings(max_examples=40, deadline=None)


@dataclass(frozen=True)
class Hit:
    standing: float | None
    language: str = "vi"


standings = st.lists(st.floats(-50, 50), min_size=1, max_size=30)
moves = st.tuples(*[st.floats(-20, 20)] * (1 + len(calibration.FEATURES)))
fits = st.builds(
    Fit,
    offset=st.floats(-50, 50),
    weights=st.tuples(*[st.floats(0, 20)] * len(calibration.FEATURES)),
    pairs=st.dictionaries(st.sampled_from(["vi-vi", "vi-en", "vi-vi/both"]), moves),
)


@quick
@given(standings, fits)
def test_every_probability_lies_strictly_between_nought_and_one(each, fit):
    found = calibration.probabilities([Hit(s) for s in each], "vi", fit)
    assert len(found) == len(each)
    assert all(0 < p < 1 for p in found)


@quick
@given(standings, fits)
def test_the_higher_of_two_hits_is_never_the_less_sure(each, fit):
    order = sorted(each, reverse=True)
    found = calibration.probabilities([Hit(s) for s in order], "vi", fit)
    assert found == sorted(found, reverse=True)


@quick
@given(standings, st.integers(0, 29), st.floats(0, 20), fits)
def test_a_hit_that_rises_gets_no_less_sure_itself(each, at, more, fit):
    at %= len(each)
    risen = [s + more if i == at else s for i, s in enumerate(each)]
    before = calibration.probabilities([Hit(s) for s in each], "vi", fit)[at]
    assert calibration.probabilities([Hit(s) for s in risen], "vi", fit)[at] >= before - 1e-12


@quick
@given(fits)
def test_a_fit_comes_back_from_its_json_as_it_was(fit):
    assert Fit.read(fit.to_json()) == fit


def test_a_pair_without_a_fit_of_its_own_takes_that_of_all():
    fit = Fit(-3.0, (1.0,) * len(calibration.FEATURES), {"vi-en": (2.0, 0.0, 0.0, 0.0, 0.0)})
    row = (2.0, 0.0, 0.5, 0.6)
    assert fit.probability(row, "en-en") == fit.probability(row)
    assert fit.probability(row, "vi-en") > fit.probability(row)


def test_a_hit_is_held_against_the_two_best_others():
    rows = calibration.features([Hit(6.0), Hit(5.5), Hit(2.0), Hit(1.0)])
    assert rows == [
        (5.0, 1.0, 0.5, 4.0),
        (5.0, 0.5, -0.5, 3.5),
        (2.0, 0.0, -4.0, -3.5),
        (1.0, 0.0, -5.0, -4.5),
    ]


def test_twins_lead_each_other_by_nothing_and_the_rest_by_much():
    assert calibration.features([Hit(6.0), Hit(6.0), Hit(2.0)]) == [
        (5.0, 1.0, 0.0, 4.0), (5.0, 1.0, 0.0, 4.0), (2.0, 0.0, -4.0, -4.0),
    ]  # fmt: skip


def test_a_ranking_led_in_both_languages_is_told_by_a_fit_of_its_own():
    alike = [Hit(6.0), Hit(2.0), Hit(1.0, "en")]
    both = [Hit(6.0), Hit(5.9, "en"), Hit(1.0)]
    assert calibration.pairs(alike, "vi") == ["vi-vi", "vi-vi", "vi-en"]
    assert calibration.pairs(both, "vi") == ["vi-vi/both", "vi-en/both", "vi-vi/both"]
    assert calibration.pairs([Hit(3.0)], "en") == ["en-vi"]
    assert calibration.pairs([], "vi") == []


@quick
@given(st.lists(st.tuples(st.floats(-50, 50), st.sampled_from(["vi", "en"])), min_size=1), fits)
def test_in_one_ranking_the_higher_of_two_hits_of_a_language_is_never_the_less_sure(each, fit):
    hits = [Hit(s, language) for s, language in sorted(each, reverse=True)]
    found = calibration.probabilities(hits, "vi", fit)
    for language in ("vi", "en"):
        mine = [p for p, hit in zip(found, hits, strict=True) if hit.language == language]
        assert mine == sorted(mine, reverse=True)


def test_a_hit_by_itself_is_held_against_the_shelf_in_general():
    assert calibration.features([Hit(3.0)]) == [(3.0, 0.0, 3.0, 3.0)]


def test_what_ships_tells_a_hit_far_above_the_rest_from_one_among_them():
    far = calibration.probabilities([Hit(9.0), Hit(2.0), Hit(1.0)], "vi")
    among = calibration.probabilities([Hit(2.1), Hit(2.0), Hit(1.9)], "vi")
    assert calibration.band(far[0]) is Band.STRONG
    assert {calibration.band(p) for p in among} == {Band.WEAK}


def test_only_enough_judged_needs_end_the_provisional_time():
    judged = replace(SHIPPED, source=Source.JUDGEMENTS)
    assert SHIPPED.is_provisional
    assert replace(judged, n=49).is_provisional
    assert not replace(judged, n=50).is_provisional
