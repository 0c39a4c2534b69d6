"""Requirements with a limit: the right figure of the right thing, or no verdict."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from matchmaker.evidence import cues
from matchmaker.evidence.compare import Comparison, Outcome, compare
from matchmaker.evidence.kinds import Assessment, QuestionCode, Verdict
from matchmaker.evidence.lexicon import DURATION, lexicon
from matchmaker.evidence.needs import Limit, Wanted
from matchmaker.evidence.statements import Statement, Value
from matchmaker.evidence.terms import Terms, coverage, words_of
from matchmaker.evidence.units import line, telling

#: Below _WEAK a figure is of something else; below _SURE nothing firm is said of it.
_WEAK, _SURE = 0.4, 0.62
#: Figures supported this nearly as well as the best one have a say too.
_RIVAL = 0.05
_INSIDE = re.compile(
    r"/\((?:\w*litre|\w*metre\*\*3|norm_cubic_metre|\w*gram|metric_ton|quintal)\)$"
)
_ACCURACY, _TOLERANCE = "measure.accuracy", "measure.tolerance"
_MONEY = {"vnd", "usd", "eur"}
#: What a word elsewhere in the sentence counts, beside 1 for one next to the figure.
_AROUND = 0.8
#: The most a figure in brackets counts, or one of the right measure but of other things.
_ASIDE = 0.5
#: A figure of the right measure or unit whose words all speak of something else: of another thing.
_ELSE = 0.3
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
    asked = f"{wanted.requirement.text} {wanted.requirement.indicator}".lower()
    covering = bool(_USE.search(asked))
    for statement in said:
        for value in statement.values:
            if value.quantity.outdated or value.quantity.change != wanted.change:
                continue
            # Units are converted for the few figures that are of the wanted thing.
            support = _support(wanted, statement, value, limit)
            if support < _WEAK:
                continue
            comparison = compare(limit, value.quantity, covering=covering)
            if comparison.outcome is Outcome.DIFFERENT_UNIT and (
                support < _SURE or not _akin(wanted, value, limit)
            ):
                continue
            yield _Candidate(statement, value, support, comparison)


def _akin(wanted: Wanted, value: Value, limit: Limit) -> bool:
    """Whether another unit still speaks of the wanted thing: tonnes a shift for tonnes an hour."""
    given = value.quantity.expression
    if given is None or limit.expression is None or wanted.measure is None:
        return False
    if not value.owners & wanted.measures:
        return False
    heads = given.rsplit("/(", 1)[0], limit.expression.rsplit("/(", 1)[0]
    if "/" in given or "/" in limit.expression:
        both = ("/" in given) == ("/" in limit.expression)
        # Milligrams a litre are no tonnes an hour: the one is in something, the other by the hour.
        inside = bool(_INSIDE.search(given)) == bool(_INSIDE.search(limit.expression))
        return both and inside and line(*heads) is not None
    return set(heads) <= _MONEY


def _support(wanted: Wanted, statement: Statement, value: Value, limit: Limit) -> float:
    """How surely the value is one of the wanted indicator, 0 to 1."""
    if value.inlet != wanted.inlet:
        return 0.0
    measures = _kin(wanted.measures, limit.expression)
    shared = _kin(value.owners, value.quantity.expression) & measures
    if measures and value.owners and not shared:
        return 0.0
    objects, codes = wanted.objects, wanted.object_codes
    if codes.items and coverage(codes, value.near) < 1:
        return 0.0
    near = coverage(objects, value.near)
    around = 1.0 if near == 1 else coverage(objects, statement.terms)
    agreement = max(near, _AROUND * around)
    if not measures:
        support = agreement if near > 0 or around == 1 else 0.0
    elif shared:
        support = _named(shared, agreement, value, objects)
    else:
        support = _unnamed(near, agreement, value, limit, alone=not objects.items)
    return min(support, _ASIDE) if value.aside else support


def _kin(measures: frozenset[str], expression: str | None) -> frozenset[str]:
    """An accuracy in millimetres is an error; one in percent is a share that is right."""
    if _ACCURACY in measures and expression not in (None, "percent"):
        return measures | {_TOLERANCE}
    return measures


def _named(shared: frozenset[str], agreement: float, value: Value, objects: Terms) -> float:
    """The figure is of the wanted measure: is it of the wanted thing, too?"""
    more = value.says_more
    if not shared <= lexicon().shared:
        # Across languages the lexicon does not know most things: none in common says nothing.
        foreign = objects.english != value.near.english
        other = objects.items and more and not agreement and not foreign
        return _ELSE if other else 0.7 + 0.3 * agreement
    if not more:
        # "Accuracy 98 %" and no word of what else it may be the accuracy of.
        agreement = max(agreement, 0.55 if objects.items else 1.0)
    elif not objects.items:
        agreement = 0.3 if shared == {DURATION} else 0.5
    return 0.2 + 0.8 * agreement


def _unnamed(near: float, agreement: float, value: Value, limit: Limit, *, alone: bool) -> float:
    """The figure has no name: its unit may be name enough, or the thing may."""
    units = limit.expression, value.quantity.expression
    if all(unit is not None and telling(unit) for unit in units):
        return 0.65 if agreement > 0 else 0.45 if alone else _ELSE
    if near == 1 and all(unit is not None and "/" in unit for unit in units):
        return 0.65  # "bụi còn 32 mg/Nm³": the thing by its name, in a unit made for it
    return 0.5 * near if near >= _AROUND else 0.0


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
        words=words_of(statement.reading, statement.terms, wanted.terms),
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
    return _figure(low) if low == high else f"{_figure(low)}..{_figure(high)}"


def _figure(value: float) -> str:
    """To six digits and never with an exponent: nobody reads 2.65e+07."""
    return f"{Decimal(f'{value:.6g}'):f}"


def _needed(limit: Limit) -> str:
    """The limit without words: ">= 5 tấn/giờ", "6..9"."""
    low, high = limit.low / limit.scale, limit.high / limit.scale
    if limit.operator == "between":
        figure = f"{_figure(low)}..{_figure(high)}"
    else:
        figure = f"{limit.operator} {_figure(high if limit.operator == '<=' else low)}"
    return f"{figure} {limit.unit_text}".strip()
