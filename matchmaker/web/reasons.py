"""The two or three reasons of a suggestion, in words.

They come from stored signals and evidence, so a page says the same as the run that suggested it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from matchmaker.domain.vocabulary import Scheme
from matchmaker.web import filters

MOST = 3


@dataclass(frozen=True)
class Reason:
    """One sentence; `speaks_for` says whether it is for the pair or against it."""

    words: str
    speaks_for: bool = True


def reasons(
    evidence: Sequence[Mapping[str, Any]], signals: Sequence[Mapping[str, Any]], most: int = MOST
) -> list[Reason]:
    """What speaks against first, then the requirements met, then the strongest signals."""
    ranked = sorted(signals, key=lambda s: -s["value"] * s["weight"])
    worded = (_of_signal(signal) for signal in ranked)
    found = [*_of_evidence(evidence), *_against(signals), *(r for r in worded if r)]
    return found[:most]


def signal_rows(signals: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Every signal by name, with its strength in words: for those who want to know."""
    return [(_name(str(s["name"])), _strength(float(s["value"]))) for s in signals]


def _of_evidence(rows: Sequence[Mapping[str, Any]]) -> list[Reason]:
    must = [row for row in rows if row["must"]]
    failed = [row for row in rows if row["verdict"] == "contradicted"]
    met = sum(row["verdict"] == "met" for row in must)
    found = []
    if failed:
        words = ngettext(
            "Không đạt %(num)s yêu cầu: %(first)s", "Không đạt %(num)s yêu cầu: %(first)s",
            len(failed), first=failed[0]["text"],
        )  # fmt: skip
        found.append(Reason(words, speaks_for=False))
    if met:
        words = gettext(
            "Hồ sơ giải pháp nêu rõ đáp ứng %(met)s/%(all)s yêu cầu bắt buộc",
            met=met, all=len(must),
        )  # fmt: skip
        found.append(Reason(words))
    return found


def _against(signals: Sequence[Mapping[str, Any]]) -> list[Reason]:
    found = []
    for signal in signals:
        facts = signal["facts"]
        if signal["name"] == "readiness" and facts.get("wanted") and signal["value"] < 1:
            words = gettext(
                "TRL %(trl)s, thấp hơn mức cần (TRL %(wanted)s)",
                trl=facts["trl"], wanted=facts["wanted"],
            )  # fmt: skip
            found.append(Reason(words, speaks_for=False))
        if signal["name"] == "capacity" and signal["value"] == 0:
            words = gettext("Bên có giải pháp đang nhận đủ số lượt giới thiệu")
            found.append(Reason(words, speaks_for=False))
    return found


def _of_signal(signal: Mapping[str, Any]) -> Reason | None:
    """A signal that says something in favour; one without facts of its own says nothing."""
    facts, word = signal["facts"], _WORDS.get(signal["name"])
    if word is None or signal["value"] < 1:
        return None
    words = word(facts)
    return Reason(words) if words else None


def _codes(facts: Mapping[str, Any], scheme: Scheme) -> str:
    return ", ".join(filters.label(code, scheme) for code in facts.get("codes", [])[:2])


def _readiness(facts: Mapping[str, Any]) -> str:
    if not facts.get("wanted"):
        return ""
    words: str = gettext(
        "TRL %(trl)s, đạt mức cần (từ TRL %(wanted)s)", trl=facts["trl"], wanted=facts["wanted"]
    )
    return words


def _place(facts: Mapping[str, Any]) -> str:
    place = filters.label(facts["commune"], Scheme.COMMUNE)
    return str(gettext("Cùng địa bàn: %(place)s", place=place))


def _shared(scheme: Scheme, words: Callable[[str], str]) -> Callable[[Mapping[str, Any]], str]:
    def told(facts: Mapping[str, Any]) -> str:
        names = _codes(facts, scheme)
        return words(names) if names else ""

    return told


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "field": _shared(Scheme.FIELD, lambda names: gettext("Cùng lĩnh vực: %(names)s", names=names)),
    "industry": _shared(
        Scheme.INDUSTRY, lambda names: gettext("Cùng ngành: %(names)s", names=names)
    ),
    "cooperation": _shared(
        Scheme.COOPERATION,
        lambda names: gettext("Hai bên cùng chọn hình thức: %(names)s", names=names),
    ),
    "readiness": _readiness,
    "place": _place,
    "verified": lambda facts: gettext("Bên có giải pháp đã được Sở kiểm tra hồ sơ"),  # noqa: ARG005
    "freshness": lambda facts: gettext(
        "Hồ sơ giải pháp mới được xác nhận (%(days)s ngày trước)", days=facts["days"]
    ),
}


def _name(code: str) -> str:
    names: dict[str, str] = {
        "field": gettext("Lĩnh vực khoa học và công nghệ"),
        "industry": gettext("Ngành kinh tế"),
        "readiness": gettext("Mức độ sẵn sàng công nghệ"),
        "cooperation": gettext("Hình thức hợp tác"),
        "language": gettext("Ngôn ngữ chung"),
        "place": gettext("Địa bàn"),
        "freshness": gettext("Hồ sơ mới xác nhận"),
        "verified": gettext("Tổ chức đã xác minh"),
        "capacity": gettext("Còn khả năng tiếp nhận"),
    }
    return names[code]


def _strength(value: float) -> str:
    words = gettext("một phần, hoặc chưa nêu") if value > 0 else gettext("không")
    return str(gettext("có") if value >= 1 else words)
