"""What the log never holds, and that a worker of its own writes the same lines."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from matchmaker.config import Settings
from matchmaker.extensions import transaction
from matchmaker.services.logs import JsonLines, TextLines

TYPED = "Zirconia bí mật"
INSERT = text("INSERT INTO counter (name, value) VALUES (:name, 1)")


def insert_twice(engine: Engine) -> None:
    with engine.begin() as connection:
        for _ in range(2):
            connection.execute(INSERT, {"name": TYPED})


def test_a_traceback_of_the_database_holds_nothing_typed(
    app: Flask, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> str:
        with transaction() as session:
            for _ in range(2):
                session.execute(INSERT, {"name": TYPED})
        return ""

    monkeypatch.setitem(app.view_functions, "home.about", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    assert app.test_client().get("/about").status_code == 500
    (record,) = [record for record in caplog.records if record.exc_info]
    line = JsonLines().format(record)
    assert "IntegrityError" in json.loads(line)["traceback"]
    assert TYPED not in json.loads(line)["traceback"]
    assert "Zirconia" not in caplog.text


@pytest.mark.databases
def test_errors_of_both_databases_hide_what_was_bound(engine: Engine) -> None:
    with pytest.raises(IntegrityError) as caught:
        insert_twice(engine)

    error = caught.value
    told = TextLines().formatException((type(error), error, error.__traceback__))
    assert "INSERT INTO counter" in told
    assert "IntegrityError" in told
    assert "Zirconia" not in told


def test_a_worker_of_its_own_writes_json_lines(settings: Settings) -> None:
    own = {
        "MATCHMAKER_MODEL": "hashing", "MATCHMAKER_LOG": "json",
        "MATCHMAKER_DATA_DIR": str(settings.data_dir),
        "MATCHMAKER_DATABASE_URL": settings.url,
    }  # fmt: skip
    line = [sys.executable, "-m", "matchmaker", "worker"]
    with subprocess.Popen(  # noqa: S603 - our own command
        line, env=os.environ | own, stderr=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stderr is not None
        first = json.loads(worker.stderr.readline())
        time.sleep(0.2)
        worker.send_signal(signal.SIGTERM)
        last = [json.loads(told) for told in worker.stderr.read().splitlines()][-1]

    assert (first["level"], first["request_id"]) == ("info", "")
    assert "at work" in first["message"]
    assert last["message"].endswith("stopped")
    assert worker.returncode == 0
