"""Words around numbers: comparisons, ranges, changes. Both with and without diacritics."""

import re

from matchmaker.domain.text import fold


def _either(*words: str) -> str:
    """An alternation of the words and their forms without diacritics, longest first."""
    forms = {form for word in words for form in (word, fold(word))}
    return "|".join(
        re.escape(f).replace(r"\ ", r"\s+") for f in sorted(forms, key=len, reverse=True)
    )


_STRICT_MORE = _either("trên", "hơn", "vượt", "lớn hơn", "cao hơn", "nhiều hơn", "more than", "over",
    "above", "greater than", "exceeding", "exceeds", "higher than", "better than")  # fmt: skip
_MORE = _either("tối thiểu", "ít nhất", "không dưới", "không thấp hơn", "không nhỏ hơn", "không ít hơn",
    "không kém", "từ", "at least", "minimum", "min.", "min", "no less than", "not less than",
    "no fewer than", "not below", "no lower than", "a minimum of", "minimum of",
    "thấp nhất", "nhỏ nhất", "không thấp dưới", "starting from", "from")  # fmt: skip
_STRICT_LESS = _either("dưới", "nhỏ hơn", "thấp hơn", "ít hơn", "chưa đến", "chưa tới", "chưa đạt",
    "không đạt", "không tới", "không đến", "chưa quá", "under", "below", "less than", "lower than", "fewer than",
    "smaller than", "within less than", "does not reach", "did not reach", "not reach", "short of", "chưa đầy")  # fmt: skip
_LESS = _either("không quá", "không vượt quá", "không hơn", "không cao hơn", "không lớn hơn",
    "không nhiều hơn", "không vượt", "at most", "no more than", "not more than", "not exceeding",
    "not exceed", "no higher than", "no greater than", "no later than", "within", "trong vòng",
    "never exceeds", "not above", "not over", "cao nhất là", "max.")  # fmt: skip
# What a thing can reach at best: a point for who needs at least so much, a bound for the others.
_UP_TO = _either("tối đa", "lên đến", "lên tới", "đến", "tới", "up to", "maximum", "max", "maximum of",
    "a maximum of", "as much as", "as high as", "cao nhất", "lớn nhất", "as many as")  # fmt: skip
_ABOUT = _either("khoảng", "xấp xỉ", "gần", "cỡ", "chừng", "ước", "ước tính", "tầm", "about",
    "approximately", "approx.", "approx", "around", "roughly", "nearly", "almost", "some", "circa",
    "estimated")  # fmt: skip
_LINK = _either("là", "đạt", "được", "có", "of", "is", "to", "ở mức", "mức", "at", "còn")
_TAIL = rf"(?:\s*:)?(?:\s+(?:{_LINK}))?\s*$"

_BEFORE = (
    ("<=", re.compile(rf"(?:≤|<=|=<|⩽|\b(?:{_LESS})){_TAIL}")),
    (">=", re.compile(rf"(?:≥|>=|=>|⩾|\b(?:{_MORE})){_TAIL}")),
    ("<", re.compile(rf"(?:<|\b(?:{_STRICT_LESS})){_TAIL}")),
    (">", re.compile(rf"(?:>|\b(?:{_STRICT_MORE})){_TAIL}")),
    ("upto", re.compile(rf"\b(?:{_UP_TO}){_TAIL}")),
    ("~", re.compile(rf"(?:~|≈|\b(?:{_ABOUT})){_TAIL}")),
    ("±", re.compile(r"(?:±|\+/-|\+-)\s*$")),
)
_NOT = re.compile(rf"\b(?:{_either('không', 'chưa', 'not', 'no')})\s+$")
_FLIP = {">": "<=", "<": ">=", "upto": "<"}

