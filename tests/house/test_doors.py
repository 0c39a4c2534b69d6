"""The table of doors names every route and method, and the site keeps to it."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from matchmaker.domain.disclosure import STRANGER, Viewer
from matchmaker.domain.vocabulary import Role
from matchmaker.models import Member, Need
from matchmaker.services import accounts
from matchmaker.web import doors
from matchmaker.web.doors import POLICY
from tests.conftest import NOON, PASSWORD
from tests.web.people import MakeNeed, SignIn

#: HEAD is GET without a body; OPTIONS is closed everywhere.
SILENT = {"HEAD", "OPTIONS"}
SIGN_IN = "/account/sign-in?next="
MEMBER = Viewer(member_id=1, organisation_id=1, role=Role.MEMBER)
OFFICERS = {role: Viewer(member_id=1, role=role) for role in Role if role is not Role.MEMBER}


def routes(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - SILENT)
    ]


def address_of(rule: Rule) -> str:
    """The rule's address with something that is nowhere in place of its parameters."""
    path = rule.rule
    for name in rule.arguments:
        for part in (f"<{name}>", f"<path:{name}>"):
            path = path.replace(part, "0000000000000000")
    return path


@pytest.fixture
def enter(
    app: Flask, sign_in: SignIn, request: pytest.FixtureRequest
) -> Callable[[str], tuple[FlaskClient, Viewer]]:
    """A browser of somebody by his name, and who the site takes him for."""

    def enter(name: str) -> tuple[FlaskClient, Viewer]:
        browser = app.test_client()
        if name == "stranger":
            return browser, STRANGER
        member: Member = request.getfixturevalue(name)
        return sign_in(browser, member), member.viewer

    return enter


@pytest.fixture
def dora(session: Session) -> Member:
    """A manager: of the staff, but nobody who decides."""
    member = accounts.add_member(
        session, email="dora@department.example", name="Dora", password=PASSWORD,
        role=Role.MANAGER, now=NOON,
    )  # fmt: skip
    session.commit()
    return member


def test_table_names_every_route_and_method_and_no_other(app: Flask) -> None:
    assert {(rule.endpoint, method) for rule, method in routes(app)} == set(POLICY)


def test_a_route_is_never_two_routes_of_one_endpoint_and_method(app: Flask) -> None:
    """Two addresses under one entry of the table would share a door by accident."""
    named = [(rule.endpoint, method) for rule, method in routes(app)]

    assert len(named) == len(set(named))


@pytest.mark.parametrize(
    ("door", "stranger", "member", "let_in"),
    [
        (doors.everyone, True, True, set(OFFICERS)),
        (doors.members, False, True, set(OFFICERS)),
        (doors.owners, False, True, set()),
        (doors.staff, False, False, {Role.CURATOR, Role.MANAGER, Role.ADMIN}),
        (doors.curators, False, False, {Role.CURATOR, Role.ADMIN}),
        (doors.watchers, False, False, set()),
        (doors.managers, False, False, {Role.MANAGER, Role.ADMIN}),
    ],
)
def test_doors_open_for_whom_their_names_say(
    door: doors.Door, stranger: bool, member: bool, let_in: set[Role]
) -> None:
    assert door(STRANGER) is stranger
    assert door(MEMBER) is member
    assert {role for role, viewer in OFFICERS.items() if door(viewer)} == let_in


def test_what_changes_something_is_closed_to_strangers() -> None:
    """All but what a stranger has to be able to do."""
    open_to_all = {route for route, door in POLICY.items() if door(STRANGER)}

    assert {(room, method) for room, method in open_to_all if method != "GET"} == {
        ("account.sign_in", "POST"),
        ("account.language", "POST"),
    }


def test_by_address_alone_only_the_figures_are_read() -> None:
    """Who may read them is told by tests of theirs."""
    by_address = {route for route, door in POLICY.items() if door is doors.watchers}

    assert by_address == {("metrics.read", "GET")}


