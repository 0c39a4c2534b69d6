"""Candidates tried on figures alone: what the gate lets through and what it does not."""

from dataclasses import replace

import numpy as np
import pytest

from matchmaker.domain.labels import Label, Verdict, fold_of
from matchmaker.domain.ranking.calibration import SHIPPED, Fit, Source
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.domain.vocabulary import VersionReason, VersionState
from matchmaker.search.shelf import Candidate
from matchmaker.services.learning import trials
from matchmaker.services.learning.calibrating import Example
from matchmaker.services.learning.labels import FOLDS, Labels
from matchmaker.services.learning.measures import Gain
from matchmaker.services.learning.trials import Ground
from matchmaker.services.matching import Placed
from tests.conftest import NOON

NEEDS = 120
GLOOMY = Fit(-11.0, (0.0, 0.0, 0.0), source=Source.JUDGEMENTS, n=60)


def row(standing: float) -> tuple[float, float, float]:
    return min(standing, 5.0), max(standing - 5.0, 0.0), standing - 2.0


def ground(*, turned: bool = False, hits: int = 1) -> Ground:
    """Needs whose first hit stands out where it fits; officers say so, or the very opposite."""
    labels, places = [], {}
    for need in range(NEEDS):
        answered = need % 2 == 0
        for at in range(hits):
            fits = (answered is not turned) if at == 0 else not answered
            standing = 6.0 if answered and at == 0 else 2.0
            hit = Candidate(need * hits + at, 0.9 - 0.01 * at, 0.8, 0.3 + 0.2 * at, "vi", standing)
            labels.append(Label(need, hit.id, Verdict(fits, 1.0, "x")))
            places[need, hit.id] = Placed(hit.id, at, hit, "vi", row(standing), 0.0, hit.fused)
    folds = {need: fold_of(str(need), FOLDS) for need in range(NEEDS)}
    return Ground(Labels(tuple(labels), folds, len(labels), len(labels)), places, "m")


PUBLIC = {
    "public": [Example("vi-vi", row(s), s > 4) for s in np.linspace(0.5, 7.5, 80)],
}  # fmt: skip


def test_bands_that_win_on_judgements_and_lose_nowhere_go_live():
    found = trials.bands(ground(), GLOOMY, PUBLIC, now=NOON)
    assert (found.state, found.reason) == (VersionState.LIVE, VersionReason.WON)
    assert found.metrics["held_back"]["n"] == NEEDS
    assert Fit.read(found.payload).n == NEEDS


def test_bands_that_public_questions_contradict_are_refused_however_much_they_win():
    found = trials.bands(ground(turned=True), SHIPPED, PUBLIC, now=NOON)
    assert found.metrics["held_back"]["low"] > 0
    assert (found.state, found.reason) == (VersionState.REFUSED, VersionReason.LOSES_PUBLIC)
    assert found.metrics["public"]["public"]["low"] < -0.01


def test_a_running_fit_is_compared_as_if_it_had_not_seen_what_is_held_back():
    on = ground()
    live = Fit.read(trials.bands(on, GLOOMY, PUBLIC, now=NOON).payload)

    again = trials.bands(replace(on, before=on.labels), live, PUBLIC, now=NOON)

    assert (again.state, again.reason) == (VersionState.REFUSED, VersionReason.NO_GAIN)
    assert again.metrics["held_back"]["mean"] == 0.0


def test_without_public_questions_a_winner_waits():
    found = trials.bands(ground(), GLOOMY, {}, now=NOON)
    assert (found.state, found.reason) == (VersionState.CANDIDATE, VersionReason.NOT_COMPARED)


@pytest.mark.parametrize(
    ("low", "expected"),
    [
        (0.0, (VersionState.LIVE, VersionReason.WON)),
        (-0.02, (VersionState.REFUSED, VersionReason.LOSES_PUBLIC)),
    ],
)
def test_weights_that_put_right_above_wrong_go_live_unless_public_collections_lose(low, expected):
    """The second of two hits fits where officers say the first does not: words tell them apart."""
    on = ground(turned=True, hits=2)
    on = replace(
        on,
        labels=replace(on.labels, each=tuple(
            replace(one, verdict=Verdict(one.solution % 2 == 1, 1.0, "x")) for one in on.labels.each
        )),
    )  # fmt: skip

    found = trials.weights(on, FIXED, lambda _: {"public": Gain(low, low, low, 9)})

    assert Weights.read(found.payload).words > FIXED.words
    assert found.metrics["held_back"]["mean"] > 0.3
    assert (found.state, found.reason) == expected
