"""What a question scores in general: by it languages are levelled and hits are judged."""

import pytest

from matchmaker.domain.ranking import calibration
from matchmaker.domain.vocabulary import Band
from matchmaker.search.background import Background, sample
from matchmaker.search.shelf import Candidate

OWN = [(0.86 + 0.001 * i, 0.30) for i in range(20)]
OTHER = [(0.85 + 0.0005 * i, 0.0) for i in range(20)]


def hit(key: int, standing: float | None) -> Candidate:
    return Candidate(key, 0.9, 0.9, 0.0, "vi", standing)


def test_a_text_of_the_other_language_is_not_held_back_by_words_it_cannot_share() -> None:
    general = Background("vi", {"vi": OWN, "en": OTHER})
    best_own, best_other = 0.879 + 0.2 * 0.30, 0.8595
    assert general.level(best_own, "vi") == best_own
    assert general.level(best_other, "en") > best_other + 0.05


def test_levelling_keeps_the_order_within_a_language() -> None:
    general = Background("vi", {"vi": OWN, "en": OTHER})
    levelled = [general.level(dense, "en") for dense, _ in OTHER]
    assert levelled == sorted(levelled)


@pytest.mark.parametrize("few", [0, 1, 9])
def test_a_handful_of_the_other_language_levels_nothing(few: int) -> None:
    assert Background("vi", {"vi": OWN, "en": OTHER[:few]}).level(0.86, "en") == 0.86


def test_texts_all_alike_give_finite_standings() -> None:
    general = Background("vi", {"vi": [(0.8, 0.1)] * 12})
    assert general.standing(0.82) == 0.0


def test_a_shelf_too_small_to_tell_calls_nothing_strong_or_weak() -> None:
    assert Background("vi", {"vi": OWN[:9]}).standing(0.95) is None
    assert calibration.probabilities([hit(1, None)]) == [calibration.UNKNOWN]
    assert calibration.band(calibration.UNKNOWN) is Band.PLAUSIBLE


def test_a_hit_far_above_the_rest_is_strong_and_the_rest_weak() -> None:
    chances = calibration.probabilities([hit(1, 7.0), hit(2, 2.0), hit(3, 1.5)])
    assert [calibration.band(p) for p in chances] == [Band.STRONG, Band.WEAK, Band.WEAK]


def test_when_nothing_stands_out_nothing_fits() -> None:
    chances = calibration.probabilities([hit(n, 2.5 - 0.1 * n) for n in range(10)])
    assert {calibration.band(p) for p in chances} == {Band.WEAK}


def test_samples_are_spread_evenly_and_do_not_hang_on_the_order_of_arrival() -> None:
    forth = {key: "vi" if key % 3 else "en" for key in range(2_000)}
    back = dict(reversed(forth.items()))
    assert sample(forth) == sample(back)
    assert {language: len(ids) for language, ids in sample(forth).items()} == {
        "vi": 200, "en": 200,
    }  # fmt: skip
    assert max(sample(forth)["vi"]) > 1_900
