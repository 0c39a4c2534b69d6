"""Requirements with a limit: the right figure of the right thing, or no verdict."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matchmaker.evidence import cues
from matchmaker.evidence.compare import Comparison, Outcome, compare
from matchmaker.evidence.kinds import Assessment, QuestionCode, Verdict
from matchmaker.evidence.lexicon import DURATION, SAVINGS, lexicon
from matchmaker.evidence.needs import Limit, Wanted
from matchmaker.evidence.statements import Statement, Value
from matchmaker.evidence.terms import Terms, coverage
from matchmaker.evidence.units import telling

#: Below _WEAK a figure is of something else; below _SURE nothing firm is said of it.
_WEAK, _SURE = 0.4, 0.62
#: Figures supported this nearly as well as the best one have a say too.
_RIVAL = 0.05
#: What a word elsewhere in the sentence counts, beside 1 for one next to the figure.
_AROUND = 0.8
_USE = re.compile(
    r"làm việc|works?\b|hoạt động|vận hành|dải|khoảng đo|phạm vi|chịu|điều chỉnh|range|operat|working|adjust|measur"
    r"|withstand|rated|đo được"
)


@dataclass(frozen=True)
class _Candidate:
    statement: Statement
    value: Value
    support: float
    comparison: Comparison

    @property
    def verdict(self) -> Verdict:
        match self.comparison.outcome:
            case Outcome.INSIDE:
                return Verdict.MET
            case Outcome.OUTSIDE:
                return Verdict.CONTRADICTED
            case _:
                return Verdict.PARTLY


def assess_measured(wanted: Wanted, said: Sequence[Statement], limit: Limit) -> Assessment:
    """The verdict of the best supported figure; figures that disagree give "partly"."""
    candidates = sorted(
        _candidates(wanted, said, limit),
        key=lambda c: (c.comparison.outcome is not Outcome.DIFFERENT_UNIT, c.support),
        reverse=True,
    )
    facts = {"needed": _needed(limit)}
    if not candidates:
        facts["reason"] = "no_figure"
        return Assessment(
            wanted.requirement, Verdict.NOT_SAID, question=QuestionCode.ASK_VALUE, facts=facts
        )
    best = candidates[0]
    rivals = {
        c.verdict
        for c in candidates
        if c.support >= max(_SURE, best.support - _RIVAL)
        and c.comparison.outcome is not Outcome.DIFFERENT_UNIT
    }
    return _told(wanted, best, limit, facts, disagree=len(rivals) > 1 and best.support >= _SURE)


def _candidates(wanted: Wanted, said: Iterable[Statement], limit: Limit) -> Iterable[_Candidate]:
    for statement in said:
        for value in statement.values:
            if value.quantity.outdated or value.quantity.change != wanted.change:
                continue
            covering = bool(
                _USE.search(f"{wanted.requirement.text} {wanted.requirement.indicator}".lower())
            )
            comparison = compare(limit, value.quantity, covering=covering)
            support = _support(wanted, statement, value, limit)
            if comparison.outcome is Outcome.DIFFERENT_UNIT:
                if support < _SURE or not _akin(wanted, value, limit):
                    continue
            elif support < _WEAK:
                continue
            yield _Candidate(statement, value, support, comparison)


def _akin(wanted: Wanted, value: Value, limit: Limit) -> bool:
    """Whether another unit still speaks of the wanted thing: not a bare number, not a share."""
    shares = {"percent", "permille"}
    given = value.quantity.expression
    return (
        given is not None
        and wanted.measure is not None
        and bool(value.owners & wanted.measure.measures)
        and limit.expression is not None
        and not {given, limit.expression} & shares
        and ("/" in given) == ("/" in limit.expression)
    )


def _support(wanted: Wanted, statement: Statement, value: Value, limit: Limit) -> float:
    """How surely the value is one of the wanted indicator, 0 to 1."""
    if value.inlet != wanted.inlet:
        return 0.0
    measures = wanted.measure.measures if wanted.measure else frozenset()
    objects = Terms(
        tuple(t for t in wanted.terms.items if t is not wanted.measure and t.keys != {SAVINGS}),
        wanted.terms.accented,
    )
    codes = Terms(tuple(t for t in objects.items if t.code), objects.accented)
    if codes.items and coverage(codes, value.near) < 1:
        return 0.0
    near, around = coverage(objects, value.near), coverage(objects, statement.terms)
    agreement = max(near, _AROUND * around) if objects.items else 1.0
    if not measures:
        return agreement if near > 0 or around == 1 else 0.0
    shared = value.owners & measures
    if shared and not shared <= lexicon().shared:
        return 0.7 + 0.3 * agreement
    if shared:
        # "Accuracy 98 %" and no word of what else it may be the accuracy of.
        bare = not _says_more(value)
        if not objects.items and not bare and shared == {DURATION}:
            agreement = 0.3
        return 0.2 + 0.8 * max(agreement, 0.55 if bare else 0.0)
    if value.owners:
        return 0.0
    # The figure has no name: its unit may be name enough, or the thing may.
    if limit.expression is not None and telling(limit.expression):
        return 0.65 if agreement > 0 else 0.45
    return 0.5 * near if near >= _AROUND else 0.0


def _says_more(value: Value) -> bool:
    return any(t.weight >= 1 and not t.measures for t in value.near.items)


def _told(
    wanted: Wanted, best: _Candidate, limit: Limit, facts: dict[str, str], *, disagree: bool
) -> Assessment:
    statement, quantity = best.statement, best.value.quantity
    verdict, question = best.verdict, QuestionCode.NONE_NEEDED
    reason = _reason(best, limit)
    plain = statement.reading.plain
    clause = plain[max(0, quantity.start - 60) : quantity.end + 60]
    if verdict is Verdict.PARTLY:
        question = QuestionCode.CONFIRM_VALUE
    elif verdict is Verdict.CONTRADICTED:
        question = QuestionCode.ASK_IF_ADAPTABLE
    if verdict is not Verdict.PARTLY and best.support < _SURE:
        verdict, question, reason = Verdict.PARTLY, QuestionCode.CONFIRM_VALUE, "unsure_indicator"
    elif disagree:
        verdict, question, reason = Verdict.PARTLY, QuestionCode.CONFIRM_VALUE, "figures_disagree"
    elif verdict is Verdict.MET and cues.put_off(clause):
        verdict, question, reason = Verdict.PARTLY, QuestionCode.CONFIRM_VALUE, "not_yet"
    elif verdict is Verdict.MET and cues.unproven(clause):
        verdict, question, reason = Verdict.PARTLY, QuestionCode.ASK_CONDITIONS, "unproven"
    where = cues.condition(plain, quantity.end)
    if where:
        facts["condition"] = statement.reading.exact(*where)
        if verdict is Verdict.MET:
            question = QuestionCode.ASK_CONDITIONS
    found = statement.reading.exact(quantity.start, quantity.end)
    facts |= {"reason": reason, "found": found}
    if best.comparison.outcome is not Outcome.DIFFERENT_UNIT:
        facts["converted"] = _interval(best.comparison)
        facts["unit"] = limit.unit_text
    return Assessment(
        wanted.requirement,
        verdict,
        field=statement.passage.field,
        quote=statement.text,
        start=statement.start,
        found=found,
        question=question,
        facts=facts,
    )


def _reason(best: _Candidate, limit: Limit) -> str:
    outcome = best.comparison.outcome
    if outcome is not Outcome.OUTSIDE:
        return {"inside": "within_limit"}.get(outcome.value, outcome.value)
    return "below_limit" if best.comparison.high <= limit.low / limit.scale else "above_limit"


def _interval(comparison: Comparison) -> str:
    low, high = comparison.low, comparison.high
    return f"{low:g}" if low == high else f"{low:g}..{high:g}"


def _needed(limit: Limit) -> str:
    """The limit without words: ">= 5 tấn/giờ", "6..9"."""
    low, high = limit.low / limit.scale, limit.high / limit.scale
    if limit.operator == "between":
        figure = f"{low:g}..{high:g}"
    else:
        figure = f"{limit.operator} {high if limit.operator == '<=' else low:g}"
    return f"{figure} {limit.unit_text}".strip()
