"""Words for matches, what people say of them, and the engagements that follow."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

PHRASES: Mapping[str, Mapping[str, LazyString]] = {
    "Band": {
        "strong": _("Phù hợp cao"),
        "plausible": _("Có thể phù hợp"),
        "weak": _("Ít phù hợp"),
    },
    "Hint": {
        "stands_out": _(
            "Danh sách còn ngắn nên chưa ước lượng được mức phù hợp. Kết quả đầu tách rõ khỏi các "
            "kết quả sau: nên đọc trước."
        ),
        "level": _(
            "Danh sách còn ngắn nên chưa ước lượng được mức phù hợp. Các kết quả gần ngang nhau, "
            "chưa kết quả nào nổi hẳn: có thể chưa có gì phù hợp."
        ),
    },
    "ModelKind": {
        "calibration": _("Mức phù hợp"),
        "weights": _("Trọng số xếp thứ tự"),
        "encoder": _("Mô hình đọc nghĩa"),
    },
    "VersionState": {
        "candidate": _("Chưa dùng"),
        "live": _("Đang dùng"),
        "retired": _("Đã thay"),
        "refused": _("Không dùng"),
    },
    "VersionReason": {
        "won": _("Hơn bản trước trên các đánh giá để riêng và không kém đi trên bộ câu hỏi chung"),
        "no_gain": _("Chưa chắc hơn bản đang dùng trên các đánh giá để riêng"),
        "loses_public": _("Có thể kém đi trên bộ câu hỏi chung"),
        "not_compared": _("Chưa so được với bộ câu hỏi chung"),
        "replaced": _("Bản mới hơn đã thay"),
        "reverted": _("Đã lùi về bản trước"),
        "brought_back": _("Dùng lại sau khi lùi"),
    },
    "RankChange": {
        "new": _("mới vào danh sách"),
        "up": _("lên"),
        "down": _("xuống"),
        "band": _("đổi mức"),
        "gone": _("ra khỏi danh sách"),
    },
    "MatchState": {
        "suggested": _("Được gợi ý"),
        "shortlisted": _("Trong danh sách chọn"),
        "dismissed": _("Đã bỏ qua"),
        "proposed": _("Đã đề xuất cho hai bên"),
        "both_interested": _("Hai bên quan tâm"),
        "declined": _("Một bên từ chối"),
        "lapsed": _("Quá hạn trả lời"),
        "introduced": _("Đã giới thiệu"),
    },
    "Placing": {
        "ranked": _("Theo thứ tự tính toán"),
        "pinned": _("Cán bộ kết nối ghim"),
        "hidden": _("Cán bộ kết nối ẩn"),
    },
    "Ruling": {
        "add": _("Thêm giải pháp vào danh sách"),
        "shortlist": _("Đưa vào danh sách chọn"),
        "dismiss": _("Bỏ qua gợi ý"),
        "propose": _("Đề xuất cho hai bên"),
        "accept": _("Quan tâm, muốn được giới thiệu"),
        "decline": _("Không tiếp tục"),
        "restore": _("Đưa trở lại"),
        "pin": _("Ghim lên đầu"),
        "unpin": _("Bỏ ghim"),
        "hide": _("Ẩn với chủ nhu cầu"),
        "unhide": _("Cho hiện lại"),
    },
    "Rule": {
        "own_organisation": _("Cùng một tổ chức"),
        "related_organisation": _("Hai tổ chức có liên quan với nhau"),
        "excluded_by_solution": _("Bên có giải pháp không muốn được đề xuất cho tổ chức này"),
        "excluded_by_need": _("Bên có nhu cầu không muốn nhận giải pháp của tổ chức này"),
        "not_listed": _("Nhu cầu hoặc giải pháp không còn công bố"),
        "not_visible": _("Hồ sơ tổ chức đang tạm ngừng, đã nhập hoặc đã lưu trữ"),
        "capacity_used_up": _("Bên có giải pháp đang nhận đủ số lượt giới thiệu"),
    },
    "FloorOutcome": {
        "shown": _("Đã có trong danh sách gợi ý"),
        "placed": _("Được giới thiệu thêm ở cuối danh sách"),
        "no_need": _("Chưa có nhu cầu nào đang công bố"),
        "blocked": _("Quy tắc không cho gợi ý ở nhu cầu nào"),
        "set_aside": _("Đã có người bỏ qua hoặc từ chối ở mọi nhu cầu có thể"),
        "too_weak": _("Quá xa mọi nhu cầu đang công bố"),
    },
    "Side": {
        "need": _("Bên có nhu cầu"),
        "solution": _("Bên có giải pháp"),
        "staff": _("Cán bộ Sở"),
    },
    "Reason": {
        "too_early": _("Công nghệ còn quá sớm"),
        "benefit_unclear": _("Chưa rõ lợi ích so với hiện tại"),
        "route_unclear": _("Chưa rõ hướng thương mại hóa"),
        "too_vague": _("Mô tả còn chung chung"),
        "misses_must_have": _("Không đạt một yêu cầu bắt buộc"),
        "price": _("Giá, kinh phí"),
        "timing": _("Thời gian không phù hợp"),
        "capacity": _("Không đủ người hoặc năng lực tiếp nhận"),
        "terms": _("Quyền sở hữu trí tuệ hoặc điều khoản"),
        "already_solved": _("Đã có cách giải quyết"),
        "not_our_field": _("Không đúng lĩnh vực"),
        "conflict_of_interest": _("Xung đột lợi ích"),
        "other": _("Lý do khác"),
    },
    "Stage": {
        "opened": _("Mới mở"),
        "in_contact": _("Đã liên hệ"),
        "exploring": _("Tìm hiểu: gặp gỡ, khảo sát, thử nghiệm"),
        "protecting": _("Ký thỏa thuận bảo mật thông tin"),
        "negotiating": _("Đang đàm phán"),
        "agreement": _("Đã đạt thỏa thuận"),
        "no_agreement": _("Không đạt thỏa thuận"),
        "transferred": _("Đã chuyển giao"),
        "stalled": _("Đang vướng mắc"),
        "closed": _("Đã đóng"),
    },
    "WaitingFor": {
        "need_owner": _("Chờ bên có nhu cầu"),
        "solution_owner": _("Chờ bên có giải pháp"),
        "officer": _("Chờ cán bộ kết nối"),
    },
}
