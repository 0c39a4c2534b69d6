"""Every code that people see has words, and the words take their facts."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields as fields_of
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

import matchmaker
from matchmaker.domain import errors, lifecycle, money, vocabulary
from matchmaker.domain.drafts import (
    Contact,
    ExpertDraft,
    NeedDraft,
    OrganisationDraft,
    Performance,
    Requirement,
    SolutionDraft,
)
from matchmaker.domain.errors import Problem
from matchmaker.domain.vocabulary import Band, IndexRole, NoticeCode, RecordKind
from matchmaker.evidence.kinds import QuestionCode, Verdict
from matchmaker.web import phrases
from matchmaker.web.phrases import fields, notices, problems

SHOWN = [
    listed
    for _, listed in inspect.getmembers(vocabulary, inspect.isclass)
    if issubclass(listed, Enum) and list(listed) and listed not in {NoticeCode, IndexRole}
]
DRAFTS = [NeedDraft, SolutionDraft, OrganisationDraft, ExpertDraft]
ROWS = {"requirements": Requirement, "performances": Performance, "contacts": Contact}


@pytest.fixture(autouse=True)
def page() -> Iterator[None]:
    """A request in Vietnamese: phrases are lazy and need a reader."""
    app = Flask("phrases")
    Babel(app, default_locale="vi")
    with app.test_request_context():
        yield


@pytest.mark.parametrize("listed", [*SHOWN, lifecycle.Step, Verdict, QuestionCode])
def test_every_member_of_a_list_has_its_own_words(listed: type[Enum]) -> None:
    words = [str(phrases.phrase(member)) for member in listed]
    assert all(word.strip() for word in words)
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("listed", [*SHOWN, lifecycle.Step, Verdict, QuestionCode])
def test_no_list_keeps_words_for_a_code_that_is_gone(listed: type[Enum]) -> None:
    assert set(phrases.PHRASES[listed.__name__]) == {str(member) for member in listed}


def test_plain_code_of_a_stored_match_reads_like_its_member() -> None:
    assert str(phrases.phrase("Band.strong")) == str(phrases.phrase(Band.STRONG))


def test_code_without_words_is_an_error() -> None:
    with pytest.raises(KeyError):
        phrases.phrase("Band.splendid")
    with pytest.raises(KeyError):
        phrases.phrase("strong")


def test_every_money_band_has_words_and_no_figure_means_by_agreement() -> None:
    words = {str(phrases.phrase(f"Money.{i}")) for i in range(len(money.BANDS) + 1)}
    assert len(words) == len(money.BANDS) + 1
    assert str(phrases.phrase("Money.none")) == "thỏa thuận"


def test_the_words_of_a_money_band_name_its_upper_end() -> None:
    for i, end in enumerate(money.BANDS):
        assert money.format_vnd(end) in str(phrases.phrase(f"Money.{i}"))
    assert money.format_vnd(money.BANDS[-1]) in str(phrases.phrase(f"Money.{len(money.BANDS)}"))


def test_every_problem_code_in_the_code_has_a_sentence() -> None:
    root = Path(matchmaker.__file__).parent
    source = "\n".join(path.read_text() for path in root.rglob("*.py"))
    codes = set(re.findall(r'Problem\(\s*[^,()]+,\s*"([a-z_]+)"', source))
    assert {"required", "no_must", "unknown_code", "password_length"} <= codes
    assert codes <= set(problems.PROBLEMS)


def test_problem_says_its_facts() -> None:
    found = Problem("title", "too_long", {"most": 80, "has": 93})
    assert str(phrases.problem(found)) == "Dài 93 ký tự; tối đa 80. Hãy rút gọn."


def test_problems_of_real_drafts_all_read_as_sentences() -> None:
    drafts = [
        NeedDraft(title="x" * 99, budget_min=9, budget_max=1, help=("magic",), trl_min=12),
        SolutionDraft(performances=(Performance("", 5, 4),), capacity_per_quarter=-1),
        OrganisationDraft(website="ftp://x", contacts=(Contact("An"), Contact(""))),
    ]
    for draft in drafts:
        for found in draft.problems(complete=True):
            sentence = str(phrases.problem(found))
            assert sentence.endswith(".")
            assert "%(" not in sentence


def test_every_error_of_ours_has_a_sentence() -> None:
    family = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.MatchmakerError)
    ]
    assert len({str(phrases.error(kind)) for kind in family}) == len(family) > 5


def test_every_notice_names_the_record() -> None:
    assert set(notices.NOTICES) == {str(code) for code in NoticeCode}
    for code in NoticeCode:
        sentence = str(phrases.notice(code, {"title": "Sấy tiêu", "code": "NC-2026-00042"}))
        assert "Sấy tiêu" in sentence
        assert "NC-2026-00042" in sentence


def test_notice_with_a_percent_sign_in_its_title_is_printed_as_typed() -> None:
    facts = {"title": "Giảm 50 % vỡ nhân", "code": "NC-2026-00001"}
    assert "Giảm 50 % vỡ nhân" in str(phrases.notice("introduced", facts))


@pytest.mark.parametrize("draft", DRAFTS)
def test_every_field_of_a_draft_has_a_label(draft: type[Any]) -> None:
    for field in fields_of(draft):
        assert str(phrases.field_label(field.name)).strip()


@pytest.mark.parametrize(("group", "row"), ROWS.items())
def test_every_part_of_a_row_has_a_label_with_its_number(group: str, row: type[Any]) -> None:
    for field in fields_of(row):
        assert " 3: " in str(phrases.field_label(f"{group}-2-{field.name}"))


def test_label_depends_on_the_kind_where_one_name_means_two_things() -> None:
    organisation = phrases.field_label("kind", RecordKind.ORGANISATION)
    assert str(organisation) == "Loại hình tổ chức"
    assert str(phrases.field_label("kind", "solution")) == "Loại giải pháp"


def test_help_is_kept_for_fields_that_exist() -> None:
    assert set(phrases.HELP) <= set(fields.FIELDS)


def test_sentences_are_put_into_the_readers_language_when_printed() -> None:
    before = phrases.phrase(Band.STRONG)
    assert not isinstance(before, str)
    assert str(before) == "Phù hợp cao"
