"""Requirements in words alone: the sentence that speaks of the same thing, and which way."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matchmaker.evidence import cues
from matchmaker.evidence.kinds import Assessment, QuestionCode, Verdict
from matchmaker.evidence.needs import Wanted
from matchmaker.evidence.sentences import clause_spans
from matchmaker.evidence.statements import Statement
from matchmaker.evidence.terms import Term, Terms, coverage, matched, words_of

#: Shares of the wanted words: from _FULL a sentence says it, from _SOME it says something of it.
_FULL, _SOME = 0.72, 0.5
#: A denial must hold nearly all the wanted words, for "contradicted" has to be right.
_DENIED = 0.66
#: A negation reaches this many terms ahead.
_SCOPE = 6
#: With a dense model: a cosine this far above the middle sentence, and the best of all, is a hint.
_LEAD, _FLOOR = 0.04, 0.8


@dataclass(frozen=True)
class _Match:
    statement: Statement
    cover: float
    codes: bool


def assess_worded(
    wanted: Wanted, said: Sequence[Statement], cosines: Sequence[float] | None
) -> Assessment:
    """The verdict of the sentence that holds most of the wanted words; cosines only hint."""
    matches = [_match(wanted, s) for s in said]
    best = max(matches, key=lambda m: (m.codes, m.cover), default=None)
    if best is not None and best.cover >= _SOME and best.codes:
        verdict, question, reason = _verdict(wanted, best)
        return _told(wanted, best.statement, verdict, question, reason)
    hint = _hint(said, cosines)
    if hint is not None and (best is None or not wanted.codes.items or best.codes):
        return _told(wanted, hint, Verdict.PARTLY, QuestionCode.CONFIRM_MEANING, "similar_meaning")
    return Assessment(
        wanted.requirement,
        Verdict.NOT_SAID,
        question=QuestionCode.ASK_WHETHER,
        facts={"reason": "no_sentence"},
    )


def _match(wanted: Wanted, statement: Statement) -> _Match:
    codes, words = wanted.codes, statement.terms
    return _Match(
        statement, coverage(wanted.terms, words), not codes.items or coverage(codes, words) == 1
    )


def _denial(wanted: Terms, statement: Statement) -> tuple[bool, float]:
    """Whether a clause negates wanted words, and the share of them that the clause holds."""
    plain = statement.reading.plain
    negated, most = False, 0.0
    for start, end in clause_spans(plain):
        words = statement.terms.within(start, end)
        for at, to in cues.negations(plain, statement.terms, start, end):
            denies = cues.denies_before(plain, to, end)
            if _reaches(wanted, words, at, to, denies=denies):
                negated = True
                most = max(most, coverage(wanted, words))
    return negated, most


def _reaches(wanted: Terms, words: Terms, at: int, to: int, *, denies: bool) -> bool:
    """Whether a negation takes back wanted words: those after it, or those named before it."""
    after = words.only(lambda t: t.start >= to)
    after = replace(after, items=after.items[:_SCOPE])
    before = words.only(lambda t: t.end <= at)
    return _solid(matched(wanted, after)) or (denies and _solid(matched(wanted, before)))


def _solid(terms: Sequence[Term]) -> bool:
    return any(t.weight >= 1 for t in terms)


def _verdict(wanted: Wanted, best: _Match) -> tuple[Verdict, QuestionCode, str]:
    plain = best.statement.reading.plain
    negated, denied = _denial(wanted.terms, best.statement)
    if negated != wanted.absent:
        share = denied if negated else best.cover
        if share >= _DENIED and not cues.put_off(plain) and not _softened(plain):
            return Verdict.CONTRADICTED, QuestionCode.ASK_IF_ADAPTABLE, "denied"
        return Verdict.PARTLY, QuestionCode.ASK_IF_ADAPTABLE, "partly_denied"
    if cues.put_off(plain):
        return Verdict.PARTLY, QuestionCode.ASK_IF_ADAPTABLE, "not_yet"
    if cues.limited(_telling_clause(wanted, best.statement)):
        return Verdict.PARTLY, QuestionCode.ASK_CONDITIONS, "limited"
    if best.cover >= _FULL:
        return Verdict.MET, QuestionCode.NONE_NEEDED, "same_words"
    return Verdict.PARTLY, QuestionCode.CONFIRM_MEANING, "some_words"


def _telling_clause(wanted: Wanted, statement: Statement) -> str:
    """The clause that holds most of the wanted words."""
    plain = statement.reading.plain
    start, end = max(
        clause_spans(plain), key=lambda span: coverage(wanted.terms, statement.terms.within(*span))
    )
    return plain[start:end]


def _softened(plain: str) -> bool:
    """A denial with a way out: "chưa có nhưng có thể bổ sung"."""
    return bool(
        re.search(
            r"có thể|co the|can be|could|on request|theo yêu cầu|một phần|partly|fully", plain
        )
    )


def _hint(said: Sequence[Statement], cosines: Sequence[float] | None) -> Statement | None:
    if not cosines or len(cosines) != len(said):
        return None
    ranked = sorted(range(len(said)), key=lambda i: (-cosines[i], i))
    middle = sorted(cosines)[len(cosines) // 2]
    best = ranked[0]
    if cosines[best] < _FLOOR or cosines[best] - middle < _LEAD:
        return None
    return said[best]


def _told(
    wanted: Wanted, statement: Statement, verdict: Verdict, question: QuestionCode, reason: str
) -> Assessment:
    return Assessment(
        wanted.requirement,
        verdict,
        field=statement.passage.field,
        quote=statement.text,
        start=statement.start,
        words=words_of(statement.reading, statement.terms, wanted.terms),
        question=question,
        facts={"reason": reason},
    )
