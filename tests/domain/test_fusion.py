"""What a question's terms count for, before any text is looked at."""

import pytest

from matchmaker.domain.ranking import constants, fusion


def test_each_repeat_counts_less_than_the_one_before():
    once = fusion.counted(["sensor", "pump"])
    often = [fusion.counted(["sensor"] * n)["sensor"] for n in (1, 2, 3, 1_000)]

    assert once == {"sensor": 1.0, "pump": 1.0}
    steps = [b - a for a, b in zip(often, often[1:], strict=False)]
    assert steps[0] > steps[1] > 0
    assert often[-1] < constants.REPEATS + 1


def test_a_pair_counts_less_than_a_word_however_often_both_come():
    found = fusion.counted(["hat_dieu", "hat", "hat_dieu", "hat"])

    assert found["hat_dieu"] == pytest.approx(constants.PAIRS * found["hat"])


def test_a_long_question_is_asked_by_its_heaviest_terms():
    weights = {f"t{n:03}": float(n // 2) for n in range(2 * constants.MOST_TERMS + 1)}

    found = fusion.heaviest(weights)

    assert len(found) == constants.MOST_TERMS
    assert min(found.values()) >= max(w for t, w in weights.items() if t not in found)
    # Of equal ones those first in the alphabet, however the question puts them.
    assert found == fusion.heaviest(dict(reversed(weights.items())))


def test_a_short_question_keeps_every_term():
    weights = {f"t{n}": 0.0 for n in range(constants.MOST_TERMS)}

    assert fusion.heaviest(weights) == weights
