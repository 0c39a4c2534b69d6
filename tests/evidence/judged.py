"""The labelled pairs, and how well the verdicts agree with them.

`python tests/evidence/judged.py` prints the figures; with `-v`, the misjudged pairs that are not
held out.
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matchmaker.domain.text import guess_language
from matchmaker.evidence import Assessment, Passage, Requirement, Verdict, assess

_FILE = Path(__file__).with_name("pairs.toml")
#: Written after the rules, measured once as they stood, and mended for since.
_FRESH = Path(__file__).with_name("fresh.toml")


@dataclass(frozen=True)
class Pair:
    requirement: Requirement
    sentence: str
    verdict: Verdict
    held_out: bool

    @property
    def crosses(self) -> bool:
        return guess_language(self.sentence) != self.requirement.language


def fresh() -> list[Pair]:
    data = tomllib.loads(_FRESH.read_text(encoding="utf-8"))["pairs"]
    return [_pair(entry, number=1) for entry in data]


def pairs() -> list[Pair]:
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))["pairs"]
    return [_pair(entry, number) for number, entry in enumerate(data, start=1)]


def _pair(entry: dict[str, Any], number: int) -> Pair:
    structured: dict[str, Any] = {}
    if "n" in entry:
        indicator, operator, *values, unit = entry["n"]
        structured = {
            "indicator": indicator,
            "operator": operator,
            "value": values[0],
            "unit": unit,
        }
        if operator == "between":
            structured["value_max"] = values[1]
    requirement = Requirement(entry["r"], language=entry["l"], **structured)
    return Pair(requirement, entry["s"], Verdict(entry["v"]), number % 3 == 0)


def judge(pair: Pair) -> Assessment:
    return assess([pair.requirement], [Passage("description", pair.sentence)])[0]


@dataclass(frozen=True)
class Score:
    count: int
    accuracy: float
    precision: dict[Verdict, float]
    recall: dict[Verdict, float]


def score(chosen: Sequence[Pair]) -> Score:
    told = [judge(p).verdict for p in chosen]
    right = Counter(p.verdict for p, v in zip(chosen, told, strict=True) if p.verdict is v)
    given, wanted = Counter(told), Counter(p.verdict for p in chosen)
    return Score(
        len(chosen),
        right.total() / len(chosen),
        {v: right[v] / given[v] if given[v] else 1.0 for v in Verdict},
        {v: right[v] / wanted[v] if wanted[v] else 1.0 for v in Verdict},
    )


def _report(name: str, chosen: Sequence[Pair]) -> None:
    result = score(chosen)
    figures = "  ".join(
        f"{v.value} P {result.precision[v]:.3f} R {result.recall[v]:.3f}" for v in Verdict
    )
    sys.stdout.write(f"{name:10} n={result.count:3} accuracy {result.accuracy:.3f}  {figures}\n")


if __name__ == "__main__":
    everything = pairs()
    _report("all", everything)
    _report("tuned on", [p for p in everything if not p.held_out])
    _report("held out", [p for p in everything if p.held_out])
    _report("crossing", [p for p in everything if p.crosses])
    _report("fresh", fresh())
    if "-v" in sys.argv:
        for pair in [*everything, *fresh()]:
            told = judge(pair)
            if not pair.held_out and told.verdict is not pair.verdict:
                line = (
                    f"{pair.verdict} but {told.verdict}: {pair.requirement.text} | {pair.sentence}"
                )
                sys.stdout.write(f"{line} | {dict(told.facts)}\n")