SUFFIX = re.compile(
    rf"\s*(?:(?P<more>{_either('trở lên', 'or more', 'or higher', 'or above', 'or better', 'and above')}"
    r"|\+(?!\w)|and\s+up\b)"
    rf"|(?P<less>{_either('trở xuống', 'or less', 'or lower', 'or below', 'or fewer', 'and below')}))"
)
MINUS = re.compile(r"(?:(?:^|[\s(:<>≤≥=~])[-−–]|\b(?:âm|am|minus)\s)$")
RANGE_OPENS = re.compile(rf"\b(?:{_either('từ', 'from', 'between', 'trong khoảng', 'khoảng')})\s*$")
DASH_JOIN = re.compile(r"\s*(?:-|–|—|−|~|÷|\.\.\.?|…)\s*(?=[-−]?[0-9])")
TO_JOIN = re.compile(
    rf"\s*(?:\b(?:{_either('đến', 'tới', 'to', 'and', 'và', 'through')})\b)\s*(?=[-−–]?[0-9])"
)
CHANGE_JOIN = re.compile(
    rf"\s*(?:\b(?:{_either('xuống còn', 'xuống dưới', 'xuống', 'còn', 'lên đến', 'lên tới', 'lên', 'down to', 'up to')})\b"
    r"|→|->|⟶)\s*(?:\b(?:khoảng|about|only|chỉ|dưới|under|below)\s+)?(?=[0-9])"
)
#: What follows an old value: "from 12 % to under 4 %".
CHANGE_FOLLOWS = re.compile(
    rf"\s*(?:to|down\s+to|up\s+to|{_either('xuống', 'còn', 'lên', 'đến')})\s+(?:\w+\s+){{0,2}}(?=[0-9])"
)
#: A number after one of these is a label ("ISO 9001", "Decree 13"), no measure.
LABEL = re.compile(
    r"\b(?:iso|iso/iec|iec|tcvn|qcvn|astm|en|din|jis|aql|gs|gb/t|rs|ipc|usb|cat|chapter|article|điều"
    r"|khoản|mục|bảng|hình|chương|nghị định|thông tư|quyết định|nghị quyết|luật|decree|circular|decision"
    r"|version|phiên bản|python|windows|android|http|tls|wi-?fi|bluetooth|usb|hs|mã|số hiệu|model|figure"
    r"|table|section|quy chuẩn|tiêu chuẩn|standard|grade|mác|sus|inox|aisi|since|năm|in|"
    r"tháng|level|cấp độ|class|type|loại)\s*[-:/]?\s*(?:số\s*)?$"
)
#: "Mỗi giờ máy làm được …": what is counted by, with nothing but words before the figure.
EACH = re.compile(rf"\b(?:{_either('mỗi', 'each', 'every')})\s+(?=[^\W\d][^,;:.()\d]*$)")
_CHANGE = _either("giảm", "giảm được", "tăng", "tăng thêm", "tiết kiệm", "tiết kiệm được", "cắt giảm",
    "giảm bớt", "nâng", "cải thiện")  # fmt: skip
_CHANGE_EN = (
    r"reduc\w*|cut\w*|sav(?:e|es|ed|ing|ings)|increas\w*|lower(?:s|ed|ing)|improv\w*|decreas\w*|drop\w*"
    r"|fall\w*|rais\w*|rises?|rose|fell|boost\w*|down|shrink\w*|grow\w*|went"
)
#: A verb of change: what follows "từ … đến" is then an old and a new value.
CHANGES = re.compile(rf"\b(?:{_CHANGE}|{_CHANGE_EN}|hạ|rút ngắn|rut ngan|kéo dài|shorten\w*)\b")
_LANDS = re.compile(
    rf"\b(?:{_either('xuống', 'còn', 'lên', 'đến', 'tới', 'to', 'dưới', 'below', 'under')})\b"
)
_CHANGE_AFTER = re.compile(
    rf"\s*(?:less|lower|fewer|more|higher|faster|cheaper|shorter|longer|reduction|savings?|increase|improvement|{_either('so với')}"
    r"|compared)\b"
)
_CHANGE_BEFORE_OF = re.compile(r"\b(?:thấp hơn|cao hơn|ít hơn|nhiều hơn|nhanh hơn|less|by)\s*$")

#: "Thấp hơn bể bê tông khoảng 40 %": how far from something else, not a level.
_BY_FAR = re.compile(r"\b(?:hơn|hon|than)\s+[^\W\d][^,;(]*$")


def comparison_before(before: str) -> tuple[str, int]:
    """The comparison that ends right before a number, and how many characters it takes."""
    for kind, pattern in _BEFORE:
        match = pattern.search(before)
        if match is None:
            continue
        width = len(before) - match.start()
        negated = _NOT.search(before, 0, match.start())
        if kind in _FLIP and negated:
            return _FLIP[kind], len(before) - negated.start()
        return kind, width
    return "", 0


def is_change(before: str, after: str, kind: str) -> bool:
    """Whether a figure is a difference ("giảm 30 %", "30 % less"), not a level ("còn 8 %")."""
    if _CHANGE_AFTER.match(after) or (kind == "" and _CHANGE_BEFORE_OF.search(before)):
        return True
    if _BY_FAR.search(before):
        return True
    last = None
    for last in CHANGES.finditer(before):
        pass
    if last is None or re.search(r"[,;(]", before[last.end() :]):
        return False
    return kind != "upto" and not _LANDS.search(before, last.end())
