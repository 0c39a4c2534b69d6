"""Whole Vietnamese dong, as people type and read them: "1,5 tỷ", "500 triệu", "90.000.000"."""

import re
import unicodedata

_UNITS = {
    "": 1,
    "d": 1,
    "dong": 1,
    "vnd": 1,
    "nghin": 1_000,
    "ngan": 1_000,
    "k": 1_000,
    "trieu": 1_000_000,
    "tr": 1_000_000,
    "million": 1_000_000,
    "m": 1_000_000,
    "ty": 1_000_000_000,
    "ti": 1_000_000_000,
    "billion": 1_000_000_000,
    "bn": 1_000_000_000,
}
_AMOUNT = re.compile(r"^([0-9][0-9.,\s]*)\s*([a-z]*)\s*(?:dong|vnd|d|₫)?$")

#: Upper ends of the bands shown to everybody, in VND; the exact figures stay with the parties.
BANDS = (50_000_000, 200_000_000, 500_000_000, 1_000_000_000, 5_000_000_000)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower().strip()


def _number(digits: str, *, scaled: bool) -> float | None:
    """Read separators by their place: groups of three are thousands, else a decimal part."""
    digits = re.sub(r"\s", "", digits).rstrip(".,")
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits) and not (
        scaled and digits.count(".") + digits.count(",") == 1
    ):
        return float(re.sub(r"[.,]", "", digits))
    match = re.fullmatch(r"(\d+)(?:[.,](\d+))?", digits)
    if match:
        return float(f"{match[1]}.{match[2] or 0}")
    mixed = re.fullmatch(r"(\d{1,3}(?:([.,])\d{3})+)([.,])(\d+)", digits)
    if mixed and mixed[2] != mixed[3]:
        return float(re.sub(r"[.,]", "", mixed[1]) + "." + mixed[4])
    return None


def parse_vnd(text: str) -> int | None:
    """Whole VND, or None where the text is not an amount. "1,5 tỷ" is 1_500_000_000."""
    match = _AMOUNT.match(_plain(text))
    if not match or match[2] not in _UNITS:
        return None
    unit = _UNITS[match[2]]
    number = _number(match[1], scaled=unit > 1)
    return None if number is None else round(number * unit)


def format_vnd(amount: int, language: str = "vi") -> str:
    """ "1,5 tỷ ₫" or "₫1.5 billion": short where that is exact, else all digits."""
    for unit, vi, en in ((1_000_000_000, "tỷ", "billion"), (1_000_000, "triệu", "million")):
        if amount >= unit and amount * 100 % unit == 0:
            short = f"{amount / unit:.2f}".rstrip("0").rstrip(".")
            return f"{short} {en} ₫" if language == "en" else f"{short.replace('.', ',')} {vi} ₫"
    digits = f"{amount:,}"
    return f"{digits} ₫" if language == "en" else f"{digits.replace(',', '.')} ₫"


def band_of(low: int | None, high: int | None) -> int | None:
    """The band (index into BANDS, or len(BANDS) above all) that holds the upper figure."""
    amount = high if high is not None else low
    if amount is None:
        return None
    return next((i for i, end in enumerate(BANDS) if amount <= end), len(BANDS))
