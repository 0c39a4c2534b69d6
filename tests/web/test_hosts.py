"""Names the site answers to, and addresses that are believed."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import Engine

from matchmaker.app import create_app
from matchmaker.config import Settings
from matchmaker.models import Member
from matchmaker.services.accounts import TRIES_PER_ADDRESS
from matchmaker.services.catalogue import Catalogue
from matchmaker.web.hosts import name_of

MakeSite = Callable[..., Flask]


@pytest.fixture
def site(settings: Settings, engine: Engine, catalogue: Catalogue) -> MakeSite:
    """The site with other settings than the tests' usual ones."""

    def make(**changes: object) -> Flask:
        app = create_app(replace(settings, **changes), engine=engine, catalogue=catalogue)  # type: ignore[arg-type]
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        return app

    return make


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("ketnoi.example.vn", 200), ("KETNOI.example.vn:443", 200), ("localhost", 200),
        ("127.0.0.1:8000", 200), ("[::1]:8000", 200),
        ("evil.example", 400), ("ketnoi.example.vn.evil.example", 400), ("10.0.0.7", 400),
        ("ketnoi.example.vn@evil.example", 400), ("", 400), ("a b", 400),
    ],
)  # fmt: skip
def test_a_site_with_a_name_answers_to_it_alone(site: MakeSite, host: str, status: int) -> None:
    browser = site(base_url="https://ketnoi.example.vn").test_client()

    assert browser.get("/about", headers={"Host": host}).status_code == status
    assert browser.get("/healthz", headers={"Host": host}).status_code == status


def test_a_refused_name_is_repeated_nowhere(site: MakeSite) -> None:
    browser = site(base_url="https://ketnoi.example.vn").test_client()
    answer = browser.post("/account/sign-in", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True) + str(answer.headers)


def test_without_a_name_of_its_own_any_well_formed_one_will_do(client: FlaskClient) -> None:
    assert client.get("/about", headers={"Host": "pc-7.local:8000"}).status_code == 200
    assert client.get("/about", headers={"Host": "no host"}).status_code == 400


def test_a_name_is_read_without_its_port() -> None:
    assert [name_of(h) for h in ("A.vn:80", "[::1]:80", "a.vn:port", "a/b")] == [
        "a.vn", "[::1]", "", "",
    ]  # fmt: skip


def tries_until_refused(app: Flask, forwarded: Callable[[int], str]) -> int:
    """How many wrong passwords one machine may try when it writes such X-Forwarded-For."""
    browser = app.test_client()
    for n in range(TRIES_PER_ADDRESS + 5):
        answer = browser.post(
            "/account/sign-in", data={"email": f"nobody{n}@firm.example", "password": "x" * 15},
            headers={"X-Forwarded-For": forwarded(n)}, environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )  # fmt: skip
        if answer.status_code == 429:
            return n
    return TRIES_PER_ADDRESS + 5


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_forged_address_does_not_lift_the_brake_on_guessing(site: MakeSite, proxies: int) -> None:
    """With one proxy in front the last address is the proxy's word; all before it, anybody's."""
    app = site(trusted_proxies=proxies)

    def forged(n: int) -> str:
        return f"203.0.113.{n}" + ", 198.51.100.9" * proxies

    assert tries_until_refused(app, forged) == TRIES_PER_ADDRESS


def test_behind_a_proxy_each_asker_is_counted_by_himself(site: MakeSite, alice: Member) -> None:
    app = site(trusted_proxies=1)

    assert tries_until_refused(app, lambda n: f"203.0.113.{n}") == TRIES_PER_ADDRESS + 5


@pytest.mark.parametrize(("proxies", "scheme"), [(0, "http"), (1, "https")])
def test_the_scheme_is_the_proxys_word_only_where_there_is_one(
    site: MakeSite, proxies: int, scheme: str
) -> None:
    app = site(trusted_proxies=proxies, base_url="https://ketnoi.example.vn")
    seen = []
    app.before_request(lambda: seen.append(request.url_root))
    app.test_client().get(
        "/about", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    )

    assert seen == [f"{scheme}://localhost/"]
