"""What is wrong with a field, and what went wrong with a step: short, and with a way out."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

#: By the code of a `Problem`; facts are filled in by name.
PROBLEMS: Mapping[str, LazyString] = {
    "required": _("Hãy điền mục này."),
    "too_long": _("Dài %(has)s ký tự; tối đa %(most)s. Hãy rút gọn."),
    "too_short": _("Cần ít nhất %(least)s ký tự để người đọc hiểu đúng vấn đề."),
    "too_many": _("Nhiều nhất %(most)s mục; hãy bớt lại."),
    "no_must": _("Cần ít nhất một yêu cầu bắt buộc."),
    "no_performance": _("Cần ít nhất một chỉ tiêu mà giải pháp đạt được."),
    "no_contact": _("Cần ít nhất một người liên hệ."),
    "email_or_phone": _("Cần thư điện tử hoặc số điện thoại để liên hệ."),
    "operator_and_value": _("Cần cả phép so sánh và giá trị, hoặc để trống cả hai."),
    "below_lower": _("Số trên phải lớn hơn hoặc bằng số dưới."),
    "out_of_range": _("Phải từ %(low)s đến %(high)s."),
    "before_interest": _("Ngày hết hiệu lực phải sau hạn bày tỏ quan tâm."),
    "in_the_past": _("Ngày này đã qua; hãy chọn ngày khác."),
    "not_a_link": _("Địa chỉ trang phải bắt đầu bằng http:// hoặc https://."),
    "not_a_tax_code": _("Mã số thuế chưa đúng: cần 10 hoặc 13 chữ số và đúng số kiểm tra."),
    "unknown_code": _("Không có mục “%(code)s” trong danh sách."),
    "unknown_organisation": _(
        "Không tìm thấy tổ chức “%(name)s”; hãy chép đúng tên hoặc mã trên trang của tổ chức."
    ),
    "several_organisations": _("Có nhiều tổ chức tên “%(name)s”; hãy dùng mã (TC-…)."),
    "same_organisation": _("Đây chính là tổ chức này; hãy nêu một tổ chức khác."),
    "related_already": _("Quan hệ này đã được ghi rồi."),
    "kept_apart": _("Quy tắc không cho đề xuất cặp này. Lý do: %(rule)s."),
    "not_an_email": _("Đây chưa phải là địa chỉ thư điện tử."),
    "taken": _("Đã có tài khoản hoặc hồ sơ dùng mục này."),
    "password_length": _("Mật khẩu dài từ %(least)s đến %(most)s ký tự."),
    "not_money": _("Chưa đọc được số tiền; hãy viết như “500 triệu” hoặc “1,5 tỷ”."),
    "not_a_number": _("Chưa đọc được con số; hãy viết như “5” hoặc “0,5”."),
    "not_a_date": _("Chưa đọc được ngày; hãy viết như 27/11/2026."),
    "not_an_hour": _("Chưa đọc được giờ; hãy viết như 08:00."),
    "place_taken": _("Giờ này không còn trống cho cả hai bên; hãy chọn giờ khác."),
    "not_days": _("Chưa đọc được ngày; hãy viết như 12/12/2026, cách nhau bằng dấu phẩy."),
    "hours_order": _("Giờ sau phải muộn hơn giờ trước."),
    "no_slot": _("Với giờ này không có lượt gặp nào."),
    "too_many_slots": _("Nhiều nhất %(most)s lượt; hãy bớt ngày hoặc kéo dài mỗi lượt."),
    "too_few_needs": _("Hãy chọn ít nhất một nhu cầu khác để gộp."),
    "in_another_group": _("Nhu cầu %(code)s đã ở trong một nhóm khác."),
    "not_a_choice": _("Hãy chọn một mục trong danh sách."),
}

#: By the code of an error of ours, or of what a page answers when it refuses a request.
ERRORS: Mapping[str, LazyString] = {
    "error": _("Có lỗi xảy ra; việc bạn vừa làm chưa được ghi lại."),
    "not_found": _("Không có trang hoặc hồ sơ này, hoặc bạn chưa được xem."),
    "not_allowed": _("Tài khoản của bạn không được làm việc này."),
    "wrong_state": _("Hồ sơ đã sang bước khác, không làm được việc này nữa. Hãy tải lại trang."),
    "invalid": _("Một số mục cần sửa; chưa có gì được ghi lại."),
    "conflict": _("Người khác vừa sửa hồ sơ này. Hãy xem hai bản và chọn từng mục."),
    "sign_in": _("Thư điện tử hoặc mật khẩu không đúng."),
    "form_expired": _("Trang để mở quá lâu nên phiếu đã hết hạn. Hãy quay lại và gửi lần nữa."),
    "wrong_method": _("Địa chỉ này không nhận cách gửi đó."),
    "too_large": _("Nội dung gửi lên quá lớn."),
    "unavailable": _("Hệ thống đang bận; chưa có gì được ghi lại. Hãy thử lại sau ít phút."),
    "too_many_tries": _("Đã thử quá nhiều lần. Hãy chờ vài phút rồi thử lại."),
}
