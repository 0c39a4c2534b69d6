from matchmaker.evidence import Passage, Requirement, Verdict, assess

FIVE_TONNES = Requirement(
    "Năng suất tối thiểu 5 tấn/giờ",
    indicator="năng suất",
    operator=">=",
    value=5,
    unit="tấn/giờ",
)


def test_half_a_tonne_contradicts_five_and_is_quoted_word_for_word():
    passage = Passage("description", "Máy nhỏ gọn. Năng suất đạt 500 kg/giờ với hạt khô.")

    [told] = assess([FIVE_TONNES], [passage])

    assert told.verdict is Verdict.CONTRADICTED
    assert (told.field, told.quote) == ("description", "Năng suất đạt 500 kg/giờ với hạt khô.")
    assert (told.start, told.found) == (13, "500 kg/giờ")
    assert told.facts["converted"] == "0.5"
