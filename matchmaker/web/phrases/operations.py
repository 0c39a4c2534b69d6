"""Words of the system page: tasks, jobs of the clock, and what came of trying again."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

PHRASES: Mapping[str, Mapping[str, LazyString]] = {
    "TaskState": {
        "waiting": _("đang chờ"),
        "claimed": _("đang làm"),
        "set_aside": _("đã gác lại"),
    },
    "RetryOutcome": {
        "again": _("Đã đưa trở lại hàng đợi; máy sẽ làm lại trong ít phút."),
        "waiting": _("Việc này đã ở trong hàng đợi rồi, không cần làm gì thêm."),
        "claimed": _("Máy đang làm việc này; hãy xem lại sau ít phút."),
        "done": _("Không còn việc nào bị gác lại ở đây: đã làm xong từ trước."),
    },
    "JobOutcome": {
        "done": _("đã xong"),
        "begun": _("đã bắt đầu"),
        "failed": _("không xong, sẽ thử lại"),
        "never": _("chưa chạy lần nào"),
    },
    "OverdueClock": {
        "review": _("xem hồ sơ lần đầu"),
        "reply": _("trả lời đề xuất kết nối"),
        "next_step": _("bước tiếp theo của hồ sơ theo dõi"),
    },
    "Job": {
        "newcomers": _("Xét giải pháp của đơn vị mới"),
        "calibrate": _("Chỉnh lại mức phù hợp theo đánh giá"),
    },
}
