"""Words for rounds of meetings: states, rules, and why a need meets nobody."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import LazyString, gettext, pgettext
from flask_babel import lazy_gettext as _

PHRASES: Mapping[str, Mapping[str, LazyString]] = {
    "RoundKind": {
        "day": _("Ngày kết nối"),
        "quarter": _("Đợt kết nối trong quý"),
    },
    "RoundState": {
        "draft": _("Đang chuẩn bị"),
        "planned": _("Đã xếp lịch, chưa báo"),
        "published": _("Đã báo hai bên"),
        "closed": LazyString(lambda: pgettext("round", "Đã kết thúc")),
    },
    "MeetingState": {
        "planned": _("Sắp gặp"),
        "held": _("Đã gặp"),
        "no_show": _("Có bên vắng mặt"),
        "cancelled": _("Đã hủy"),
    },
    "Fix": {
        "pin": _("Đã ghim"),
        "forbid": _("Không xếp"),
    },
    "PlanStatus": {
        "optimal": _("Tốt nhất có thể"),
        "feasible": _("Xếp được, chưa chắc là tốt nhất"),
        "infeasible": _("Không xếp được"),
        "unknown": _("Chưa tìm ra trong thời gian cho phép"),
    },
    "RoundRule": {
        "need_least": _("Số cuộc gặp tối thiểu của mỗi nhu cầu"),
        "newcomer": _("Giải pháp mới được gặp ít nhất một lần"),
        "floor": _("Mức phù hợp tối thiểu"),
        "forbidden": _("Cán bộ không xếp cặp này"),
        "dismissed": _("Gợi ý đã bị bỏ qua"),
        "declined": _("Một bên đã từ chối"),
        "introduced": _("Hai bên đã được giới thiệu"),
        "need_most": _("Số cuộc gặp tối đa của một nhu cầu"),
        "solution_most": _("Số cuộc gặp tối đa của một giải pháp"),
        "capacity": _("Năng lực tiếp nhận của tổ chức"),
        "organisation_most": _("Số cuộc gặp tối đa của một tổ chức"),
        "presence": _("Thời gian tổ chức có mặt"),
        "apart": _("Hai bên không có mặt cùng lúc"),
        "places": _("Số lượt và số bàn"),
        "clash": _("Không ai gặp hai nơi cùng lúc"),
    },
}

#: What stands in the way, as part of a sentence.
_REASONS: Mapping[str, LazyString] = {
    "floor": _("không có giải pháp nào đạt mức phù hợp tối thiểu của đợt"),
    "floor_more": _("không còn giải pháp nào khác đạt mức phù hợp tối thiểu của đợt"),
    "forbidden": _("số cặp cán bộ không cho xếp: %(count)s"),
    "dismissed": _("số gợi ý cán bộ đã bỏ qua: %(count)s"),
    "declined": _("số đề xuất đã có bên từ chối: %(count)s"),
    "introduced": _("số giải pháp đã được giới thiệu từ trước: %(count)s"),
    "need_most": _("nhu cầu phù hợp đã đủ số cuộc gặp: %(codes)s"),
    "solution_most": _("giải pháp phù hợp đã đủ số cuộc gặp: %(codes)s"),
    "capacity": _("bên có giải pháp đã hết chỗ tiếp nhận: %(codes)s"),
    "organisation_most": _("bên có giải pháp đã đủ số cuộc gặp của đợt: %(codes)s"),
    "presence": _("tổ chức không còn lượt trống khi có mặt: %(codes)s"),
    "apart": _("số giải pháp không có mặt cùng giờ: %(count)s"),
    "places": _("cả đợt chỉ có chỗ cho %(count)s cuộc gặp"),
    "clash": _("không tìm được giờ trống chung với %(codes)s"),
}
_SHORT: Mapping[str, LazyString] = {
    "need_least": _(
        "Nhu cầu %(code)s cần ít nhất %(wanted)s cuộc gặp, chỉ xếp được %(has)s: %(reasons)s."
    ),
    "newcomer": _("Giải pháp mới %(code)s cần ít nhất một cuộc gặp, chưa xếp được: %(reasons)s."),
    "clash": _("Cuộc gặp đã ghim của nhu cầu %(code)s không xếp được: %(reasons)s."),
}
_NO_TIMETABLE = _("Các quy tắc và giờ có mặt không để lại cách xếp nào không trùng giờ.")


def reasons(found: Sequence[Mapping[str, Any]], *, more: bool = False) -> str:
    """Why there is no meeting, or no further one, in one line."""
    return "; ".join(_reason(one, more) for one in found)


def short(found: Mapping[str, Any]) -> str:
    """One rule that cannot be kept, with what stands in its way."""
    if found["rule"] == "clash" and not found["code"]:
        return str(_NO_TIMETABLE)
    told = reasons(found["reasons"], more=found["has"] > 0)
    return str(_SHORT[found["rule"]]) % {**found, "reasons": told}


def _reason(one: Mapping[str, Any], more: bool) -> str:
    rule = "floor_more" if more and one["rule"] == "floor" else one["rule"]
    codes = ", ".join(one["codes"])
    if one["count"] > len(one["codes"]) > 0:
        codes = gettext(
            "%(codes)s và %(number)s nữa", codes=codes, number=one["count"] - len(one["codes"])
        )
    return str(_REASONS[rule]) % {"count": one["count"], "codes": codes}
