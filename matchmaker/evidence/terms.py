"""The words of a text that carry its meaning: concepts, names and codes, and other words."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matchmaker.domain.text import fold
from matchmaker.evidence.lexicon import LONGEST_FORM, SAVINGS, lexicon, stem
from matchmaker.evidence.reading import Reading

_WORD = re.compile(r"[^\W_]+")
_STOP_VI = frozenset(
    [
        "và",
        "của",
        "cho",
        "các",
        "những",
        "được",
        "là",
        "có",
        "với",
        "trong",
        "tại",
        "từ",
        "đến",
        "khi",
        "để",
        "này",
        "đó",
        "theo",
        "bằng",
        "về",
        "ra",
        "vào",
        "trên",
        "dưới",
        "phải",
        "cần",
        "yêu",
        "cầu",
        "đạt",
        "đảm",
        "bảo",
        "bảo",
        "hoặc",
        "hay",
        "một",
        "mỗi",
        "như",
        "do",
        "bởi",
        "nên",
        "thì",
        "mà",
        "rằng",
        "đã",
        "sẽ",
        "đang",
        "sau",
        "trước",
        "tối",
        "thiểu",
        "tối",
        "đa",
        "ít",
        "nhất",
        "không",
        "quá",
        "vượt",
        "hơn",
        "chưa",
        "khoảng",
        "lên",
        "xuống",
        "còn",
        "trở",
        "so",
        "chỉ",
        "cả",
        "mọi",
        "vẫn",
        "cũng",
        "việc",
        "bị",
        "qua",
        "giữa",
        "cùng",
        "ngay",
        "thể",
        "nhất",
        "nếu",
        "lại",
        "đều",
        "bên",
        "bao",
        "gồm",
        "kèm",
        "sẵn",
        "riêng",
        "mình",
        "thêm",
        "tới",
        "cách",
    ]
)
_STOP_EN = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "for",
        "and",
        "or",
        "to",
        "in",
        "on",
        "at",
        "with",
        "by",
        "from",
        "is",
        "are",
        "be",
        "been",
        "has",
        "have",
        "must",
        "should",
        "shall",
        "can",
        "will",
        "may",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "as",
        "into",
        "per",
        "than",
        "least",
        "most",
        "more",
        "less",
        "up",
        "under",
        "over",
        "within",
        "no",
        "not",
        "minimum",
        "maximum",
        "required",
        "requirement",
        "needed",
        "need",
        "needs",
        "able",
        "which",
        "who",
        "when",
        "while",
        "also",
        "each",
        "any",
        "all",
        "our",
        "we",
        "their",
        "they",
        "you",
        "your",
        "our's",
        "using",
        "use",
        "used",
        "via",
        "only",
        "if",
        "so",
        "such",
        "do",
        "does",
        "provide",
        "provides",
        "provided",
        "include",
        "includes",
        "included",
        "including",
        "available",
        "offer",
        "offers",
        "reach",
        "reaches",
        "reached",
        "expected",
        "expect",
        "achieve",
        "achieves",
        "achieved",
        "stays",
        "stay",
        "remains",
        "measured",
        "reported",
        "report",
        "around",
        "about",
        "found",
        "keep",
        "keeps",
        "make",
        "makes",
        "give",
        "gives",
        "goes",
        "go",
    ]
)
_GENERIC = frozenset(
    [
        "hệ",
        "thống",
        "thiết",
        "bị",
        "máy",
        "công",
        "nghệ",
        "giải",
        "pháp",
        "quy",
        "trình",
        "sản",
        "phẩm",
        "loại",
        "dạng",
        "mức",
        "độ",
        "tỷ",
        "lệ",
        "chỉ",
        "số",
        "giá",
        "trị",
        "khả",
        "năng",
        "chất",
        "lượng",
        "tốt",
        "cao",
        "thấp",
        "nhanh",
        "mới",
        "lớn",
        "nhỏ",
        "đơn",
        "vị",
        "dịch",
        "vụ",
        "người",
        "dùng",
        "doanh",
        "nghiệp",
        "nhà",
        "cơ",
        "sở",
        "thực",
        "hiện",
        "sử",
        "dụng",
        "hoạt",
        "động",
        "làm",
        "việc",
        "toàn",
        "bộ",
        "trực",
        "tiếp",
        "hiện",
        "system",
        "device",
        "machine",
        "technology",
        "solution",
        "process",
        "product",
        "type",
        "kind",
        "level",
        "rate",
        "value",
        "quality",
        "good",
        "high",
        "low",
        "fast",
        "new",
        "large",
        "small",
        "unit",
        "service",
        "user",
        "company",
        "customer",
        "plant",
        "equipment",
        "work",
        "full",
        "direct",
    ]
)
GENERIC_WEIGHT, WORD_WEIGHT, CONCEPT_WEIGHT, CODE_WEIGHT = 0.25, 1.0, 1.5, 2.0


@dataclass(frozen=True)
class Term:
    """A word or phrase: the concepts it may stand for, or itself, with its place in `plain`."""

    keys: frozenset[str]
    folded: frozenset[str]
    start: int
    end: int
    weight: float
    code: bool = False

    @property
    def measures(self) -> frozenset[str]:
        return frozenset(k for k in self.keys if k.startswith("measure."))


@dataclass(frozen=True)
class Terms:
    """The terms of a text in order; `accented` says whether its diacritics can be trusted."""

    items: tuple[Term, ...]
    accented: bool

    def within(self, start: int, end: int) -> "Terms":
        kept = tuple(t for t in self.items if t.start >= start and t.end <= end)
        return Terms(kept, self.accented)

    def without(self, concept: str) -> "Terms":
        return Terms(tuple(t for t in self.items if concept not in t.keys), self.accented)

    def keys(self, *, folded: bool) -> set[str]:
        return {k for t in self.items for k in (t.folded if folded else t.keys)}

    @property
    def measures(self) -> set[str]:
        return {k for t in self.items for k in t.measures} - {SAVINGS}


def terms(reading: Reading, language: str, skip: Iterable[tuple[int, int]] = ()) -> Terms:
    """Read the terms of a text; the spans to skip (its quantities) give none."""
    words = list(_WORD.finditer(reading.plain))
    hidden = _hidden(reading.plain, skip)
    forms = lexicon().forms(language, accented=reading.accented)
    shouted = reading.text.isupper()
    stems = [stem(w[0]) for w in words]
    found: list[Term] = []
    at = 0
    while at < len(words):
        if hidden[words[at].start()]:
            at += 1
            continue
        length, concepts = _longest(forms, stems, at)
        if concepts:
            start, end = words[at].start(), words[at + length - 1].end()
            found.append(Term(concepts, concepts, start, end, CONCEPT_WEIGHT))
            at += length
            continue
        term = _plain_term(reading, words[at], stems[at], language, shouted=shouted)
        if term:
            found.append(term)
        at += 1
    return Terms(tuple(found), reading.accented or language == "en")


def _hidden(plain: str, skip: Iterable[tuple[int, int]]) -> bytearray:
    hidden = bytearray(len(plain) + 1)
    for start, end in skip:
        hidden[start:end] = b"\x01" * (end - start)
    return hidden


def _longest(
    forms: dict[tuple[str, ...], frozenset[str]], stems: Sequence[str], at: int
) -> tuple[int, frozenset[str]]:
    for length in range(min(LONGEST_FORM, len(stems) - at), 0, -1):
        found = forms.get(tuple(stems[at : at + length]))
        if found:
            return length, found
    return 0, frozenset()


def _plain_term(
    reading: Reading, word: re.Match[str], stemmed: str, language: str, *, shouted: bool
) -> Term | None:
    text = word[0]
    folded = fold(text)
    if _is_stop(text, folded, language, accented=reading.accented):
        return None
    written = reading.exact(word.start(), word.end())
    digits = any(c.isdigit() for c in text)
    code = digits or (not shouted and len(written) > 1 and written.isupper())
    if len(text) == 1 and not digits:
        return None
    generic = (
        text in _GENERIC
        or stemmed in _GENERIC
        or (not reading.accented and folded in _FOLDED_GENERIC)
    )
    weight = CODE_WEIGHT if code else GENERIC_WEIGHT if generic else WORD_WEIGHT
    return Term(
        frozenset({stemmed}), frozenset({fold(stemmed)}), word.start(), word.end(), weight, code
    )


_FOLDED_STOP = frozenset(fold(w) for w in _STOP_VI)
_FOLDED_GENERIC = frozenset(fold(w) for w in _GENERIC)


def _is_stop(text: str, folded: str, language: str, *, accented: bool) -> bool:
    """English "in" says nothing; Vietnamese "in" is to print."""
    if language == "en":
        return text in _STOP_EN
    return text in _STOP_VI or (not accented and folded in _FOLDED_STOP)


def coverage(wanted: Terms, given: Terms) -> float:
    """The share of the weight of the wanted terms that the given terms hold, 0 to 1."""
    total = sum(t.weight for t in wanted.items)
    return sum(t.weight for t in matched(wanted, given)) / total if total else 0.0


def matched(wanted: Terms, given: Terms) -> list[Term]:
    """The wanted terms that the given terms hold; without diacritics on one side, folded."""
    folded = not (wanted.accented and given.accented)
    held = given.keys(folded=folded)
    return [t for t in wanted.items if held & (t.folded if folded else t.keys)]
