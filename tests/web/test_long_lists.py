"""Long lists cost what a page of them costs, and count no more than their reader may see."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from matchmaker.models import Member, Solution
from tests.web.people import MakeNeed, MakeSolution, SignIn


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(conn, cursor, statement, *rest) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def asked(engine: Engine, client: FlaskClient, path: str) -> int:
    client.get(path)  # what is kept for reuse is made now
    with statements(engine) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


@pytest.mark.parametrize("path", ["/", "/search", "/search?kind=solution&field=203", "/search?q=m"])
def test_no_more_queries_for_many_rows_than_for_few(
    client: FlaskClient, engine: Engine, bob: Member, carol: Member, make_solution: MakeSolution,
    path: str,
) -> None:  # fmt: skip
    for number in range(3):
        make_solution(bob, curator=carol, title=f"Máy số {number}")
    few = asked(engine, client, path)
    for number in range(3, 24):
        make_solution(bob, curator=carol, title=f"Máy số {number}")

    assert asked(engine, client, path) <= few


def test_a_page_of_a_long_list_reads_no_more_than_it_shows(
    client: FlaskClient, engine: Engine, bob: Member, carol: Member, make_solution: MakeSolution,
) -> None:  # fmt: skip
    for number in range(25):
        make_solution(bob, curator=carol, title=f"Máy số {number}")
    loaded: list[object] = []

    def note(target: object, context: object) -> None:
        loaded.append(target)

    event.listen(Solution, "load", note)
    first = client.get("/search?kind=solution").get_data(as_text=True)
    event.remove(Solution, "load", note)

    assert len(loaded) == 20
    assert "25 kết quả" in first
    titles = re.findall(r"Máy số (\d+)", client.get("/search?kind=solution&page=2").get_data(True))
    assert sorted(set(titles), key=int) == ["0", "1", "2", "3", "4"]


def test_the_place_of_an_anonymous_need_is_not_counted(
    client: FlaskClient, sign_in: SignIn, session: Session, alice: Member, bob: Member,
    carol: Member, make_need: MakeNeed,
) -> None:  # fmt: skip
    make_need(alice, curator=carol, anonymous=True)

    strange = client.get("/search?kind=need").get_data(as_text=True)
    others = sign_in(client, bob).get("/search?kind=need").get_data(as_text=True)
    own = sign_in(client, alice).get("/search?kind=need").get_data(as_text=True)
    staff = sign_in(client, carol).get("/search?kind=need").get_data(as_text=True)

    assert "1 kết quả" in strange
    assert "commune=" not in strange
    assert "commune=" not in others
    assert "commune=25195" in own
    assert "commune=25195" in staff
