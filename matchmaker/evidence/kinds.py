"""The nouns of the evidence floor. Codes and facts only: the words for people live elsewhere."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Operator = Literal[">=", "<=", "=", "between"]
LanguageCode = Literal["vi", "en"]

#: Cosine rows of a dense model: one row per requirement text, one column per sentence.
Similarity = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[float]]]


class Verdict(StrEnum):
    MET = "met"
    PARTLY = "partly"
    NOT_SAID = "not_said"
    CONTRADICTED = "contradicted"


class QuestionCode(StrEnum):
    """What a curator should ask the solution's owner next."""

    NONE_NEEDED = "none_needed"
    CONFIRM_VALUE = "confirm_value"
    ASK_VALUE = "ask_value"
    ASK_CONDITIONS = "ask_conditions"
    ASK_IF_ADAPTABLE = "ask_if_adaptable"
    ASK_WHETHER = "ask_whether"
    CONFIRM_MEANING = "confirm_meaning"


@dataclass(frozen=True)
class Requirement:
    """One line of a need. Where it can be measured: indicator, operator, value and unit.

    Without them the text itself is read for a number; `value_max` goes with "between" only.
    """

    text: str
    must: bool = True
    indicator: str | None = None
    operator: Operator | None = None
    value: float | None = None
    value_max: float | None = None
    unit: str | None = None
    language: LanguageCode = "vi"


@dataclass(frozen=True)
class Passage:
    """A field of the solution as its reader may see it; nothing else is ever quoted."""

    field: str
    text: str


@dataclass(frozen=True)
class Assessment:
    """The verdict on one requirement and what it rests on.

    `quote` is `passage.text[start:start + len(quote)]` of the passage whose field is `field`, and
    `found`, the measured text, is a substring of it. All four are None when nothing was said.
    `words` are the words of the quote that speak of the requirement, as they stand there.
    `facts` holds codes and figures: "reason", "needed", "converted", "condition"...
    """

    requirement: Requirement
    verdict: Verdict
    field: str | None = None
    quote: str | None = None
    start: int | None = None
    found: str | None = None
    words: tuple[str, ...] = ()
    question: QuestionCode = QuestionCode.ASK_WHETHER
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict)
