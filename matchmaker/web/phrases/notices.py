"""Notices as full sentences. They name a record by its title and code, and nothing hidden."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

NOTICES: Mapping[str, LazyString] = {
    "record_submitted": _("“%(title)s” (%(code)s) vừa được gửi và chờ bạn xem xét."),
    "record_published": _("“%(title)s” (%(code)s) đã được duyệt và công bố."),
    "changes_requested": _("Cán bộ đề nghị bạn bổ sung “%(title)s” (%(code)s)."),
    "record_rejected": _("“%(title)s” (%(code)s) không được duyệt; lý do ghi trong hồ sơ."),
    "match_proposed": _("Có một đề xuất kết nối cho “%(title)s” (%(code)s); xin cho biết ý kiến."),
    "match_accepted": _("Một bên đã đồng ý kết nối với “%(title)s” (%(code)s)."),
    "match_declined": _("Một bên không tiếp tục kết nối với “%(title)s” (%(code)s)."),
    "introduced": _("Hai bên của “%(title)s” (%(code)s) đã được giới thiệu với nhau."),
    "need_shared": _(
        "Có đơn vị khác cũng gặp vấn đề như “%(title)s” (%(code)s); cán bộ xem các nhu cầu này"
        " cùng một lượt. Tên các bên không được nêu cho nhau."
    ),
    "engagement_moved": _("Hồ sơ theo dõi “%(title)s” (%(code)s) có bước mới."),
    "meeting_planned": _(
        "“%(title)s” (%(code)s) có một cuộc gặp lúc %(when)s, bàn %(table)s, trong %(round)s."
    ),
    "meeting_moved": _(
        "Cuộc gặp của “%(title)s” (%(code)s) trong %(round)s dời sang lúc %(when)s, bàn %(table)s."
    ),
    "meeting_cancelled": _(
        "Cuộc gặp lúc %(when)s của “%(title)s” (%(code)s) trong %(round)s đã bị hủy."
    ),
}
