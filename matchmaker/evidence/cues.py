"""Words that take back, limit or put off what a sentence says."""

import re

from matchmaker.evidence.terms import Terms

_NEGATION = re.compile(
    r"\b(?:không|chưa|chẳng|thiếu|ngoại trừ|trừ|chua|khong|not|no|cannot|never|without|nor|lacks?|lacking"
    r"|excludes?|excluding|except|unavailable|unsupported|neither|unable|miễn|tránh|avoids?|"
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)n['’]t|can['’]t|won['’]t)\b"
)
#: Negation words that negate nothing here: air, space, wireless, not only, no more than…
_HARMLESS = re.compile(
    r"(?:không|khong)\s+(?:khí|gian|dây|gỉ|người lái|trung|chỉ|những|quá|vượt|dưới|thấp|nhỏ|ít|kém|hơn|cao"
    r"|lớn|nhiều|gây|ảnh hưởng|khi|gian|day|gi|nguoi lai|chi|nhung|qua|vuot|duoi|thap|nho|it|ngừng|đổi"
    r"|tiếp xúc|phá hủy|phá hoại|đồng bộ|gián đoạn|lo|ngại|sợ|giới hạn|hạn chế|đáng kể)\b"
    r"|(?:hàng|chân|khoảng|hang|chan)\s+(?:không|khong)\b"
    r"|\bnot\s+(?:only|more|less|exceed\w*|just)\b|\bno\s+(?:more|less|later|fewer|longer\s+than|doubt|limit|extra)\b"
    r"|chưa\s+(?:từng|kể|tính|bao gồm (?:vat|thuế))|without\s+(?:problems?|interruption|delay|difficulty|loss)"
)
#: After a thing's name, the negation of one of these denies the thing: "X chưa được hỗ trợ".
_DENIES = re.compile(
    r"\s+(?:(?:được|có|yet|been|be|duoc|co|currently|hiện|còn)\s+)*(?:hỗ trợ|có|bao gồm|kèm|cung cấp|tích hợp"
    r"|áp dụng|thực hiện|kiểm chứng|thử|đo|sẵn|ho tro|bao gom|cung cap|supported|available|included|provided"
    r"|implemented|offered|covered|part of|possible|tested|validated|present|support\w*)"
)
_PUT_OFF = re.compile(
    r"\b(?:dự kiến|lên kế hoạch|kế hoạch (?:phát triển|bổ sung|nâng cấp|ra mắt|hỗ trợ)|sắp (?:có|ra|tới|hoàn)|đang phát triển|đang thiết kế|đang chế tạo|đang nghiên cứu|đang hoàn thiện|đang xây dựng|đang làm|sẽ|mục tiêu"
    r"|đang xin|đang chờ|đang nộp|lộ trình|planned|plans? to|under development|in development|in progress"
    r"|expected|targets?|target of|upcoming|roadmap|will be|aims?|projected|being developed|forecast to"
    r"|coming|in preparation|applied for|pending|du kien|se|dang phat trien)\b"
)
_LIMITED = re.compile(
    r"\b(?:một phần|chỉ|tùy chọn|theo yêu cầu|thử nghiệm|bản thử|có thể bổ sung|có thể tùy chỉnh|có thể mở rộng"
    r"|nếu cần|tính phí thêm|phí riêng|mua thêm|trong phòng thí nghiệm|quy mô phòng thí nghiệm|mô phỏng|lý thuyết"
    r"|partly|partially|only|optional(?:ly)?|on request|beta|prototype|extra cost|extra charge|add-on|could be"
    r"|can be added|in the lab(?:oratory)?|simulat\w+|theoretical|lab[- ]scale|limited|một số|some)\b"
)
_UNPROVEN = re.compile(
    r"\b(?:trong phòng thí nghiệm|quy mô phòng thí nghiệm|mô phỏng|lý thuyết|in the lab(?:oratory)?|lab[- ]scale"
    r"|simulat\w+|theoretical(?:ly)?|laboratory[- ]scale|bench[- ]scale|quy mô pilot|tính toán)\b"
)
_CONDITION = re.compile(
    r"\((?P<in>[^()]{3,80})\)"
    r"|\b(?P<with>(?:với điều kiện|trong điều kiện|với nguyên liệu|khi|nếu|ở mức|đối với|provided that|under"
    r"|when|if|as long as|assuming|given)\s[^,;.()]{3,80})"
)


def negations(
    plain: str, words: Terms, start: int = 0, end: int | None = None
) -> list[tuple[int, int]]:
    """Where a stretch of lower-case text negates something.

    Harmless uses ("không khí") and those inside a term ("không cần internet") are left out.
    """
    stop = len(plain) if end is None else end
    held = [m.span() for m in _HARMLESS.finditer(plain, start, stop)]
    held += [(t.start, t.end) for t in words.items]
    return [
        m.span()
        for m in _NEGATION.finditer(plain, start, stop)
        if not any(a <= m.start() < b for a, b in held)
    ]


def denies_before(plain: str, negation_end: int, end: int) -> bool:
    """Whether the negation that ends here denies what its clause named before it."""
    return bool(_DENIES.match(plain, negation_end, end)) or not plain[negation_end:end].strip(" .!")


def put_off(text: str) -> bool:
    """Planned, expected, under development: not there yet."""
    return bool(_PUT_OFF.search(text))


def limited(text: str) -> bool:
    """Optional, only for some, in the laboratory: there, but not fully."""
    return bool(_LIMITED.search(text))


def unproven(text: str) -> bool:
    """A figure from the laboratory, a simulation or a calculation."""
    return bool(_UNPROVEN.search(text))


def condition(text: str, at: int) -> tuple[int, int] | None:
    """Where the condition after offset `at` stands: in brackets, or after "when", "with"…"""
    match = _CONDITION.search(text, at)
    if match is None or re.search(r"[.;]\s", text[at : match.start()]):
        return None
    return match.span("in") if match["in"] else match.span("with")
