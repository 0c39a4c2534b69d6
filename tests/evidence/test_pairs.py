"""The verdicts against the labels. Floors stand a little under what was measured; see `judged`."""

from collections import Counter

from judged import pairs, score

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

    assert result.accuracy >= 0.94
    assert result.precision[Verdict.CONTRADICTED] >= 0.98
    assert result.precision[Verdict.MET] >= 0.98
    assert result.precision[Verdict.NOT_SAID] >= 0.78


def test_verdicts_agree_on_the_pairs_never_tuned_on():
    result = score([p for p in pairs() if p.held_out])

    assert result.accuracy >= 0.88
    assert result.precision[Verdict.CONTRADICTED] >= 0.95
    assert result.precision[Verdict.MET] >= 0.95
