"""A session begins anew at the door, ends where it is ended, and keeps nobody else waiting."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request, session
from flask.testing import FlaskClient
from itsdangerous import URLSafeSerializer
from sqlalchemy import Engine, select, update

from matchmaker.app import create_app
from matchmaker.config import Settings
from matchmaker.models import Member, WebSession, database, utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services import accounts
from matchmaker.web.sessions import ABSOLUTE, IDLE, SIGHT
from tests.conftest import PASSWORD
from tests.web.pages import sent_by
from tests.web.people import MakeNeed, SignIn

pytestmark = pytest.mark.databases

COOKIE = "session"


def token_of(browser: FlaskClient) -> str:
    held = browser.get_cookie(COOKIE)
    assert held is not None
    return held.value


def with_token(app: Flask, token: str) -> FlaskClient:
    """Another browser that got hold of a cookie."""
    browser = app.test_client()
    browser.set_cookie(COOKIE, token)
    return browser


def is_signed_in(browser: FlaskClient) -> bool:
    answer = browser.get("/work/")
    assert answer.status_code in {200, 302}
    return answer.status_code == 200


def kept(engine: Engine) -> list[WebSession]:
    with reading(engine) as reader:
        return list(reader.scalars(select(WebSession)))


def age(engine: Engine, **changes: timedelta) -> None:
    """Let the clock of every session go on."""
    with writing(engine) as writer:
        for row in writer.scalars(select(WebSession)):
            for name, past in changes.items():
                setattr(row, name, getattr(row, name) - past)


@pytest.fixture
def browser(client: FlaskClient, sign_in: SignIn, alice: Member) -> FlaskClient:
    """Alice, signed in."""
    return sign_in(client, alice)


@pytest.mark.parametrize("path", ["/", "/search?q=bơm", "/about", "/needs/new", "/no-such-page"])
def test_stranger_who_reads_gets_no_session_and_no_cookie(
    client: FlaskClient, engine: Engine, path: str
) -> None:
    answer = client.get(path)

    assert "Set-Cookie" not in answer.headers
    assert kept(engine) == []


def test_sign_in_form_has_its_token_without_a_row(app: Flask, alice: Member) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    form = {"email": alice.email, "password": PASSWORD}
    with app.extensions["matchmaker.engine"].connect() as before:
        page = client.get("/account/sign-in")
        assert before.exec_driver_sql("SELECT count(*) FROM session").scalar() == 0
    token = sent_by(page.get_data(as_text=True))["csrf_token"]

    assert client.post("/account/sign-in", data=form).status_code == 400
    assert app.test_client().post(
        "/account/sign-in", data=form | {"csrf_token": token}
    ).status_code == 400  # fmt: skip
    assert client.post("/account/sign-in", data=form | {"csrf_token": token}).status_code == 303


@pytest.mark.parametrize("rights", [{"member_id": 1}, {"_user_id": "1"}])
def test_cookie_of_a_stranger_never_makes_a_member(
    app: Flask, alice: Member, rights: dict[str, Any]
) -> None:
    """Not even one that we signed."""
    signed = URLSafeSerializer(app.secret_key or "", salt="stranger").dumps(rights)
    forged = URLSafeSerializer("another key", salt="stranger").dumps({"language": "en"})

    for value in (signed, forged, "", "x.y", "é"):
        browser = app.test_client()
        browser.set_cookie(f"{COOKIE}-guest", value)
        assert not is_signed_in(browser)
        assert 'lang="vi"' in browser.get("/").get_data(as_text=True)


def test_language_of_a_stranger_is_kept_in_his_browser(client: FlaskClient, engine: Engine) -> None:
    client.post("/account/language", data={"value": "en"})

    assert '<html lang="en">' in client.get("/about").get_data(as_text=True)
    assert kept(engine) == []


def test_form_on_another_site_does_not_choose_the_language(client: FlaskClient) -> None:
    told = {"Sec-Fetch-Site": "cross-site"}
    client.post("/account/language", data={"value": "en"}, headers=told)

    assert '<html lang="vi">' in client.get("/about").get_data(as_text=True)


def test_sign_in_takes_a_new_token_and_keeps_the_language(
    client: FlaskClient, engine: Engine, sign_in: SignIn, alice: Member
) -> None:
    client.post("/account/language", data={"value": "en"})

    sign_in(client, alice)

    assert is_signed_in(client)
    assert client.get_cookie(f"{COOKIE}-guest") is None
    (row,) = kept(engine)
    assert row.member_id == alice.id
    assert row.data["language"] == "en"  # what he chose before stays his choice


def test_token_planted_by_somebody_else_is_never_taken_over(
    app: Flask, engine: Engine, sign_in: SignIn, alice: Member
) -> None:
    planted = "a" * 43
    victim = with_token(app, planted)

    sign_in(victim, alice)

    assert token_of(victim) != planted
    assert not is_signed_in(with_token(app, planted))


def test_signing_in_again_ends_the_session_before(
    app: Flask, browser: FlaskClient, engine: Engine, sign_in: SignIn, alice: Member
) -> None:
    before = token_of(browser)

    sign_in(browser, alice)

    assert not is_signed_in(with_token(app, before))
    assert len(kept(engine)) == 1


def test_sign_out_ends_every_copy_of_the_cookie(
    app: Flask, browser: FlaskClient, engine: Engine
) -> None:
    copied = token_of(browser)
    thief = with_token(app, copied)
    assert is_signed_in(thief)

    answer = browser.post("/account/sign-out")

    assert answer.status_code == 303
    assert not is_signed_in(browser)
    assert not is_signed_in(thief)
    assert not is_signed_in(with_token(app, copied))
    assert [row.member_id for row in kept(engine) if row.member_id] == []


def test_sign_out_here_leaves_the_other_browser_signed_in(
    app: Flask, browser: FlaskClient, sign_in: SignIn, alice: Member
) -> None:
    other = sign_in(app.test_client(), alice)

    browser.post("/account/sign-out")

    assert is_signed_in(other)


def test_idle_session_is_refused(browser: FlaskClient, engine: Engine) -> None:
    age(engine, seen_at=IDLE - timedelta(minutes=1))
    assert is_signed_in(browser)  # and seen again, just now
    age(engine, seen_at=IDLE + timedelta(minutes=1))

    assert not is_signed_in(browser)


def test_session_in_use_ends_after_its_longest_time(
    app: Flask, browser: FlaskClient, engine: Engine
) -> None:
    age(engine, made_at=ABSOLUTE - timedelta(minutes=1))
    assert is_signed_in(browser)
    age(engine, made_at=timedelta(minutes=2))

    assert not is_signed_in(browser)


def test_expired_session_cannot_be_brought_back_by_using_it(
    browser: FlaskClient, engine: Engine
) -> None:
    age(engine, seen_at=IDLE + timedelta(minutes=1))
    browser.post("/account/language", data={"value": "en"})

    assert not is_signed_in(browser)
    assert all(
        row.member_id is None for row in kept(engine) if row.seen_at > utc_now() - timedelta(0, 60)
    )


@pytest.mark.parametrize(
    "end",
    [
        lambda writer, member: accounts.set_password(
            writer, member, "another long password", now=utc_now()
        ),
        lambda writer, member: writer.execute(
            update(Member).where(Member.id == member.id).values(is_active=False)
        ),
    ],
    ids=["password changed", "disabled"],
)
def test_account_changed_elsewhere_ends_its_sessions(
    browser: FlaskClient, engine: Engine, alice: Member, end: Callable[..., object]
) -> None:
    assert is_signed_in(browser)

    with writing(engine) as writer:
        end(writer, writer.get_one(Member, alice.id))

    assert not is_signed_in(browser)


def test_table_holds_no_token_only_its_hash(browser: FlaskClient, engine: Engine) -> None:
    token = token_of(browser)
    (row,) = kept(engine)

    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    if engine.dialect.name != "sqlite":
        return  # where its files lie is the server's own business
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    content = Path(str(engine.url.database)).read_bytes()
    assert row.token_hash.encode() in content
    assert token.encode() not in content


def test_hash_from_the_table_opens_nothing(
    app: Flask, browser: FlaskClient, engine: Engine
) -> None:
    (row,) = kept(engine)

    assert not is_signed_in(with_token(app, row.token_hash))


def test_changed_or_foreign_token_opens_nothing(app: Flask, browser: FlaskClient) -> None:
    token = token_of(browser)
    for wrong in (token[:-1], token + "A", token.swapcase(), "", "\x00", "é" * 43):
        assert not is_signed_in(with_token(app, wrong))


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(
    client: FlaskClient, alice: Member
) -> None:
    answer = client.post("/account/sign-in", data={"email": alice.email, "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Cookie" in answer.headers["Vary"]


def test_cookie_of_a_safe_site_is_bound_to_it(
    engine: Engine, settings: Settings, alice: Member
) -> None:
    safe = create_app(replace(settings, base_url="https://ketnoi.example.vn"), engine=engine)
    safe.config.update(TESTING=True, WTF_CSRF_ENABLED=False)

    form = {"email": alice.email, "password": PASSWORD}
    answer = safe.test_client().post("/account/sign-in", data=form)

    assert answer.headers["Set-Cookie"].startswith("__Host-session=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_page_that_was_open_at_sign_out_does_not_revive_the_session(
    app: Flask, sign_in: SignIn, alice: Member, engine: Engine
) -> None:
    """A request that began before the sign-out ends after it: it must write nothing back."""
    tokens: list[str] = []

    @app.before_request
    def _meanwhile() -> None:
        if request.path == "/about":
            with_token(app, tokens[0]).post("/account/sign-out")
            session["late"] = True

    browser = sign_in(app.test_client(), alice)
    tokens.append(token_of(browser))

    assert browser.get("/about").status_code == 200

    assert not is_signed_in(with_token(app, tokens[0]))
    assert [row for row in kept(engine) if "late" in row.data or row.member_id] == []


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/needs/new", {"title": "", "do": "send"}, 422),
        ("/needs/0000000000000000/send", {}, 404),
        ("/desk/needs/0000000000000000/runs", {}, 403),
        ("/account/sign-in", {"email": "", "password": ""}, 422),
        ("/account/sign-in", {"email": "alice@firm.example", "password": "wrong"}, 422),
        ("/account/language", {"value": "tlh"}, 303),
    ],
)
def test_refused_request_gives_the_writers_place_back(
    browser: FlaskClient, engine: Engine, alice: Member, monkeypatch: pytest.MonkeyPatch,
    path: str, data: dict[str, str], status: int,
) -> None:  # fmt: skip
    """Also when the session has something to write down at the end: here its being seen."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0)
    age(engine, seen_at=SIGHT * 2)

    answer = browser.post(path, data=data)

    assert answer.status_code == status
    assert any(row.seen_at > utc_now() - SIGHT for row in kept(engine))

    other = database.open_engine(str(engine.url))
    with writing(other) as writer:  # at once, without waiting
        writer.get_one(Member, alice.id).name = "Alice mới"
    other.dispose()

    with reading(engine) as reader:
        assert reader.get_one(Member, alice.id).name == "Alice mới"


def test_refused_request_changes_nothing(
    browser: FlaskClient, engine: Engine, alice: Member, make_need: MakeNeed
) -> None:
    need = make_need(alice, submit=False)

    typed = {"title": "Khác", "problem": "", "version": str(need.version), "do": "send"}
    answer = browser.post(f"/needs/{need.public_id}/edit", data=typed)

    assert answer.status_code == 422
    with reading(engine) as reader:
        again = reader.get_one(type(need), need.id)
        assert (again.title, again.version) == (need.title, need.version)
