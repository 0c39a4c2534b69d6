"""What two languages share: the lexicon's forms are found where they stand, the longest first."""

import tomllib
import unicodedata
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.concepts import concepts
from matchmaker.domain.text import fold


def test_both_languages_name_the_same_concepts():
    asked = concepts("Máy tách vỏ hạt điều, phân loại nhân bằng thị giác máy tính", "vi")
    told = concepts("Cashew sheller; kernels are sorted by machine vision", "en")

    assert set(told) <= set(asked)
    assert {"thing.cashew", "thing.kernel", "thing.sort", "word.machine-vision"} <= set(told)


def test_the_longest_form_counts():
    assert concepts("nước thải", "vi") == ["thing.wastewater", "thing.water"]
    assert concepts("nước", "vi") == ["thing.water"]
    assert concepts("waste water", "en") == ["thing.wastewater"]


def test_marks_tell_words_apart_and_their_place_does_not():
    assert concepts("hoá chất", "vi") == concepts("hóa chất", "vi") == ["thing.chemical"]
    # "mạ" plates, "mà" says nothing.
    assert concepts("nhưng mà", "vi") == []
    assert "word.plating" in concepts("xi mạ", "vi")


def test_text_without_diacritics_is_read_by_folded_forms():
    assert "thing.cashew" in concepts("can may boc vo hat dieu hay vo hat", "vi")


def test_vietnamese_words_are_not_looked_for_in_english():
    assert concepts("men", "en") == []
    assert concepts("IoT", "vi") == concepts("IoT", "en") == ["word.internet-of-things"]


def test_a_concept_is_told_as_often_as_it_is_named():
    assert concepts("pepper, pepper and durian", "en") == [
        "thing.pepper",
        "thing.pepper",
        "thing.durian",
    ]


def test_every_form_of_the_lexicon_is_found_by_itself():
    written = files("matchmaker.domain").joinpath("lexicon.toml").read_text(encoding="utf-8")
    data = tomllib.loads(written)
    told = {f"thing.{name}": both.split(" || ") for name, both in data["thing"].items()}
    told |= {f"word.{name}": both.split(" || ") for name, both in data["word"].items()}
    assert len(told) > 600
    for code, both in told.items():
        for forms, language in zip(both, ("vi", "en"), strict=True):
            for form in forms.split("|"):
                assert code.replace("_", "-") in concepts(form, language), (form, language)


@pytest.mark.parametrize("language", ["vi", "en"])
@given(st.text(max_size=80))
def test_any_text_is_read(language, typed):
    codes = concepts(typed, language)

    assert codes == concepts(unicodedata.normalize("NFD", typed), language)
    assert all(" " not in code and "_" not in code for code in codes)


@given(st.sampled_from(["hạt điều", "sầu riêng", "nước thải", "máy sấy"]), st.booleans())
def test_case_changes_nothing(form, upper):
    typed = form.upper() if upper else form.capitalize()

    assert concepts(typed, "vi") == concepts(form, "vi")
    assert concepts(fold(form) + " bi hong may", "vi")
