from collections.abc import Sequence

import pytest

from matchmaker.evidence import Passage, QuestionCode, Requirement, Verdict, assess

FIVE_TONNES = Requirement(
    "Năng suất tối thiểu 5 tấn/giờ",
    indicator="năng suất",
    operator=">=",
    value=5,
    unit="tấn/giờ",
)
NO_INTERNET = Requirement("Works when the internet is down", language="en")


def told(requirement: Requirement, *texts: str):
    passages = [Passage(f"field{n}", text) for n, text in enumerate(texts)]
    return assess([requirement], passages)[0]


def test_half_a_tonne_contradicts_five_and_is_quoted_word_for_word():
    passage = Passage("description", "Máy nhỏ gọn. Năng suất đạt 500 kg/giờ với hạt khô.")

    [answer] = assess([FIVE_TONNES], [passage])

    assert answer.verdict is Verdict.CONTRADICTED
    assert (answer.field, answer.quote) == ("description", "Năng suất đạt 500 kg/giờ với hạt khô.")
    assert (answer.start, answer.found) == (13, "500 kg/giờ")
    assert answer.facts["needed"] == ">= 5 tấn/giờ"
    assert (answer.facts["converted"], answer.facts["unit"]) == ("0.5", "tấn/giờ")
    assert answer.facts["reason"] == "below_limit"


def test_one_answer_for_each_requirement_in_order():
    wishes = [NO_INTERNET, FIVE_TONNES, NO_INTERNET]

    answers = assess(wishes, [Passage("summary", "Năng suất 6 tấn/giờ.")])

    assert [a.requirement for a in answers] == wishes
    assert [a.verdict for a in answers] == [Verdict.NOT_SAID, Verdict.MET, Verdict.NOT_SAID]


def test_nothing_said_quotes_nothing_and_asks():
    answer = told(FIVE_TONNES, "Máy chạy êm, dễ vệ sinh.")

    assert answer.verdict is Verdict.NOT_SAID
    assert (answer.field, answer.quote, answer.start, answer.found) == (None, None, None, None)
    assert answer.question is QuestionCode.ASK_VALUE
    assert assess([FIVE_TONNES], [])[0].verdict is Verdict.NOT_SAID


def test_figures_that_disagree_are_left_to_a_person():
    answer = told(FIVE_TONNES, "Năng suất 6 tấn/giờ.", "năng suất: 4 tấn/giờ")

    assert answer.verdict is Verdict.PARTLY
    assert answer.question is QuestionCode.CONFIRM_VALUE
    assert answer.facts["reason"] == "figures_disagree"


def test_met_under_a_condition_asks_about_the_condition():
    answer = told(FIVE_TONNES, "năng suất: 6 tấn/giờ (hạt cỡ 180–200)")

    assert answer.verdict is Verdict.MET
    assert answer.question is QuestionCode.ASK_CONDITIONS
    assert answer.facts["condition"] == "hạt cỡ 180–200"


def test_ambiguous_thousands_are_not_decided():
    requirement = Requirement("Năng suất tối thiểu 500 kg/giờ")

    answer = told(requirement, "Năng suất đạt 1,200 kg/giờ.")

    assert (answer.verdict, answer.facts["reason"]) == (Verdict.PARTLY, "ambiguous")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Năng suất dự kiến đạt 6 tấn/giờ.", Verdict.PARTLY),
        ("Theo mô phỏng, năng suất đạt 6 tấn/giờ.", Verdict.PARTLY),
        ("Năng suất chưa đạt 5 tấn/giờ.", Verdict.CONTRADICTED),
        ("Năng suất 6 tấn/ca.", Verdict.PARTLY),
        ("Năng suất tăng 20 %.", Verdict.NOT_SAID),
        ("Máy nặng 6 tấn.", Verdict.NOT_SAID),
    ],
)
def test_figure_is_read_with_the_words_around_it(text, verdict):
    assert told(FIVE_TONNES, text).verdict is verdict


def test_shares_of_different_things_are_never_compared():
    breakage = Requirement("Tỷ lệ vỡ không quá 8 %", indicator="tỷ lệ vỡ", operator="<=", value=8,
                           unit="%")  # fmt: skip

    assert told(breakage, "Tỷ lệ thu hồi 92 %, độ ẩm 5 %.").verdict is Verdict.NOT_SAID


def test_code_in_a_requirement_stands_for_itself():
    certified = Requirement("Có chứng nhận ISO 9001")

    assert told(certified, "Có chứng nhận ISO 14001.").verdict is Verdict.NOT_SAID
    assert told(certified, "Có chứng nhận ISO 9001.").verdict is Verdict.MET


def test_model_may_hint_but_never_confirms():
    passages = [
        Passage("summary", "Thiết bị nhỏ gọn."),
        Passage("limits", "Cần bảo dưỡng hằng quý."),
        Passage("description", "Mọi thứ nằm trên thẻ nhớ, sóng yếu không sao."),
    ]

    def like(wanted: Sequence[str], said: Sequence[str]) -> list[list[float]]:
        return [[0.9 if "thẻ nhớ" in s else 0.75 for s in said] for _ in wanted]

    without = assess([NO_INTERNET], passages)[0]
    [hinted] = assess([NO_INTERNET], passages, similarity=like)

    assert without.verdict is Verdict.NOT_SAID
    assert hinted.verdict is Verdict.PARTLY
    assert (hinted.field, hinted.facts["reason"]) == ("description", "similar_meaning")
    assert hinted.question is QuestionCode.CONFIRM_MEANING


def test_model_is_not_asked_about_requirements_with_a_figure():
    def refuse(wanted: Sequence[str], said: Sequence[str]) -> list[list[float]]:
        raise AssertionError(wanted)

    answers = assess([FIVE_TONNES], [Passage("summary", "Máy nhỏ.")], similarity=refuse)

    assert answers[0].verdict is Verdict.NOT_SAID


def test_a_large_figure_is_never_told_with_an_exponent():
    need = Requirement("công suất ≥ 20000000 W")
    [found] = assess([need], [Passage("summary", "Công suất 26500 kW.")])

    assert found.verdict is Verdict.MET
    assert found.facts["converted"] == "26500000"
    assert found.facts["needed"].startswith(">= 20000000")
