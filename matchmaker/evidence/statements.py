"""The solution read once: its sentences, their quantities, and what each quantity is a value of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from matchmaker.domain.text import guess_language, sentences
from matchmaker.evidence.kinds import Passage
from matchmaker.evidence.lexicon import DURATION, INLET, OUTLET, SAVINGS
from matchmaker.evidence.numbers import MOST, Quantity, quantities, spans
from matchmaker.evidence.reading import Reading, read
from matchmaker.evidence.terms import Term, Terms, terms

_BREAK = re.compile(
    r"[,;:.()]\s|[()]|\s(?:và|va|and|with|với|voi|tại|at|when|khi|cho|for|while|on|under|in|across|after|trên|rồi|then)\s"
)
_JOINS = re.compile(r",\s|\s(?:and|và|with|với|but|nhưng)\s")
_INLET = re.compile(
    r"đầu vào|nước vào|trước (?:khi )?xử lý|ban đầu|trước đây|hiện nay|trước khi|dau vao|truoc xu ly|inlet|influent"
    r"|\braw\b|before|incoming|previously|initial|thay vì|thay cho|so với|instead of|compared with|"
    r"compared to|against|thông thường|truyền thống|conventional|traditional|manual(?:ly)?\b|thủ công"
)
_OUTLET = re.compile(r"đầu ra|sau (?:khi )?xử lý|dau ra|sau xu ly|outlet|effluent|after|treated")
#: Words after a number that can still name it: "98 % accuracy", "24 tháng bảo hành".
_POST_WORDS, _CLOSE_WORDS = 4, 2
#: "COD 50 mg/l, after treatment 20 mg/l" goes on with the same thing; a condition does not.
_GOES_ON = re.compile(
    r"\s*(?:,|;|/|là\b|la\b|is\b|và\b|va\b|and\b|hoặc\b|or\b)(?!.*(?:\(|\b(?:trong|tại|ở|khi|at|in|from)\b))",
    re.DOTALL,
)


@dataclass(frozen=True)
class Value:
    """A quantity with the words near it and the measures it may be a value of.

    `inlet`: of what comes in, or of the old way; `aside`: in brackets, so rather a condition.
    """

    quantity: Quantity
    near: Terms
    owners: frozenset[str]
    inlet: bool
    aside: bool = False

    @cached_property
    def says_more(self) -> bool:
        """Whether words beside the measure say what it is a value of."""
        return any(t.weight >= 1 and not t.measures for t in self.near.items)


@dataclass(frozen=True)
class Statement:
    """A sentence of a passage; `start` is its offset there, and `text` is an exact piece of it."""

    passage: Passage
    start: int
    text: str
    language: str
    reading: Reading
    terms: Terms
    values: tuple[Value, ...]


def statements(passages: Sequence[Passage]) -> list[Statement]:
    """Read all passages, sentence by sentence, in order."""
    return [statement for passage in passages for statement in _of_passage(passage)]


# A solution is held against many needs: it is read once, not once for each.
@lru_cache(maxsize=4_000)
def _of_passage(passage: Passage) -> tuple[Statement, ...]:
    found: list[Statement] = []
    language = guess_language(passage.text)
    budget = MOST
    for sentence in sentences(passage.text):
        statement = _statement(passage, sentence.start, sentence.text, language, budget)
        budget = max(0, budget - len(statement.values))
        found.append(statement)
    return tuple(found)


def _statement(passage: Passage, start: int, text: str, language: str, budget: int) -> Statement:
    reading = read(text)
    measured = quantities(reading, language, most=budget)
    words = terms(reading, language, spans(measured))
    return Statement(
        passage, start, text, language, reading, words, _values(reading, measured, words)
    )


def _values(reading: Reading, measured: Sequence[Quantity], words: Terms) -> tuple[Value, ...]:
    found: list[Value] = []
    taken = 0
    for number, quantity in enumerate(measured):
        limit = measured[number + 1].start if number + 1 < len(measured) else len(reading.plain)
        value, taken = _value(reading, quantity, words, taken, limit, found)
        found.append(value)
    return tuple(found)


def _value(
    reading: Reading, quantity: Quantity, words: Terms, taken: int, limit: int, found: list[Value]
) -> tuple[Value, int]:
    """One value, and up to where the words before the next one are taken."""
    plain = reading.plain
    before = words.within(taken, quantity.start)
    stop = _BREAK.search(plain, quantity.end, limit)
    behind = words.within(quantity.unit_start, stop.start() if stop else limit)
    behind = behind.holding(behind.items[:_POST_WORDS])
    lead = plain[taken : quantity.start]
    inlet = bool(_INLET.search(lead)) and not _OUTLET.search(lead)
    ahead = _measures(before, lead, taken)
    after = next((t for t in behind.items[:_CLOSE_WORDS] if t.measures - {SAVINGS}), None)
    end = quantity.end
    if (
        ahead
        and after
        and _JOINS.search(lead, ahead[-1].end - taken)
        and _close(plain, quantity, after)
    ):
        ahead = []
    if after is not None and not ahead:
        owners, end = after.measures, max(end, after.end)
        near = words.holding((*_tail(before, lead, taken), *behind.items))
    else:
        owners = frozenset(m for t in ahead for m in t.measures)
        near = words.holding((*before.items, *behind.items))
    if not owners and found and _goes_on(lead, found[-1]) and not _telling_words(before):
        previous = found[-1]
        owners = previous.owners
        near = words.holding((*previous.near.items, *near.items))
        inlet = inlet or (previous.inlet and not _OUTLET.search(lead))
    aside = plain.rfind("(", 0, quantity.start) > plain.rfind(")", 0, quantity.start)
    return Value(quantity, near, owners - {SAVINGS}, inlet, aside), end


def _goes_on(lead: str, previous: Value) -> bool:
    """Whether a value without a name is one more of the thing named before it."""
    return previous.quantity.outdated or bool(_GOES_ON.match(lead))


def _measures(before: Terms, lead: str, taken: int) -> list[Term]:
    """The measures named in the clause that leads to the quantity, else the last one named."""
    named = _heads([t for t in before.items if t.measures - {SAVINGS}], english=before.english)
    cut = taken + _last_break(lead)
    return [t for t in named if t.start >= cut] or named[-1:]


def _heads(named: list[Term], *, english: bool) -> list[Term]:
    """Of measures side by side, the one that names the value: "tỷ lệ phát hiện | lỗi" is a rate found."""
    kept: list[Term] = []
    for term in named:
        if kept and term.start - kept[-1].end == 1:
            if (english and DURATION not in term.measures) or DURATION in kept[-1].measures:
                kept[-1] = term
            continue
        kept.append(term)
    return kept


def _last_break(lead: str) -> int:
    cut = 0
    for match in _BREAK.finditer(lead):
        cut = match.end()
    return cut


def _close(plain: str, quantity: Quantity, term: Term) -> bool:
    """Whether the term follows at once: "98 % accuracy", not "5 t/h at an accuracy of"."""
    return term.start - quantity.end <= 2 or not re.search(r"\w", plain[quantity.end : term.start])


def _tail(before: Terms, lead: str, taken: int) -> tuple[Term, ...]:
    """The terms of the clause before a quantity whose name comes after it."""
    cut = taken + _last_break(lead)
    return tuple(t for t in before.items if t.start >= cut and not t.measures)


def _telling_words(words: Terms) -> bool:
    """Whether any term says what is measured: in, out and generic words do not."""
    return any(t.weight >= 1 and not {INLET, OUTLET} & t.keys for t in words.items)
