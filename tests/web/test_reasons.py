"""Why a pair is suggested, in words that follow from what was stored."""

from typing import Any

import pytest
from flask import Flask

from matchmaker.domain.ranking.signals import WEIGHTS
from matchmaker.web.reasons import reasons, signal_rows


def row(verdict: str, *, must: bool = True, text: str = "Công suất") -> dict[str, Any]:
    return {"text": text, "must": must, "verdict": verdict}


def signal(name: str, value: float, **facts: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "weight": WEIGHTS[name], "facts": facts}


def told(app: Flask, evidence: Any, signals: Any, most: int = 9) -> list[tuple[str, bool]]:
    with app.test_request_context():
        return [(r.words, r.speaks_for) for r in reasons(evidence, signals, most)]


def test_what_speaks_against_comes_first(app: Flask) -> None:
    evidence = [row("met"), row("contradicted", text="Không quá 2 kW"), row("not_said")]
    signals = [
        signal("verified", 1.0),
        signal("field", 1.0, codes=["203"]),
        signal("readiness", 0.5, trl=6, wanted=7),
    ]

    assert told(app, evidence, signals) == [
        ("Không đạt 1 yêu cầu: Không quá 2 kW", False),
        ("Hồ sơ giải pháp nêu rõ đáp ứng 1/3 yêu cầu bắt buộc", True),
        ("TRL 6, thấp hơn mức cần (TRL 7)", False),
        ("Cùng lĩnh vực: 203 vi", True),
        ("Bên có giải pháp đã được Sở kiểm tra hồ sơ", True),
    ]


def test_only_two_or_three_reasons_are_given(app: Flask) -> None:
    signals = [signal("field", 1.0, codes=["203"]), signal("industry", 1.0, codes=["10"]),
               signal("verified", 1.0), signal("freshness", 1.0, days=3)]  # fmt: skip

    assert len(told(app, [row("met")], signals, most=3)) == 3


@pytest.mark.parametrize(
    "one",
    [
        signal("field", 0.5),
        signal("readiness", 0.5),
        signal("readiness", 1.0, trl=7),
        signal("cooperation", 0.5),
        signal("language", 1.0),
        signal("freshness", 0.5, days=200),
        signal("verified", 0.0),
        signal("capacity", 0.5),
    ],
)
def test_signal_that_says_nothing_gives_no_reason(app: Flask, one: dict[str, Any]) -> None:
    assert told(app, [], [one]) == []


def test_should_haves_do_not_count_as_musts(app: Flask) -> None:
    assert told(app, [row("met", must=False), row("met")], []) == [
        ("Hồ sơ giải pháp nêu rõ đáp ứng 1/1 yêu cầu bắt buộc", True)
    ]


def test_every_signal_has_a_name_and_a_strength_in_words(app: Flask) -> None:
    with app.test_request_context():
        found = signal_rows([signal(name, 1.0) for name in WEIGHTS])

    assert len({words for words, _ in found}) == len(WEIGHTS)
    assert {strength for _, strength in found} == {"có"}
