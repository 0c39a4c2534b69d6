"""Figures for machines that watch: what they count, who may read them, what they never say."""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families as families
from sqlalchemy import create_engine, delete, func, select, update
from sqlalchemy.orm import Session

from embeddings import HashingEncoder
from matchmaker.app import create_app
from matchmaker.config import Settings
from matchmaker.models import IndexTask, JobRun, Member, WebSession, utc_now
from matchmaker.search.meters import Metered
from matchmaker.services import backups
from matchmaker.services.catalogue import Catalogue
from tests import gunicorn
from tests.gunicorn import Gunicorn
from tests.web.people import MakeNeed, SignIn

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Figures:
    """Every sample by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(text)
        for sample in family.samples
    }


def figures(client: FlaskClient) -> Figures:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return read(answer.get_data(as_text=True))


def of(told: Figures, name: str, **labels: str) -> float:
    return told.get((f"matchmaker_{name}", frozenset(labels.items())), 0.0)


def grown(client: FlaskClient, before: Figures, name: str, **labels: str) -> float:
    """How far a counter moved: counters of a process live on from test to test."""
    return of(figures(client), name, **labels) - of(before, name, **labels)


def test_requests_are_counted_by_endpoint_method_and_class(client: FlaskClient) -> None:
    before = figures(client)
    client.get("/about?q=secret")
    client.get("/about")
    client.get("/needs/0000000000000000")
    client.get("/no-such-page")
    client.open("/about", method="BREW")

    def count(endpoint: str, method: str, status: str) -> float:
        told = {"endpoint": endpoint, "method": method, "status": status}
        return grown(client, before, "request_seconds_count", **told)

    assert count("home.about", "GET", "2xx") == 2
    assert count("needs.show", "GET", "4xx") == 1
    assert count("none", "GET", "4xx") == 1
    assert count("none", "other", "4xx") == 1
    summed = {"endpoint": "home.about", "method": "GET", "status": "2xx"}
    assert grown(client, before, "request_seconds_sum", **summed) > 0


def test_searches_and_texts_are_counted(
    app: Flask, client: FlaskClient, session: Session, settings: Settings, alice: Member,
    carol: Member, make_need: MakeNeed,
) -> None:  # fmt: skip
    catalogue = Catalogue(Metered(HashingEncoder()), settings.data_dir)
    app.extensions["matchmaker.catalogue"] = catalogue
    before = figures(client)
    make_need(alice, curator=carol)
    catalogue.drain(app.extensions["matchmaker.engine"])
    client.get("/search?q=vỏ+điều")

    assert grown(client, before, "search_seconds_count", kind="typed") == 1
    assert grown(client, before, "encoded_texts_total", role="document") > 0
    assert grown(client, before, "encoded_texts_total", role="query") > 0
    assert grown(client, before, "encoding_seconds_total", role="query") > 0


def test_the_state_is_that_of_the_database(
    app: Flask, client: FlaskClient, session: Session, settings: Settings, catalogue: Catalogue,
    alice: Member, carol: Member, make_need: MakeNeed, tmp_path: Path,
) -> None:  # fmt: skip
    make_need(alice, curator=carol)
    make_need(alice)
    catalogue.drain(app.extensions["matchmaker.engine"])
    assert of(figures(client), "index_lag_seconds") == 0
    session.execute(delete(IndexTask))
    session.add(
        IndexTask(record_kind="need", record_id=1, made_at=utc_now() - timedelta(minutes=5))
    )
    session.add(IndexTask(record_kind="need", record_id=2, attempts=5))
    session.add(
        IndexTask(
            record_kind="solution", record_id=2, claimed_until=utc_now() + timedelta(minutes=5)
        )
    )
    session.add(JobRun(name="newcomers", day=utc_now().date(), worker="w", done_at=utc_now()))
    session.commit()
    backups.write(app.extensions["matchmaker.engine"], settings.data_dir, tmp_path / "b.tar.gz")
    told = figures(client)

    assert of(told, "database_up") == 1
    assert of(told, "index_tasks", kind="need", state="waiting") == 1
    assert of(told, "index_tasks", kind="need", state="set_aside") == 1
    assert of(told, "index_tasks", kind="solution", state="claimed") == 1
    assert ("matchmaker_index_tasks", frozenset({("kind", "expert"), ("state", "waiting")})) in told
    assert 300 <= of(told, "index_lag_seconds") < 400
    assert of(told, "clocks_overdue", clock="review") == 1
    day = of(told, "job_last_success_timestamp_seconds", job="newcomers")
    assert abs(time.time() - day) < 2 * 86400
    assert abs(time.time() - of(told, "backup_timestamp_seconds")) < 60
    assert of(told, "disk_free_bytes") > 0


def test_how_far_this_process_is_behind(
    client: FlaskClient, session: Session, catalogue: Catalogue, alice: Member, make_need: MakeNeed
) -> None:
    make_need(alice)
    catalogue.drain(client.application.extensions["matchmaker.engine"])
    behind = of(figures(client), "index_changes_behind")
    catalogue.catch_up(session)

    assert behind > 0
    assert of(figures(client), "index_changes_behind") == 0


def test_nothing_of_a_record_or_a_person_is_told(
    app: Flask, client: FlaskClient, sign_in: SignIn, session: Session, alice: Member,
    carol: Member, make_need: MakeNeed,
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol, title="Zirconia bí mật")
    session.execute(update(IndexTask).values(error="ValueError: Zirconia", attempts=5))
    session.commit()
    browser = sign_in(app.test_client(), carol)
    for path in (f"/needs/{need.public_id}", f"/desk/needs/{need.public_id}", "/search?q=Zirconia"):
        browser.get(path)
    text = client.get("/metrics").get_data(as_text=True)

    for canary in (need.public_id, need.code, "Zirconia", carol.email, alice.email, "/needs/"):
        assert canary not in text


def test_only_addresses_that_were_allowed_may_read(
    app: Flask, settings: Settings, engine, catalogue: Catalogue, sign_in: SignIn, carol: Member,
    session: Session,
) -> None:  # fmt: skip
    def status(app: Flask, address: str, **headers: str) -> int:
        base = {"REMOTE_ADDR": address}
        browser = app.test_client()
        return browser.get("/metrics", environ_base=base, headers=headers).status_code

    def site(**changes: object) -> Flask:
        return create_app(replace(settings, **changes), engine=engine, catalogue=catalogue)  # type: ignore[arg-type]

    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert status(app, address) == 200
    for address in ("10.0.0.7", "192.168.1.1", "2001:db8::1", "", "unix:"):
        assert status(app, address) == 403
    assert status(app, "10.0.0.7", **{"X-Forwarded-For": "127.0.0.1"}) == 403
    assert status(site(metrics_from="10.0.0.0/8"), "10.0.0.7") == 200
    assert status(site(metrics_from="10.0.0.0/8"), "127.0.0.1") == 403
    assert status(site(metrics_from=""), "127.0.0.1") == 403
    # Behind a proxy on the same machine, who asked the proxy counts.
    behind = site(trusted_proxies=1)
    assert status(behind, "127.0.0.1", **{"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}) == 403
    assert session.scalar(select(func.count()).select_from(WebSession)) == 0


def test_counters_are_told_also_while_the_database_is_away(
    settings: Settings, tmp_path: Path
) -> None:
    away = create_engine(f"sqlite:///{tmp_path / 'no-such-folder' / 'matchmaker.db'}")
    browser = create_app(settings, engine=away).test_client()
    browser.get("/healthz")
    told = figures(browser)

    assert of(told, "database_up") == 0
    label = {"endpoint": "health.lives", "method": "GET", "status": "2xx"}
    assert of(told, "request_seconds_count", **label) >= 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_two_workers_add_up_and_a_dead_one_still_counts(settings: Settings) -> None:
    folder = settings.data_dir / "metrics"
    with gunicorn.running(settings, PROMETHEUS_MULTIPROC_DIR=str(folder)) as site:
        add_up(site, folder)


def add_up(site: Gunicorn, folder: Path) -> None:
    site.get("healthz")
    label = {"endpoint": "health.lives", "method": "GET", "status": "2xx"}
    asked = 1

    def count() -> float:
        return of(read(site.get("metrics")), "request_seconds_count", **label)

    # The system gives each connection to whichever worker is free: ask until both have answered.
    with ThreadPoolExecutor(16) as crowd:
        for _ in range(50):
            asked += len(list(crowd.map(site.get, ["healthz"] * 32)))
            if len(list(folder.glob("histogram_*.db"))) == 2:
                break
        else:
            pytest.fail("one worker never answered")
    assert [count() for _ in range(6)] == [asked] * 6, "whichever worker is asked"
    os.kill(site.workers()[0], signal.SIGKILL)
    assert count() == asked


def test_nothing_is_counted_twice_by_one_scrape(client: FlaskClient) -> None:
    text = client.get("/metrics").get_data(as_text=True)
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]

    assert len(names) == len(set(names)) > 5
