"""Pages kept for strangers: as quick as a file, and never older than the database."""

import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import RecordStatus
from matchmaker.models import Member, Solution
from matchmaker.models.database import open_engine, writing
from matchmaker.web import kept
from tests.web.pages import asked_of

Make = Callable[..., Solution]
SignIn = Callable[[FlaskClient, Member], FlaskClient]


@pytest.fixture
def shown(session: Session, bob: Member, carol: Member, make_solution: Make) -> Solution:
    return make_solution(bob, curator=carol)


def page_of(solution: Solution) -> str:
    return f"/solutions/{solution.public_id}"


@pytest.mark.databases
def test_the_same_page_is_made_once(client: FlaskClient, engine: Engine, shown: Solution) -> None:
    for address in ("/", "/about", "/search", "/search?kind=solution", page_of(shown)):
        client.get(address)  # works off what waits for the index
        first = client.get(address)
        with asked_of(engine) as asked:
            second = client.get(address)
        assert not [one for one in asked if "pg_current_snapshot" not in one], address
        assert second.data == first.data
        assert second.headers["Content-Security-Policy"]
        assert second.headers["X-Request-ID"] != first.headers["X-Request-ID"]


@pytest.mark.databases
def test_what_is_withdrawn_elsewhere_is_gone_with_the_next_reading(
    client: FlaskClient, engine: Engine, shown: Solution
) -> None:
    for _ in range(3):
        assert client.get(page_of(shown)).status_code == 200
        assert shown.title in client.get("/search").text
    other = open_engine(engine.url.render_as_string(hide_password=False))
    with writing(other) as elsewhere:
        elsewhere.get_one(Solution, shown.id).status = RecordStatus.WITHDRAWN
    other.dispose()
    assert client.get(page_of(shown)).status_code == 404
    assert shown.title not in client.get("/search").text


@pytest.mark.databases
def test_what_is_published_is_there_with_the_next_reading(
    client: FlaskClient, bob: Member, carol: Member, make_solution: Make
) -> None:
    for number in range(3):
        client.get("/search?kind=solution")
        title = f"Máy sấy thử số {number}"
        make_solution(bob, curator=carol, title=title)
        assert title in client.get("/search?kind=solution").text
        assert title in client.get("/").text


def test_who_signed_in_gets_a_page_of_his_own(
    client: FlaskClient, bob: Member, shown: Solution, sign_in: SignIn
) -> None:
    address = page_of(shown)
    strangers = client.get(address).text
    member = sign_in(client.application.test_client(), bob)
    own = member.get(address)
    assert bob.name in own.text
    assert own.headers["Cache-Control"] == "no-store"
    assert client.get(address).text == strangers
    assert bob.name not in strangers


def test_each_language_has_a_page_of_its_own(client: FlaskClient, shown: Solution) -> None:
    english = client.application.test_client()
    english.post("/account/language", data={"value": "en", "next": "/"})
    for _ in range(2):
        assert 'lang="vi"' in client.get("/").text
        assert '<html lang="en">' in english.get("/").text


def test_a_message_is_shown_once_and_to_him_alone(client: FlaskClient, shown: Solution) -> None:
    client.get("/about")
    with client.session_transaction() as opened:
        opened["_flashes"] = [("info", "chỉ một lần")]
    assert "chỉ một lần" in client.get("/about").text
    assert "chỉ một lần" not in client.get("/about").text
    assert "chỉ một lần" not in client.application.test_client().get("/about").text


def test_questions_in_words_are_not_kept(
    client: FlaskClient, engine: Engine, shown: Solution
) -> None:
    for _ in range(2):
        with asked_of(engine) as asked:
            client.get("/search?q=máy+cắt")
        assert asked


def test_who_has_the_page_is_told_so(client: FlaskClient, shown: Solution) -> None:
    first = client.get(page_of(shown), headers={"Accept-Encoding": "gzip"})
    assert first.content_encoding == "gzip"
    assert first.headers["Cache-Control"] == "no-cache"
    had = {"If-None-Match": first.headers["ETag"]}
    for more in ({}, {"Accept-Encoding": "gzip, br"}):
        again = client.get(page_of(shown), headers=had | more)
        assert (again.status_code, again.data) == (304, b"")
    plain = client.get(page_of(shown))
    assert shown.title in plain.text
    assert plain.content_encoding is None


def test_after_its_time_a_page_is_made_anew(
    client: FlaskClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/")
    monkeypatch.setattr(kept, "LIFETIME", 0.0)
    with asked_of(engine) as asked:
        client.get("/")
    assert asked


def test_no_more_is_kept_than_there_is_room_for() -> None:
    pages = kept.PageCache(most=250)
    page = kept.Page(bytes(100), "now", time.monotonic(), "tag")
    pages.put("a", page)
    pages.put("b", page)
    assert pages.get("a", "now")
    pages.put("c", page)
    assert [name for name in "abc" if pages.get(name, "now")] == ["a", "c"]
    assert pages.get("c", "then") is None
