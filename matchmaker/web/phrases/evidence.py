"""Words for the evidence: verdicts on requirements and the question to ask next."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

PHRASES: Mapping[str, Mapping[str, LazyString]] = {
    "Verdict": {
        "met": _("Đáp ứng"),
        "partly": _("Đáp ứng một phần"),
        "not_said": _("Chưa nêu"),
        "contradicted": _("Không đạt"),
    },
    "QuestionCode": {
        "none_needed": _("Không cần hỏi thêm."),
        "confirm_value": _("Con số này có đúng với điều kiện làm việc của bên có nhu cầu không?"),
        "ask_value": _("Chỉ tiêu này đạt được bao nhiêu, theo đơn vị nào?"),
        "ask_conditions": _("Kết quả này đạt được trong điều kiện nào?"),
        "ask_if_adaptable": _("Có thể điều chỉnh để đạt yêu cầu này không, mất bao lâu?"),
        "ask_whether": _("Giải pháp có đáp ứng yêu cầu này không?"),
        "confirm_meaning": _("Câu này có đúng là nói về yêu cầu này không?"),
    },
}
