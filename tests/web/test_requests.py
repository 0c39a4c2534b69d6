"""An id for every request, in the answer, in the log and on the page of an error."""

import json
import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matchmaker.services.logs import JsonLines


def test_a_well_formed_id_is_kept_and_any_other_replaced(client: FlaskClient) -> None:
    kept = client.get("/healthz", headers={"X-Request-ID": "proxy-0001"})
    made = client.get("/healthz", headers={"X-Request-ID": "no <b> such id"})

    assert kept.headers["X-Request-ID"] == "proxy-0001"
    assert len(made.headers["X-Request-ID"]) == 32


def test_a_line_names_the_endpoint_and_never_what_was_sought(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "matchmaker.requests")
    client.get("/healthz?q=secret", headers={"X-Request-ID": "proxy-0001"})
    line = json.loads(JsonLines().format(caplog.records[-1]))

    assert line.keys() == {"time", "level", "request_id", "method", "endpoint", "status", "ms"}
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "health.lives", 200)
    assert "secret" not in caplog.text


def test_an_unexpected_error_is_logged_under_the_id_its_page_shows(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    monkeypatch.setitem(app.view_functions, "home.about", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = app.test_client().get("/about", headers={"X-Request-ID": "proxy-0002"})

    assert answer.status_code == 500
    assert "<code>proxy-0002</code>" in answer.get_data(as_text=True)
    logged = [record for record in caplog.records if record.exc_info]
    assert [record.getMessage() for record in logged] == ["proxy-0002 unexpected error"]
