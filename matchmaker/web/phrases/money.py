"""Words for the budget bands that everybody may see; the ends are those of `money.BANDS`."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

PHRASES: Mapping[str, Mapping[str, LazyString]] = {
    "Money": {
        "0": _("đến 50 triệu ₫"),
        "1": _("50–200 triệu ₫"),
        "2": _("200–500 triệu ₫"),
        "3": _("500 triệu – 1 tỷ ₫"),
        "4": _("1–5 tỷ ₫"),
        "5": _("trên 5 tỷ ₫"),
        "none": _("thỏa thuận"),
    },
}
