"""Ranking and explaining from the command line."""

import json

import pytest
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import RecordStatus
from matchmaker.models import Solution
from tests.cli.conftest import Run, Shop

KEYS = ["code", "title", "score", "probability", "band", "signals", "quotes"]
SIGNALS = {
    "field", "industry", "readiness", "cooperation", "language", "place", "freshness", "verified",
    "capacity",
}  # fmt: skip
BANDS = {"strong", "plausible", "weak"}


def test_match_gives_a_list_of_whole_objects_best_first(run: Run, shop: Shop) -> None:
    answer = run("match", shop.need.code, "--json")
    rows = json.loads(answer.stdout)

    assert answer.exit_code == 0
    assert rows[0]["code"] == shop.near.code
    assert {row["code"] for row in rows} == {shop.near.code, shop.other.code, shop.far.code}
    for row in rows:
        assert list(row) == KEYS
        assert isinstance(row["title"], str)
        assert isinstance(row["score"], float)
        assert 0.0 <= row["probability"] <= 1.0
        assert row["band"] in BANDS
        assert set(row["signals"]) == SIGNALS
        assert all(0.0 <= value <= 1.0 for value in row["signals"].values())
        assert all(isinstance(quote, str) and quote for quote in row["quotes"])
    assert [r["score"] for r in rows] == sorted((r["score"] for r in rows), reverse=True)
    assert any("6 %" in quote for quote in rows[0]["quotes"])


def test_match_keeps_to_its_limit_and_prints_a_line_for_each(run: Run, shop: Shop) -> None:
    answer = run("match", shop.need.code, "--limit", "2")
    lines = answer.stdout.splitlines()

    assert lines[0] == f"{shop.need.code}  {shop.need.title}"
    assert [line.split()[:2] for line in lines[1:]] == [
        ["1.", shop.near.code], ["2.", shop.other.code],
    ]  # fmt: skip
    assert run("match", shop.need.code, "--limit", "0").exit_code == 2


def test_match_of_a_solution_ranks_needs(run: Run, shop: Shop) -> None:
    rows = json.loads(run("match", shop.near.code, "--json").stdout)

    assert [row["code"] for row in rows] == [shop.need.code]


def test_code_may_be_typed_in_small_letters(run: Run, shop: Shop) -> None:
    assert run("match", f" {shop.need.code.lower()} ", "--json").stdout == (
        run("match", shop.need.code, "--json").stdout
    )


def test_the_same_question_gets_the_same_answer(run: Run, shop: Shop) -> None:
    answers = {run("match", shop.need.code, "--json").stdout for _ in range(2)}

    assert len(answers) == 1


def test_withdrawn_solution_is_not_ranked(run: Run, shop: Shop, session: Session) -> None:
    session.get_one(Solution, shop.near.id).status = RecordStatus.WITHDRAWN
    session.commit()

    rows = json.loads(run("match", shop.need.code, "--json").stdout)

    assert {row["code"] for row in rows} == {shop.other.code, shop.far.code}


def test_explain_tells_signals_and_evidence_of_the_pair(run: Run, shop: Shop) -> None:
    row = json.loads(run("explain", shop.need.code, shop.near.code, "--json").stdout)
    ranked = json.loads(run("match", shop.need.code, "--json").stdout)[0]

    assert list(row) == [*KEYS, "evidence", "rule"]
    assert row["rule"] is None
    assert {key: row[key] for key in KEYS} == {key: ranked[key] for key in KEYS}
    (item,) = row["evidence"]
    assert (item["verdict"], item["must"], item["field"]) == ("met", True, "description")
    assert item["quote"] in shop.near.description


def test_explain_in_words_quotes_what_it_read(run: Run, shop: Shop) -> None:
    told = run("explain", shop.need.code, shop.near.code).stdout

    assert told.startswith(f"{shop.need.code}  {shop.need.title}\n{shop.near.code}  ")
    assert "must   met" in told
    assert "“Tỉ lệ vỡ nhân đo được là 6 %.” (description)" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("match", "NC-2026-99999"), "no need or solution NC-2026-99999"),
        (("match", "rác"), "no need or solution rác"),
        (("explain", "NC-2026-00001", "GP-2026-99999"), "no solution GP-2026-99999"),
        (("explain", "GP-2026-00001", "NC-2026-00001"), "no need GP-2026-00001"),
    ],
)
def test_unknown_code_is_an_error_in_one_sentence(
    run: Run, shop: Shop, words: tuple[str, ...], told: str
) -> None:
    answer = run(*words)

    assert (answer.exit_code, answer.stdout, answer.stderr) == (1, "", f"Error: {told}\n")
