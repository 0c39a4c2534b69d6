"""Nothing learned goes live unless it wins where people judged and loses nowhere else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.domain.gate import LEAST_NEEDS, decide, enough
from matchmaker.domain.vocabulary import ModelKind, VersionReason, VersionState

REFUSED, LIVE = VersionState.REFUSED, VersionState.LIVE
figures = st.floats(-1, 1)

quick = settings(max_examples=40, deadline=None)


def test_a_sure_gain_without_a_loss_goes_live():
    found = decide(ModelKind.WEIGHTS, mean=0.02, low=0.001, public={"a": 0.0, "b": -0.01})
    assert found == (LIVE, VersionReason.WON)


def test_a_loss_on_one_public_collection_refuses():
    found = decide(ModelKind.WEIGHTS, mean=0.02, low=0.001, public={"a": 0.5, "b": -0.011})
    assert found == (REFUSED, VersionReason.LOSES_PUBLIC)


def test_a_gain_too_small_to_bother_everybody_is_refused_for_weights_but_not_for_bands():
    asked = {"mean": 0.004, "low": 0.001, "public": {"a": 0.0}}
    assert decide(ModelKind.WEIGHTS, **asked) == (REFUSED, VersionReason.NO_GAIN)
    assert decide(ModelKind.CALIBRATION, **asked) == (LIVE, VersionReason.WON)


def test_without_public_collections_a_winner_stays_a_candidate():
    found = decide(ModelKind.ENCODER, mean=0.1, low=0.05, public={})
    assert found == (VersionState.CANDIDATE, VersionReason.NOT_COMPARED)


@quick
@given(
    st.sampled_from(list(ModelKind)),
    figures,
    figures,
    st.dictionaries(st.sampled_from("abc"), figures),
)
def test_only_a_sure_winner_is_ever_live(kind, mean, low, public):
    state, _ = decide(kind, mean=mean, low=low, public=public)
    if state is LIVE:
        assert low > 0
        assert public
        assert min(public.values()) >= -0.01


@pytest.mark.parametrize("kind", list(ModelKind))
def test_one_less_than_enough_is_not_enough(kind):
    least = enough(kind, needs=0, judgements=0).least
    assert least >= LEAST_NEEDS
    assert not enough(kind, needs=least - 1, judgements=least - 1).is_enough
    assert enough(kind, needs=least, judgements=least).is_enough
