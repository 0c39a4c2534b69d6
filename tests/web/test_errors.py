"""What a page says when something cannot be done, and what it never says."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from matchmaker import migrations
from matchmaker.app import create_app
from matchmaker.config import Settings
from matchmaker.models import Member, WebSession, database
from matchmaker.models.database import open_engine, writing
from matchmaker.services.catalogue import Catalogue
from tests import postgres
from tests.web.people import SignIn

#: A form's token is new in every page.
TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]+')


def test_unknown_address_and_hidden_record_read_alike(
    client: FlaskClient, sign_in: SignIn, alice: Member, mallory: Member, make_need: object
) -> None:
    assert callable(make_need)
    draft = make_need(alice, submit=False, title="Bản nháp kín")
    browser = sign_in(client, mallory)
    browser.get("/")  # takes the greeting

    hidden = browser.get(f"/needs/{draft.public_id}")
    missing = browser.get("/needs/0000000000000000")

    assert hidden.status_code == missing.status_code == 404
    pages = [answer.get_data(as_text=True) for answer in (hidden, missing)]
    same = {TOKEN.sub("", page).replace(draft.public_id, "0" * 16) for page in pages}
    assert len(same) == 1
    assert "Bản nháp kín" not in pages[0]


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/matches/x", 302)])
def test_addresses_that_are_not_there(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_wrong_method_is_told_with_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/search")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "Hãy dùng nút trên trang" in answer.get_data(as_text=True)


def test_form_without_its_token_is_refused_in_words(
    app: Flask, alice: Member, sign_in: SignIn
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True

    answer = app.test_client().post("/account/sign-in", data={"email": alice.email})

    assert answer.status_code == 400
    assert "biểu mẫu này không còn hiệu lực" in answer.get_data(as_text=True)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine whose writer's place somebody else holds from the first request on."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0.1)
    engine: Engine = request.getfixturevalue("engine")
    yield engine


@pytest.mark.databases
def test_address_no_database_can_hold_is_one_that_is_not_there(client: FlaskClient) -> None:
    assert client.get("/needs/%00").status_code == 404


@pytest.mark.postgres
def test_server_that_is_gone_is_told_and_one_that_comes_back_serves_on(
    settings: Settings, catalogue: Catalogue
) -> None:
    with postgres.running() as server:
        engine = open_engine(server.create("site"))
        migrations.upgrade(engine)
        browser = create_app(settings, engine=engine, catalogue=catalogue).test_client()
        before = browser.get("/search")
        server.stop()

        gone = [browser.get(path) for path in ("/", "/search")]

        server.start()
        after = browser.get("/search")
        engine.dispose()
    assert before.status_code == after.status_code == 200
    assert [answer.status_code for answer in gone] == [503] * 2
    assert all("Tạm thời chưa phục vụ được" in answer.get_data(as_text=True) for answer in gone)


@pytest.mark.parametrize("path", ["/needs/new", "/account/language", "/account/sign-out"])
def test_locked_database_is_told_and_nothing_is_called_saved(
    busy: Engine, client: FlaskClient, sign_in: SignIn, alice: Member, path: str
) -> None:
    browser = sign_in(client, alice)

    with writing(busy) as somebody:
        somebody.execute(select(1))
        answer = browser.post(path, data={"value": "en", "title": "Không mất"})
        reading = browser.get("/search")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "chưa được ghi lại" in answer.get_data(as_text=True)
    assert reading.status_code == 200  # reading goes on meanwhile


def test_reading_goes_on_while_somebody_writes_though_nobody_notes_the_sight(
    busy: Engine, client: FlaskClient, sign_in: SignIn, alice: Member
) -> None:
    browser = sign_in(client, alice)
    browser.get("/")
    with writing(busy) as writer:
        for row in writer.scalars(select(WebSession)):
            row.seen_at -= timedelta(minutes=10)

    with writing(busy) as somebody:
        somebody.execute(select(1))
        answer = browser.get("/search")

    assert answer.status_code == 200
    assert "Alice" in answer.get_data(as_text=True)
