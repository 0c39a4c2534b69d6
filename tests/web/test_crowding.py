"""A full house: whoever cannot be served is told so at once, and places come free again."""

from threading import Barrier, Thread

import pytest
from flask import Flask

from matchmaker.web import crowding


@pytest.fixture
def full(app: Flask) -> Flask:
    """The site while all its places are taken."""
    room = app.extensions["matchmaker.room"]
    while room.enter():
        pass
    return app


def test_a_full_house_says_so_and_when_to_come_back(full: Flask) -> None:
    answer = full.test_client().get("/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == crowding.RETRY_AFTER
    page = answer.get_data(as_text=True)
    assert "Tạm thời chưa phục vụ được" in page
    assert "Not available for the moment" in page


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/static/css/site.css"])
def test_machines_and_files_need_no_place(full: Flask, path: str) -> None:
    with full.test_client().get(path) as answer:
        assert answer.status_code == 200


def test_a_refused_request_takes_no_place(full: Flask) -> None:
    client = full.test_client()
    client.get("/")
    full.extensions["matchmaker.room"].leave()

    assert [client.get("/").status_code for _ in range(3)] == [200, 200, 200]


def test_places_come_free_whatever_became_of_the_request(app: Flask) -> None:
    crowding_most = app.extensions["matchmaker.room"].most

    @app.errorhandler(ZeroDivisionError)
    def told(error: ZeroDivisionError) -> tuple[str, int]:
        return "", 500

    client = app.test_client()
    app.view_functions["home.about"] = lambda: 1 / 0
    for _ in range(crowding_most + 1):
        assert client.get("/about").status_code == 500
        assert client.get("/needs/nothing").status_code == 404

    assert client.get("/").status_code == 200


def test_no_more_than_the_limit_are_inside_at_once() -> None:
    room = crowding.Room(5)
    start = Barrier(20)
    inside: list[bool] = []

    def come() -> None:
        start.wait()
        inside.append(room.enter())

    threads = [Thread(target=come) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(inside) == [False] * 15 + [True] * 5
