"""The same Vietnamese word in two senses is two words in English."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from matchmaker.domain.lifecycle import Step
from matchmaker.domain.vocabulary import RecordStatus
from matchmaker.models import Member, Solution
from matchmaker.web.phrases import phrase
from tests.web.people import MakeNeed, MakeSolution, SignIn


@pytest.fixture
def english(client: FlaskClient) -> Callable[[str], str]:
    client.post("/account/language", data={"value": "en"})
    return lambda address: client.get(address).get_data(as_text=True)


def test_menu_names_lists_and_a_page_names_one_record(
    english: Callable[[str], str], alice: Member, carol: Member, make_need: MakeNeed
) -> None:
    need = make_need(alice, curator=carol)

    page = english(f"/needs/{need.public_id}")

    assert [word for word in (">Needs<", ">Solutions<", ">Organisations<") if word in page] == [
        ">Needs<", ">Solutions<", ">Organisations<",
    ]  # fmt: skip
    assert "<span>Need</span>" in page


@pytest.mark.parametrize("number, words", [(0, "0 projects"), (1, "1 project"), (2, "2 projects")])
def test_projects_are_counted_in_words_that_fit(
    english: Callable[[str], str], bob: Member, carol: Member, client: FlaskClient,
    sign_in: SignIn, make_solution: MakeSolution, number: int, words: str,
) -> None:  # fmt: skip
    solution: Solution = make_solution(bob, curator=carol, capacity_per_quarter=number)
    sign_in(client, carol)

    assert f"<dd>{words}</dd>" in english(f"/solutions/{solution.public_id}")


def test_button_says_what_to_do_and_a_state_what_was_done(
    english: Callable[[str], str], alice: Member, carol: Member, client: FlaskClient,
    sign_in: SignIn, make_need: MakeNeed,
) -> None:  # fmt: skip
    need = make_need(alice)
    sign_in(client, carol)

    page = english(f"/desk/reviews/need/{need.public_id}")

    assert 'value="request_changes">Ask for changes</button>' in page
    assert 'value="reject">Reject</button>' in page
    with client.application.test_request_context(headers={"Accept-Language": "vi"}):
        for state, step in (
            (RecordStatus.PAUSED, Step.PAUSE),
            (RecordStatus.REJECTED, Step.REJECT),
            (RecordStatus.CHANGES_REQUESTED, Step.REQUEST_CHANGES),
        ):
            assert str(phrase(state)) == str(phrase(step))  # one word in Vietnamese


def test_page_for_a_database_that_is_away_speaks_both_languages(client: FlaskClient) -> None:
    with client.application.test_request_context():
        page = client.application.jinja_env.get_template("errors/unavailable.html").render()

    for words in ("chưa được ghi lại", "has not been saved", "Tạm thời", "Not available", "Home"):
        assert words in page
