"""Whom a solution is never proposed to: typed by its owner, checked, and kept from others."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import OrganisationStatus
from matchmaker.models import Member, Organisation, Solution
from matchmaker.services import matching
from matchmaker.services.catalogue import Catalogue
from tests.web.pages import sent_by
from tests.web.people import MakeNeed, MakeSolution, SignIn, afresh


def firm_of(session: Session, member: Member) -> Organisation:
    return session.get_one(Organisation, member.organisation_id)


def save(browser: FlaskClient, solution: Solution, **typed: Any) -> Any:
    """Open the form of a solution, change some fields and save it."""
    address = f"/solutions/{solution.public_id}/edit"
    page = browser.get(address).get_data(as_text=True)
    return browser.post(address, data=sent_by(page) | {"do": "keep"} | typed)


@pytest.mark.parametrize(
    "typed",
    ["TC-2026-00001", "tc-2026-00001 tên gì cũng được", "điều suối KIỂM THỬ",
     "\n Điều Suối Kiểm Thử EN \r\n\nTC-2026-00001"],
)  # fmt: skip
def test_organisation_named_by_code_or_name_is_never_proposed(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, carol: Member,
    session: Session, make_need: MakeNeed, make_solution: MakeSolution, catalogue: Catalogue,
    typed: str,
) -> None:  # fmt: skip
    need, solution = make_need(alice, curator=carol), make_solution(bob, curator=carol)
    assert matching.suggest(session, catalogue, carol.viewer, need)
    own = sign_in(client, bob)

    assert save(own, solution, excluded=typed).status_code == 303

    firm = firm_of(session, alice)
    assert afresh(session, solution).excluded == [firm.public_id]
    page = own.get(f"/solutions/{solution.public_id}/edit").get_data(as_text=True)
    assert sent_by(page)["excluded"] == [f"{firm.code} {firm.name_vi}"]
    client.post("/account/sign-out")
    answer = {"action": "publish", "version": str(solution.version)}
    desk = sign_in(client, carol)
    review = f"/desk/reviews/solution/{solution.public_id}"
    assert firm.name_vi in desk.get(review).get_data(as_text=True)
    assert desk.post(review, data=answer).status_code == 303
    session.rollback()
    assert matching.suggest(session, catalogue, carol.viewer, need) == []


@pytest.mark.parametrize("hidden", [False, True])
def test_unknown_organisation_is_said_at_the_field_and_nothing_is_kept(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, session: Session,
    make_solution: MakeSolution, hidden: bool,
) -> None:  # fmt: skip
    solution = make_solution(bob, submit=False)
    firm = firm_of(session, alice)
    if hidden:
        firm.status = OrganisationStatus.SUSPENDED
        session.commit()
    typed = firm.name_vi if hidden else "Không ai cả"

    answer = save(sign_in(client, bob), solution, excluded=typed, title="Tên mới")

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="excluded-error"' in page
    assert sent_by(page)["excluded"] == [typed]
    assert afresh(session, solution).excluded == []
    assert solution.title != "Tên mới"


def test_organisation_that_left_the_lists_stays_excluded(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, session: Session,
    make_solution: MakeSolution,
) -> None:  # fmt: skip
    solution, firm = make_solution(bob, submit=False), firm_of(session, alice)
    solution.excluded = [firm.public_id]
    firm.status = OrganisationStatus.SUSPENDED
    session.commit()

    assert save(sign_in(client, bob), solution).status_code == 303

    assert afresh(session, solution).excluded == [firm.public_id]


def test_stale_page_does_not_undo_an_exclusion(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, session: Session,
    make_solution: MakeSolution,
) -> None:  # fmt: skip
    solution, own = make_solution(bob, submit=False), sign_in(client, bob)
    address = f"/solutions/{solution.public_id}/edit"
    stale = sent_by(own.get(address).get_data(as_text=True)) | {"do": "keep"}
    save(own, solution, excluded="TC-2026-00001")

    answer = own.post(address, data=stale)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "keep-excluded" in page
    assert own.post(address, data=sent_by(page) | {"do": "keep", "keep-excluded": "theirs"})
    assert afresh(session, solution).excluded == [firm_of(session, alice).public_id]


def test_solution_is_posted_with_its_exclusions(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, session: Session
) -> None:
    typed = {"title": "Máy thử", "excluded": "TC-2026-00001", "language": "vi", "do": "keep"}

    assert sign_in(client, bob).post("/solutions/new", data=typed).status_code == 303

    solution = session.query(Solution).one()
    assert solution.excluded == [firm_of(session, alice).public_id]
