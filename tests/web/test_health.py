"""What machines that watch are told, and that asking leaves no trace."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, func, select
from sqlalchemy.orm import Session

from embeddings import EmbeddingError
from matchmaker import migrations
from matchmaker.app import create_app
from matchmaker.config import Settings
from matchmaker.models import Member, WebSession
from matchmaker.models.database import open_engine
from matchmaker.services import indexing
from matchmaker.services.catalogue import Catalogue
from tests.web.people import MakeNeed, SignIn


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_whole_site_answers_and_leaves_no_cookie(
    client: FlaskClient, session: Session, path: str
) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.json) == (200, {"missing": []})
    assert "Set-Cookie" not in answer.headers
    assert session.scalar(select(func.count()).select_from(WebSession)) == 0


def test_life_is_told_without_the_database_even_with_a_members_cookie(
    app: Flask, client: FlaskClient, sign_in: SignIn, alice: Member
) -> None:
    browser = sign_in(client, alice)
    asked: list[str] = []
    engine = app.extensions["matchmaker.engine"]
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    assert browser.get("/healthz").status_code == 200
    assert asked == []
    browser.get("/")
    assert asked  # the listener does hear


def test_a_database_out_of_reach_is_named(settings: Settings, tmp_path: Path) -> None:
    away = create_engine(f"sqlite:///{tmp_path / 'no-such-folder' / 'matchmaker.db'}")
    browser = create_app(settings, engine=away).test_client()

    assert browser.get("/healthz").status_code == 200
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"missing": ["database"]})


def test_an_old_schema_is_named(settings: Settings, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    migrations.upgrade(engine)
    migrations.downgrade(engine, "-1")
    answer = create_app(settings, engine=engine).test_client().get("/readyz")
    engine.dispose()

    assert (answer.status_code, answer.json) == (503, {"missing": ["schema"]})


def test_a_model_that_cannot_be_loaded_is_named(
    client: FlaskClient, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise EmbeddingError("no weights")

    monkeypatch.setattr(catalogue, "ask", fail)
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json) == (503, {"missing": ["model"]})


def test_readiness_takes_changes_in_and_leaves_tasks_to_the_worker(
    client: FlaskClient, session: Session, catalogue: Catalogue, alice: Member, carol: Member,
    make_need: MakeNeed,
) -> None:  # fmt: skip
    make_need(alice, curator=carol)
    catalogue.drain(client.application.extensions["matchmaker.engine"])
    make_need(alice, curator=carol, title="Nhu cầu chưa ai đọc")
    waiting = indexing.pending(session)
    session.rollback()

    assert client.get("/readyz").status_code == 200
    assert catalogue.seen == indexing.sequence(session) > 0
    assert indexing.pending(session) == waiting > 0
