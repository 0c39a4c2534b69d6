"""The verdicts against the labels. Floors stand a little under what was measured; see `judged`."""

from collections import Counter

from judged import fresh, pairs, score
from unrelated import judged

from matchmaker.evidence import Verdict


def test_pairs_cover_both_languages_and_every_verdict():
    everything = pairs()
    verdicts = Counter(p.verdict for p in everything)
    languages = Counter(p.requirement.language for p in everything)

    assert len(everything) >= 150
    assert min(verdicts[v] for v in Verdict) >= 13
    assert min(languages["vi"], languages["en"]) >= 50
    assert sum(p.crosses for p in everything) >= 25


def test_verdicts_agree_with_the_labels():
    result = score(pairs())

    assert result.accuracy >= 0.96
    assert result.precision[Verdict.CONTRADICTED] >= 0.98
    assert result.precision[Verdict.MET] >= 0.98
    assert result.precision[Verdict.NOT_SAID] >= 0.78


def test_verdicts_agree_on_the_pairs_never_tuned_on():
    result = score([p for p in pairs() if p.held_out])

    assert result.accuracy >= 0.88
    assert result.precision[Verdict.CONTRADICTED] >= 0.95
    assert result.precision[Verdict.MET] >= 0.95


def test_verdicts_agree_on_units_and_notations_of_vietnamese_papers():
    result = score(fresh())

    assert result.count >= 60
    assert result.accuracy >= 0.91
    assert result.precision[Verdict.CONTRADICTED] == 1
    assert result.precision[Verdict.MET] == 1


def test_solutions_that_have_nothing_to_do_with_a_demand_say_nothing_of_it():
    told = Counter(assessment.verdict for _, _, assessment in judged())

    assert told.total() >= 60
    assert told[Verdict.NOT_SAID] >= 0.95 * told.total()


def test_solutions_of_the_same_trade_seldom_speak_of_anothers_demand():
    told = Counter(assessment.verdict for _, _, assessment in judged(2, near=True))

    assert told.total() >= 100
    assert told[Verdict.NOT_SAID] >= 0.94 * told.total()
