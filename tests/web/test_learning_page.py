"""The page that says how far the bands can be trusted, and what pages say until they can be."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from matchmaker.domain.ranking.calibration import (
    MARGIN,
    SHIPPED,
    UNKNOWN,
    Hint,
    Source,
    hint,
)
from matchmaker.domain.vocabulary import Band, ModelKind, VersionReason, VersionState
from matchmaker.services.learning import measures, versions
from matchmaker.services.learning.versions import Outcome
from matchmaker.web.learning import LEFT, SIDE, TOP, dots
from tests.conftest import NOON
from tests.web.people import suggest

PATH = "/desk/learning"
PROVISIONAL = "ước lượng tạm thời"


@pytest.fixture
def desk(client, sign_in, carol) -> FlaskClient:
    return sign_in(client, carol)


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def put_live(session, n: int):
    told = measures.told([0.15, 0.85, 0.9, 0.95], [0, 1, 1, 0])
    fit = replace(SHIPPED, n=n, source=Source.JUDGEMENTS, model="")
    metrics = {
        "needs": n, "told": told.to_json(),
        "held_back": {"mean": 0.0213, "low": 0.004, "high": 0.04, "n": n}, "public": {},
    }  # fmt: skip
    version = versions.keep(
        session,
        Outcome(
            ModelKind.CALIBRATION, fit.to_json(), VersionState.LIVE, VersionReason.WON, 77, 77,
            metrics,
        ),
        made_by=None, now=NOON,
    )  # fmt: skip
    session.commit()
    return version


def test_the_page_is_for_staff(client, sign_in, alice):
    assert client.get(PATH).status_code == 302
    assert sign_in(client, alice).get(PATH).status_code == 403


def test_before_judgements_the_page_shows_what_ships_and_says_provisional(desk):
    page = text(desk, PATH)
    assert PROVISIONAL in page
    assert "0 trong 50" in page
    assert page.count('class="plot__dot"') > 5
    assert "benchmarks/fit_calibration.py" in page


def test_a_live_fit_is_shown_with_its_own_figures(desk, session):
    version = put_live(session, 60)
    page = text(desk, PATH)
    assert PROVISIONAL not in page
    assert version.public_id in page
    assert "từ 77 đánh giá" in page
    assert page.count('class="plot__dot"') == 3
    assert "0,021" in page


def test_a_live_fit_of_few_needs_stays_provisional(desk, session):
    put_live(session, 49)
    assert PROVISIONAL in text(desk, PATH)


@pytest.mark.parametrize("judged", [0, 60])
def test_pages_with_bands_say_provisional_until_a_fit_of_enough_needs_is_live(
    desk, session, alice, bob, carol, make_need, make_solution, judged
):
    need = make_need(alice, curator=carol)
    match = suggest(session, need, make_solution(bob, curator=carol))
    if judged:
        put_live(session, judged)
    for path in (
        f"/desk/needs/{need.public_id}", f"/matches/{match.public_id}",
        f"/needs/{need.public_id}/matches", "/about",
    ):  # fmt: skip
        page = text(desk, path).lower()
        assert (PROVISIONAL in page) is not bool(judged), path


def test_dots_lie_where_their_bins_are():
    [low, high] = dots(measures.told([0.0, 0.0, 1.0], [0, 0, 1]))
    assert (low.x, low.y) == (LEFT, TOP + SIDE)
    assert (high.x, high.y) == (LEFT + SIDE, TOP)
    assert low.radius > high.radius


def test_a_small_shelf_says_whether_its_first_hit_stands_out():
    unknown = [UNKNOWN] * 3
    assert hint([0.9, 0.9 - MARGIN / 2, 0.9 - MARGIN / 2], unknown) is Hint.LEVEL
    assert hint([0.9, 0.8, 0.9 - 1.1 * MARGIN], unknown) is Hint.STANDS_OUT
    assert hint([0.9, 0.1], [0.8, 0.1]) is None
    assert hint([0.9], [UNKNOWN]) is None
    late = [0.9] * 10 + [0.1]
    assert hint(late, [UNKNOWN] * 11) is Hint.LEVEL


def test_the_hint_stands_where_the_bands_say_nothing(
    desk, session, alice, bob, carol, make_need, make_solution
):
    need = make_need(alice, curator=carol)
    for score in (0.9, 0.9 - 2 * MARGIN):
        suggest(
            session, need, make_solution(bob, curator=carol), score=score, probability=UNKNOWN,
            band=Band.PLAUSIBLE,
        )  # fmt: skip
    for path in (f"/desk/needs/{need.public_id}", f"/needs/{need.public_id}/matches"):
        assert "Kết quả đầu tách rõ" in text(desk, path)
