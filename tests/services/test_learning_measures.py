"""The figures a decision rests on, against what is known by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.domain.ranking.calibration import Fit, Source
from matchmaker.domain.ranking.weights import BOUNDS, FIXED, NAMES, Weights, bounded
from matchmaker.services.learning import calibrating, logistic, measures, weighting
from matchmaker.services.learning.calibrating import Example
from matchmaker.services.learning.weighting import Scored

quick = settings(max_examples=25, deadline=None)
RANDOM = np.random.default_rng(7)


def test_a_logistic_fit_finds_what_made_the_data():
    x = np.c_[np.ones(4000), RANDOM.normal(size=(4000, 2))]
    true = np.array([-0.5, 2.0, 0.7])
    y = (RANDOM.random(4000) < logistic.probability(x @ true)).astype(float)

    found = logistic.fit(x, y, pull=1e-3)

    assert np.abs(found - true).max() < 0.2


def test_drawn_hard_a_fit_stays_at_its_prior_and_a_floor_holds():
    x = np.c_[np.ones(50), np.linspace(-1, 1, 50)]
    y = (x[:, 1] < 0).astype(float)  # the weight wants to be far below nought
    prior = np.array([0.3, 1.2])
    assert np.allclose(logistic.fit(x, y, prior=prior, pull=1e9), prior, atol=1e-4)
    assert logistic.fit(x, y, pull=0.1)[1] < -1
    assert logistic.fit(x, y, pull=0.1, least=np.array([-np.inf, 0.0]))[1] == 0.0


def test_data_split_clean_through_still_gives_finite_weights():
    x = np.c_[np.ones(20), np.arange(20.0)]
    found = logistic.fit(x, (np.arange(20) > 9).astype(float), pull=0.01)
    assert np.isfinite(found).all()


def test_a_perfect_teller_has_no_error_and_a_flat_one_its_base_rate():
    perfect = measures.told([0.0, 1.0, 1.0], [0, 1, 1])
    assert (perfect.ece, perfect.brier, perfect.auroc) == (0.0, 0.0, 1.0)
    flat = measures.told([0.5] * 4, [0, 1, 0, 1])
    assert (flat.ece, flat.brier, flat.auroc) == (0.0, 0.25, 0.5)
    assert measures.told([0.9], [1]).auroc is None
    assert measures.Told.read(flat.to_json()) == flat


def test_an_error_of_calibration_is_what_was_told_too_much():
    assert measures.told([0.95] * 10, [1] * 5 + [0] * 5).ece == pytest.approx(0.45)


def test_a_gain_everywhere_is_sure_and_one_by_luck_is_not():
    sure = measures.gain([0.0] * 60, [0.1] * 60)
    assert sure.low == sure.mean == sure.high == pytest.approx(0.1)
    luck = measures.gain([0.0] * 20, [1.0, *[-0.04] * 19])
    assert luck.mean > 0 > luck.low
    assert measures.gain([], []).n == 0


def test_a_better_order_gains_and_the_same_one_does_not():
    truths = [1, 0] * 40
    good, bad = [0.9, 0.1] * 40, [0.5, 0.5] * 40
    assert measures.auroc_gain(bad, good, truths).low == pytest.approx(0.5)
    assert measures.auroc_gain(good, [p / 2 for p in good], truths).low == 0.0


def example(standing: float, fits: bool, pair: str = "vi-vi") -> Example:
    return Example(
        pair, (min(standing, 5.0), max(standing - 5, 0.0), standing / 2, standing / 2), fits
    )


def told_by(examples, **changes) -> Fit:
    given = {"n": 1, "source": Source.JUDGEMENTS, "fitted_at": "", "model": ""}
    return calibrating.fit(examples, **(given | changes))


def test_without_examples_a_fit_is_its_prior():
    prior = Fit(-4.0, (1.0, 0.5, 0.2, 0.1), {"vi-en": (1.0, 0.0, 0.1, 0.0, 0.0)})
    found = told_by([], prior=prior)
    assert (found.offset, found.weights, found.pairs) == (prior.offset, prior.weights, prior.pairs)


def test_a_pair_of_languages_goes_its_own_way_when_it_must():
    examples = [example(s, s > 3, "vi-vi") for s in np.linspace(0, 6, 60)]
    examples += [example(s, s > 5, "vi-en") for s in np.linspace(0, 6, 60)]
    found = told_by(examples)
    row = example(4.0, True).row
    assert found.probability(row, "vi-vi") > 0.5 > found.probability(row, "vi-en")


@quick
@given(st.lists(st.tuples(st.floats(-5, 15), st.booleans()), min_size=1, max_size=40))
def test_whatever_is_judged_no_weight_falls_below_nought(rows):
    found = told_by([example(s, fits) for s, fits in rows])
    assert min(found.weights) >= 0
    assert math.isfinite(found.offset)


def scored(need: int, fits: bool, score: float, words: float, across: bool = False) -> Scored:
    return Scored(need, fits, 1.0, score, words, across, 0.0)


def test_weights_move_to_what_tells_right_from_wrong_and_back_without_it():
    rows = [
        hit
        for need in range(80)
        for hit in (scored(need, True, 0.90, 0.5), scored(need, False, 0.91, 0.2))
    ]
    found = weighting.fit(rows, FIXED, model="m")
    assert found.words > FIXED.words
    assert (found.model, found.words_across, found.signals) == ("m", 0.2, 1.0)
    assert weighting.fit(rows[:1], FIXED, model="") == FIXED


@quick
@given(st.tuples(*[st.floats(-1e6, 1e6)] * len(NAMES)))
def test_no_weight_leaves_its_bounds(row):
    held = bounded(row, "m").as_row()
    assert all(low <= x <= high for x, (low, high) in zip(held, BOUNDS, strict=True))


def test_weights_come_back_from_their_json_and_score_as_they_say():
    other = Weights(words=0.3, words_across=0.1, other_language=0.01, signals=0.5, model="m")
    assert Weights.read(other.to_json()) == other
    assert scored(1, True, 0.9, 0.4).under(FIXED, other) == pytest.approx(0.94)
    assert scored(1, True, 0.9, 0.4, across=True).under(FIXED, other) == pytest.approx(0.87)
    assert scored(1, True, 0.9, 0.4).under(FIXED, FIXED) == 0.9


def test_ndcg_of_judged_hits():
    assert weighting.ndcg([True, False]) == 1.0
    assert weighting.ndcg([False, True]) == pytest.approx(1 / math.log2(3))