def test_what_decides_is_for_curators_alone() -> None:
    decide = {
        "matches.judge", "engagements.move", "desk.review", "desk.refresh", "need_groups.make",
        "need_groups.leave", "candidates.add", "relations.add", "relations.remove", "moves.move",
    } | {
        f"rounds.{deed}"
        for deed in (
            "new", "edit", "plan", "waive", "fix", "mark_absent", "mark_present", "publish",
            "close", "mark",
        )
    }  # fmt: skip
    prepare = {"candidates.find"}

    closed = {room for (room, _), door in POLICY.items() if door is doors.curators}
    assert closed == decide | prepare
    assert all(POLICY[room, "POST"] is doors.curators for room in decide)


@pytest.mark.parametrize("name", ["stranger", "alice", "bob", "carol", "dora"])
def test_every_page_without_parameters_answers_as_the_table_says(
    app: Flask, enter: Callable[[str], tuple[FlaskClient, Viewer]], name: str
) -> None:
    browser, viewer = enter(name)
    wrong = []
    for rule, method in routes(app):
        if method != "GET" or rule.arguments or POLICY[rule.endpoint, "GET"] is doors.watchers:
            continue
        answer = browser.get(rule.rule)
        told = (answer.status_code, answer.headers.get("Location", ""))
        if POLICY[rule.endpoint, "GET"](viewer):
            right = answer.status_code == 200
        elif viewer.is_member:
            right = answer.status_code == 403
        else:
            right = answer.status_code == 302 and told[1].startswith(SIGN_IN)
        if not right:
            wrong.append((rule.rule, *told))

    assert wrong == []


@pytest.mark.parametrize("name", ["stranger", "alice", "carol", "dora"])
def test_every_route_with_parameters_hides_what_is_not_there(
    app: Flask, enter: Callable[[str], tuple[FlaskClient, Viewer]], name: str
) -> None:
    """Past the door a record that is nowhere is not found; before it, the door answers."""
    browser, viewer = enter(name)
    wrong = []
    for rule, method in routes(app):
        if not rule.arguments:
            continue
        answer = browser.open(address_of(rule), method=method)
        if POLICY[rule.endpoint, method](viewer):
            right = {404}
        elif viewer.is_member or method != "GET":
            right = {403}
        else:
            right = {302}
        if answer.status_code not in right:
            wrong.append((method, rule.rule, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("name", ["stranger", "alice", "carol", "dora"])
def test_every_closed_button_without_parameters_refuses(
    app: Flask, enter: Callable[[str], tuple[FlaskClient, Viewer]], name: str
) -> None:
    browser, viewer = enter(name)
    closed = [
        rule.rule
        for rule, method in routes(app)
        if method == "POST" and not rule.arguments and not POLICY[rule.endpoint, "POST"](viewer)
    ]

    assert [path for path in closed if browser.post(path).status_code != 403] == []
    assert closed


def test_rooms_of_a_listed_need_open_for_each_as_they_should(
    client: FlaskClient, app: Flask, sign_in: SignIn, alice: Member, mallory: Member,
    carol: Member, make_need: MakeNeed,
) -> None:  # fmt: skip
    need: Need = make_need(alice, curator=carol)
    rooms = ("", "/edit", "/matches")
    seen = {}
    for name, member in {"alice": alice, "mallory": mallory, "carol": carol}.items():
        browser = sign_in(app.test_client(), member)
        seen[name] = [browser.get(f"/needs/{need.public_id}{r}").status_code for r in rooms]
    seen["stranger"] = [client.get(f"/needs/{need.public_id}{r}").status_code for r in rooms]

    assert seen == {
        "alice": [200, 200, 200],
        "mallory": [200, 404, 404],
        "carol": [200, 403, 200],
        "stranger": [200, 302, 302],
    }


def test_a_route_outside_the_table_is_refused(app: Flask) -> None:
    app.add_url_rule("/unlisted", "unlisted", lambda: "in", methods=["GET", "POST"])
    browser = app.test_client()

    assert browser.get("/unlisted").status_code == 405
    assert browser.post("/unlisted").status_code == 405


def test_options_are_answered_by_nobody(app: Flask, client: FlaskClient) -> None:
    assert {client.options(address_of(rule)).status_code for rule, _ in routes(app)} == {405}
