"""What is embedded and indexed of a record: composed from the fields its reader may read.

Two texts are made of each record: the public one and the members' one. A search uses only the
text its asker may read, else ranking itself would tell a stranger what a page hides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matchmaker.domain.drafts import Performance, Requirement
from matchmaker.domain.vocabulary import Language, Level, Operator, RecordKind

#: The levels that are ever indexed, and with them the shelves that exist.
INDEXED_LEVELS = (Level.PUBLIC, Level.MEMBERS)
INDEXED_KINDS = (
    RecordKind.NEED, RecordKind.SOLUTION, RecordKind.ORGANISATION, RecordKind.EXPERT,
)  # fmt: skip

#: Reading order: what says most comes first, since encoders read a limited window.
_ORDER: Mapping[RecordKind, tuple[str, ...]] = {
    RecordKind.NEED: (
        "title", "summary", "problem", "requirements", "situation", "constraints",
        "expected_benefit", "tried_before", "keywords",
    ),
    RecordKind.SOLUTION: (
        "title", "summary", "description", "problem_solved", "performances", "advantage",
        "limits", "trl_evidence", "reference_cases", "support", "keywords",
    ),
    RecordKind.ORGANISATION: (
        "name_vi", "name_en", "short_name", "about_vi", "about_en", "certificates", "experts",
    ),
    # What an expert can do, never who he is: a name has no meaning to match by.
    RecordKind.EXPERT: ("topics", "techniques"),
}  # fmt: skip


@dataclass(frozen=True)
class Passage:
    """A field's text as its reader may see it; quotes are cut from these, word for word."""

    field: str
    text: str


@dataclass(frozen=True)
class Recipe:
    """What goes on a shelf for one record at one level."""

    title: str
    body: str
    language: Language

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.body}" if self.body else self.title


def passages(kind: RecordKind, readable: Mapping[str, Any]) -> list[Passage]:
    """The texts of a record in reading order; empty fields give none."""
    return [
        Passage(field, line)
        for field in _ORDER[kind]
        for line in _lines(readable.get(field))
        if line.strip()
    ]


def compose(kind: RecordKind, readable: Mapping[str, Any]) -> Recipe:
    """The text to index; the translation follows the original, so both languages find it."""
    parts = passages(kind, readable)
    title = parts[0].text if parts else ""
    body = [part.text for part in parts[1:]]
    translation = readable.get("translation") or {}
    body += [translation[name] for name in _ORDER[kind] if translation.get(name)]
    language = Language(readable.get("language", Language.VI))
    return Recipe(title, "\n".join(body), language)


def _lines(value: Any) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, str):
        yield value
        return
    for item in value:
        if isinstance(item, Requirement):
            yield describe_requirement(item)
        elif isinstance(item, Performance):
            yield describe_performance(item)
        else:
            yield str(item)


def describe_requirement(row: Requirement) -> str:
    """The demand as one line; the measured part follows where the text does not hold it."""
    if not row.is_measurable or row.value is None:
        return row.text
    sign = {Operator.AT_LEAST: "≥", Operator.AT_MOST: "≤", Operator.EQUAL: "="}
    if row.operator is Operator.BETWEEN:
        measured = f"{row.indicator} {number(row.value)}–{number(row.value_max)} {row.unit}"
    else:
        measured = f"{row.indicator} {sign[row.operator]} {number(row.value)} {row.unit}"  # type: ignore[index]
    return row.text if number(row.value) in row.text else f"{row.text} ({measured.strip()})"


def describe_performance(row: Performance) -> str:
    """ "năng suất: 1,2 tấn/giờ (hạt cỡ 180–200)"."""
    figure = number(row.value)
    if row.value_max is not None:
        figure = f"{figure}–{number(row.value_max)}"
    measured = f"{figure} {row.unit}".strip()
    line = f"{row.indicator}: {measured}" if measured else row.indicator
    return f"{line} ({row.condition})" if row.condition else line


def number(value: float | None) -> str:
    """A figure in Vietnamese notation, without needless zeros: 1.5 is "1,5"."""
    if value is None:
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")
