"""Labels of form fields and the help under them: one wording for forms, reviews and conflicts."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

FIELDS: Mapping[str, LazyString] = {
    # shared
    "title": _("Tiêu đề"),
    "summary": _("Tóm tắt công khai"),
    "language": _("Ngôn ngữ viết"),
    "cooperation": _("Hình thức hợp tác"),
    "industries": _("Ngành kinh tế"),
    "fields": _("Lĩnh vực khoa học và công nghệ"),
    "sdgs": _("Mục tiêu phát triển bền vững"),
    "keywords": _("Từ khóa"),
    "valid_until": _("Có hiệu lực đến"),
    "confidential_detail": _("Thông tin chi tiết (chỉ chia sẻ khi có thỏa thuận bảo mật)"),
    "translation": _("Bản dịch"),
    "status": _("Trạng thái"),
    "organisation": _("Tổ chức"),
    "kind": _("Loại"),
    "languages": _("Ngôn ngữ làm việc"),
    # need
    "anonymous": _("Không nêu tên tổ chức của tôi"),
    "problem": _("Vấn đề cần giải quyết"),
    "situation": _("Hiện trạng và số đo hiện nay"),
    "constraints": _("Điều kiện ràng buộc (mặt bằng, điện, tiêu chuẩn)"),
    "requirements": _("Yêu cầu kỹ thuật"),
    "help": _("Loại hỗ trợ cần tìm"),
    "trl_min": _("Mức độ sẵn sàng công nghệ thấp nhất (TRL)"),
    "pillar": _("Trụ cột"),
    "budget_min": _("Kinh phí dự kiến từ"),
    "budget_max": _("Kinh phí dự kiến đến"),
    "budget_band": _("Kinh phí dự kiến"),
    "interest_until": _("Hạn bày tỏ quan tâm"),
    "expected_benefit": _("Lợi ích mong đợi"),
    "tried_before": _("Cách đã thử trước đây"),
    "pilot_host": _("Có thể cho thử nghiệm tại cơ sở"),
    # solution
    "description": _("Mô tả"),
    "problem_solved": _("Vấn đề giải quyết được"),
    "performances": _("Chỉ tiêu đạt được"),
    "advantage": _("Điểm hơn so với cách hiện có"),
    "limits": _("Giới hạn và rủi ro"),
    "trl": _("Mức độ sẵn sàng công nghệ (TRL)"),
    "trl_evidence": _("Căn cứ của mức TRL"),
    "ip_statuses": _("Tình trạng sở hữu trí tuệ"),
    "transfer_methods": _("Phương thức chuyển giao"),
    "price_min": _("Giá chào bán từ"),
    "price_max": _("Giá chào bán đến"),
    "reference_cases": _("Công trình, khách hàng đã triển khai"),
    "support": _("Hỗ trợ sau bàn giao"),
    "experts": _("Chuyên gia"),
    "capacity_per_quarter": _("Số dự án nhận được mỗi quý"),
    "excluded": _("Tổ chức không muốn được đề xuất"),
    # organisation
    "name_vi": _("Tên tiếng Việt"),
    "name_en": _("Tên tiếng Anh"),
    "short_name": _("Tên viết tắt"),
    "tax_code": _("Mã số thuế"),
    "ownership": _("Nguồn vốn"),
    "country": _("Nước đầu tư"),
    "size": _("Quy mô"),
    "commune": _("Xã, phường"),
    "park": _("Khu công nghiệp"),
    "address": _("Địa chỉ"),
    "website": _("Trang thông tin điện tử"),
    "about_vi": _("Giới thiệu (tiếng Việt)"),
    "about_en": _("Giới thiệu (tiếng Anh)"),
    "certificates": _("Chứng nhận"),
    "founded": _("Năm thành lập"),
    "capacity": _("Số lượt giới thiệu nhận được cùng lúc"),
    "contacts": _("Người liên hệ"),
    # expert
    "name": _("Họ và tên"),
    "degree": _("Học hàm, học vị"),
    "topics": _("Chủ đề nghiên cứu"),
    "techniques": _("Kỹ thuật thành thạo"),
    "orcid": _("Mã ORCID"),
    "days_per_month": _("Số ngày mỗi tháng có thể tham gia"),
    "not_wanted": _("Chủ đề không muốn nhận"),
    # account and desk
    "email": _("Thư điện tử"),
    "password": _("Mật khẩu"),
    "reason": _("Lý do"),
    "note": _("Ghi chú"),
    "next_step": _("Bước tiếp theo"),
    "due_on": _("Hạn hoàn thành"),
    "waiting_for": _("Đang chờ ai"),
    "stage": _("Giai đoạn"),
}

#: Where one name means two things, the label by kind and name.
OF_KIND: Mapping[str, LazyString] = {
    "organisation.kind": _("Loại hình tổ chức"),
    "solution.kind": _("Loại giải pháp"),
    "solution.keywords": _("Từ khóa"),
    "solution.summary": _("Tóm tắt"),
    "member.organisation": _("Tổ chức của bạn"),
}

#: Rows that repeat: the row by its group, and its parts by group and name.
ROWS: Mapping[str, LazyString] = {
    "requirements": _("Yêu cầu %(number)s: %(part)s"),
    "requirements.text": _("nội dung"),
    "requirements.must": _("bắt buộc hay nên có"),
    "requirements.indicator": _("chỉ tiêu"),
    "requirements.operator": _("phép so sánh"),
    "requirements.value": _("giá trị"),
    "requirements.value_max": _("đến giá trị"),
    "requirements.unit": _("đơn vị"),
    "performances": _("Chỉ tiêu %(number)s: %(part)s"),
    "performances.indicator": _("tên chỉ tiêu"),
    "performances.value": _("giá trị"),
    "performances.value_max": _("đến giá trị"),
    "performances.unit": _("đơn vị"),
    "performances.condition": _("trong điều kiện"),
    "performances.measured": _("đã đo"),
    "contacts": _("Người liên hệ %(number)s: %(part)s"),
    "contacts.name": _("họ và tên"),
    "contacts.role": _("chức vụ"),
    "contacts.email": _("thư điện tử"),
    "contacts.phone": _("số điện thoại"),
    "contacts.languages": _("ngôn ngữ"),
    "contacts.consent": _("đã đồng ý cho dùng thông tin"),
}

HELP: Mapping[str, LazyString] = {
    "title": _("Nói ngắn việc cần làm, ví dụ: “Giảm tỉ lệ vỡ nhân khi cắt tách vỏ hạt điều”."),
    "summary": _("Ai cũng đọc được. Đừng ghi điều cần giữ kín."),
    "anonymous": _("Tên chỉ hiện với bên được cán bộ giới thiệu."),
    "problem": _(
        "Chỉ thành viên đã đăng nhập đọc được. Chuyện gì xảy ra, từ khi nào, thiệt hại gì?"
    ),
    "situation": _("Đang làm thế nào, đo được bao nhiêu? Ví dụ: “vỡ 12 %, 300 kg/giờ”."),
    "requirements": _("Mỗi dòng một yêu cầu; có số đo thì càng dễ tìm đúng giải pháp."),
    "trl_min": _("Chưa biết thì để “Không biết”."),
    "budget_min": _("Viết như bạn nói: “500 triệu”, “1,5 tỷ”. Người ngoài chỉ thấy khoảng."),
    "keywords": _("Cách nhau bằng dấu phẩy."),
    "confidential_detail": _("Chỉ bên đã có thỏa thuận bảo mật đọc được; không dùng để tìm kiếm."),
    "performances": _("Con số đạt được, đơn vị và điều kiện; ghi rõ đã đo hay mới công bố."),
    "limits": _("Nói trước giới hạn giúp tránh những lần giới thiệu vô ích."),
    "trl_evidence": _("Đã thử ở đâu, khi nào, ai xác nhận?"),
    "price_min": _("Viết như bạn nói: “500 triệu”, “1,5 tỷ”. Chỉ thành viên thấy."),
    "capacity_per_quarter": _("Hết chỗ thì hệ thống không đề xuất thêm."),
    "excluded": _(
        "Mỗi dòng một tổ chức: mã (TC-…) hoặc tên đầy đủ. Giải pháp này không bao giờ được đề "
        "xuất cho họ, và họ không biết điều đó."
    ),
    "tax_code": _("10 hoặc 13 chữ số. Doanh nghiệp và hợp tác xã cần điền."),
    "certificates": _("Cách nhau bằng dấu phẩy, ví dụ: ISO 9001, HACCP."),
    "capacity": _("Hết chỗ thì hệ thống không đề xuất thêm."),
    "contacts": _("Chỉ bên được giới thiệu thấy."),
    "topics": _("Cách nhau bằng dấu phẩy."),
    "techniques": _("Cách nhau bằng dấu phẩy."),
    "password": _("Ít nhất 15 ký tự; một câu dễ nhớ là tốt nhất."),
}
