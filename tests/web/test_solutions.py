"""Posting a solution, pausing it, and the needs it may answer."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.drafts import ExpertDraft
from matchmaker.domain.vocabulary import RecordStatus, Scheme, SolutionKind
from matchmaker.models import Member, Need, Solution
from matchmaker.services import organisations, records
from tests.conftest import NOON
from tests.web.pages import sent_by

SignIn = Callable[[FlaskClient, Member], FlaskClient]
Make = Callable[..., Solution]

TYPED: dict[str, Any] = {
    "kind": "equipment",
    "title": "Máy cắt tách vỏ hạt điều tự động",
    "summary": "Máy chỉnh lưỡi theo cỡ hạt, ít vỡ nhân.",
    "description": "Máy dùng dao kép tự chỉnh theo cỡ hạt điều.",
    "performances-0-indicator": "tỉ lệ vỡ nhân",
    "performances-0-value": "5,5",
    "performances-0-value_max": "6",
    "performances-0-unit": "%",
    "performances-0-condition": "hạt cỡ 180–200",
    "performances-0-measured": "y",
    "trl": "8",
    "ip_statuses": ["patent_filed"],
    "cooperation": ["technology_purchase"],
    "capacity_per_quarter": "2",
    "price_min": "1,2 tỷ",
    "language": "vi",
    "do": "send",
}


def only(session: Session) -> Solution:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Solution)).one()


def test_solution_is_posted_as_it_was_typed_with_its_experts(
    client: FlaskClient, sign_in: SignIn, bob: Member, session: Session
) -> None:
    assert bob.organisation is not None
    expert = organisations.add_expert(
        session, bob.organisation, bob, ExpertDraft(name="Trần Thử", topics=("cơ khí",)), now=NOON
    )
    session.commit()

    answer = sign_in(client, bob).post("/solutions/new", data=TYPED | {"experts": expert.public_id})

    solution = only(session)
    row = solution.performances[0]
    assert answer.status_code == 303
    assert solution.status is RecordStatus.SUBMITTED
    assert solution.kind is SolutionKind.EQUIPMENT
    assert (row.value, row.value_max, row.unit, row.measured) == (5.5, 6.0, "%", True)
    assert solution.price_min == 1_200_000_000
    assert solution.codes(Scheme.IP_STATUS) == ("patent_filed",)
    assert [e.name for e in solution.experts] == ["Trần Thử"]


def test_expert_of_another_organisation_cannot_be_named(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, session: Session
) -> None:
    assert bob.organisation is not None
    expert = organisations.add_expert(
        session, bob.organisation, bob, ExpertDraft(name="Trần Thử", topics=("cơ khí",)), now=NOON
    )
    session.commit()
    sign_in(client, alice)

    answer = client.post("/solutions/new", data=TYPED | {"experts": expert.public_id})

    assert answer.status_code == 422
    assert session.scalars(select(Solution)).all() == []


def test_incomplete_solution_is_refused_and_kept_on_the_page(
    client: FlaskClient, sign_in: SignIn, bob: Member
) -> None:
    typed = {k: v for k, v in TYPED.items() if k not in {"trl", "ip_statuses"}}

    answer = sign_in(client, bob).post("/solutions/new", data=typed | {"capacity_per_quarter": "x"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for wrong in ("trl", "ip_statuses", "capacity_per_quarter"):
        assert f'id="{wrong}-error"' in page, wrong
    assert 'value="5,5"' in page
    assert 'value="1,2 tỷ"' in page


def test_edit_page_changes_nothing_when_saved_untouched(
    client: FlaskClient, sign_in: SignIn, bob: Member, session: Session, make_solution: Make
) -> None:
    solution = make_solution(bob, submit=False, translation={"limits": "small nuts only"})
    before = records.draft_of(solution)
    address = f"/solutions/{solution.public_id}/edit"
    page = sign_in(client, bob).get(address).get_data(as_text=True)

    answer = client.post(address, data=sent_by(page) | {"do": "keep"})

    assert answer.status_code == 303
    assert records.draft_of(only(session)) == before


def test_paused_solution_leaves_the_lists_and_comes_back(
    client: FlaskClient, sign_in: SignIn, bob: Member, carol: Member, make_solution: Make
) -> None:
    solution = make_solution(bob, curator=carol)
    address = f"/solutions/{solution.public_id}"
    own = sign_in(client.application.test_client(), bob)

    assert client.get(address).status_code == 200
    assert own.post(f"{address}/pause").status_code == 303
    assert client.get(address).status_code == 404
    assert own.post(f"{address}/resume").status_code == 303
    assert client.get(address).status_code == 200


def test_step_that_the_state_does_not_allow_is_refused(
    client: FlaskClient, sign_in: SignIn, bob: Member, session: Session, make_solution: Make
) -> None:
    solution = make_solution(bob, submit=False)

    answer = sign_in(client, bob).post(f"/solutions/{solution.public_id}/pause")

    assert answer.status_code == 409
    assert only(session).status is RecordStatus.DRAFT


def test_stranger_reads_neither_price_nor_limits(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, carol: Member,
    make_solution: Make,
) -> None:  # fmt: skip
    solution = make_solution(
        bob, curator=carol, price_min=777_000_000, limits="Không dùng cho hạt ướt."
    )
    address = f"/solutions/{solution.public_id}"
    member = sign_in(client.application.test_client(), alice)

    public, inside = (b.get(address).get_data(as_text=True) for b in (client, member))

    for hidden in ("777 triệu", "Không dùng cho hạt ướt."):
        assert hidden not in public
        assert hidden in inside


def test_needs_it_may_answer_are_shown_to_its_owner_without_the_names_behind_them(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, mallory: Member,
    carol: Member, make_solution: Make, make_need: Callable[..., Need],
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol, anonymous=True)
    solution = make_solution(bob, curator=carol)
    address = f"/solutions/{solution.public_id}/matches"

    page = sign_in(client, bob).get(address).get_data(as_text=True)
    other = sign_in(client.application.test_client(), mallory).get(address)

    assert need.title in page
    assert alice.organisation is not None
    assert alice.organisation.name_vi not in page
    assert other.status_code == 404
