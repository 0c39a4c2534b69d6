"""What each reader meets of rules, pins, exclusions and newcomers, and what officers do there."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Band, MatchState, Placing, RelationKind, Ruling, Side
from matchmaker.models import Match, Member, Need, Relation, Solution, utc_now
from matchmaker.services import curation, matching, newcomers
from matchmaker.services.catalogue import Catalogue
from tests.conftest import NOON
from tests.web.pages import sent_by
from tests.web.people import MakeNeed, MakeSolution, SignIn, afresh, introduce, propose, suggest

NOTE = "zqghichukinqz"


def text(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def sent(page: str) -> dict[str, str]:
    return {name: values[0] for name, values in sent_by(page).items()}


@pytest.fixture
def browse(client: FlaskClient, sign_in: SignIn) -> Any:
    """A browser of one's own for each reader."""

    def browse(member: Member | None) -> FlaskClient:
        browser = client.application.test_client()
        return sign_in(browser, member) if member else browser

    return browse


@pytest.fixture
def pair(
    session: Session, alice: Member, bob: Member, carol: Member, make_need: MakeNeed,
    make_solution: MakeSolution,
) -> tuple[Need, Match, Match]:  # fmt: skip
    """A need with a strong suggestion and a weak one."""
    need = make_need(alice, curator=carol)
    strong = suggest(session, need, make_solution(bob, curator=carol, title="Máy hợp nhất"))
    weak = suggest(session, need, make_solution(bob, curator=carol, title="Máy xa hơn"),
                   score=0.2, band=Band.WEAK)  # fmt: skip
    return need, strong, weak


def place(browser: FlaskClient, need: Need, match: Match, **form: str) -> Any:
    page = text(browser, f"/desk/needs/{need.public_id}?match={match.public_id}")
    return browser.post(f"/matches/{match.public_id}/judgements", data=sent(page) | form)


def test_pinned_one_stands_first_for_its_owner_with_its_band(
    browse: Any, session: Session, pair: tuple[Need, Match, Match], alice: Member, carol: Member
) -> None:
    need, _, weak = pair
    desk, own = browse(carol), browse(alice)
    assert text(own, f"/needs/{need.public_id}/matches").index("Máy hợp nhất") < text(
        own, f"/needs/{need.public_id}/matches"
    ).index("Máy xa hơn")

    answer = place(desk, need, weak, ruling="pin", note=NOTE)

    assert answer.status_code == 303
    assert "Đã ghim lên đầu" in text(desk, answer.headers["Location"])
    page = text(own, f"/needs/{need.public_id}/matches")
    assert page.index("Máy xa hơn") < page.index("Máy hợp nhất")
    first = page[page.index("Máy xa hơn") : page.index("Máy hợp nhất")]
    assert "Cán bộ kết nối ghim" in first
    assert "Ít phù hợp" in first
    afresh(session, weak)
    assert (weak.placing, weak.band, weak.state) == (
        Placing.PINNED, Band.WEAK, MatchState.SUGGESTED,
    )  # fmt: skip
    said = [(j.ruling, j.note, j.member_id, j.side) for j in weak.judgements]
    assert said == [(Ruling.PIN, NOTE, carol.id, Side.STAFF)]
    assert place(desk, need, weak, ruling="unpin").status_code == 303
    assert afresh(session, weak).placing is Placing.RANKED


@pytest.mark.parametrize("ruling", ["pin", "hide"])
def test_pin_and_hide_need_a_note(
    browse: Any, session: Session, pair: tuple[Need, Match, Match], carol: Member, ruling: str
) -> None:
    need, _, weak = pair

    answer = place(browse(carol), need, weak, ruling=ruling)

    assert answer.status_code == 422
    assert 'id="note-error"' in answer.get_data(as_text=True)
    assert afresh(session, weak).placing is Placing.RANKED
    assert weak.judgements == []


def test_hidden_one_is_for_the_staff_alone(
    browse: Any, session: Session, engine: Engine, catalogue: Catalogue,
    pair: tuple[Need, Match, Match], alice: Member, bob: Member, carol: Member, mallory: Member,
) -> None:  # fmt: skip
    need, strong, weak = pair
    solution = f"/solutions/{strong.solution.public_id}"
    desk, own, other = browse(carol), browse(alice), browse(bob)
    assert need.title in text(other, f"{solution}/matches")
    for match in (strong, weak):
        assert place(desk, need, match, ruling="hide", note=NOTE).status_code == 303

    page = text(own, f"/needs/{need.public_id}/matches")
    assert "Máy hợp nhất" not in page
    assert "Máy xa hơn" not in page
    assert need.title not in text(other, f"{solution}/matches")
    for browser in (own, other, browse(mallory)):
        text(browser, f"/matches/{strong.public_id}", 404)
    desk_page = text(desk, f"/desk/needs/{need.public_id}?match={strong.public_id}")
    assert "2 giải pháp cán bộ đã ẩn" in desk_page
    assert NOTE in desk_page
    assert 'value="propose"' not in desk_page
    # The queue does not count it as waiting, and asking for it anew is refused.
    assert f"/desk/needs/{need.public_id}" not in text(desk, "/desk/queue?show=undecided")
    form = {"ruling": "propose", "version": str(afresh(session, strong).version)}
    refused = desk.post(f"/matches/{strong.public_id}/judgements", data=form)
    assert refused.status_code == 409
    catalogue.drain(engine)
    session.rollback()
    matching.refresh(session, catalogue, need, started_by=None, now=NOON)
    session.commit()
    assert "Máy hợp nhất" not in text(own, f"/needs/{need.public_id}/matches")
    assert place(desk, need, strong, ruling="unhide").status_code == 303
    assert "Máy hợp nhất" in text(own, f"/needs/{need.public_id}/matches")


def test_notes_of_pins_are_read_by_nobody_but_the_staff(
    browse: Any, session: Session, pair: tuple[Need, Match, Match], alice: Member, bob: Member,
    carol: Member,
) -> None:  # fmt: skip
    need, strong, _ = pair
    curation.judge(session, strong, carol, Ruling.PIN, note=NOTE, now=NOON)
    propose(session, strong, carol)
    rooms = [f"/matches/{strong.public_id}", f"/needs/{need.public_id}", "/work/",
             "/work/notices", f"/solutions/{strong.solution.public_id}"]  # fmt: skip

    met = {
        member.name: any(NOTE in text(browser, room) for room in rooms)
        for member in (alice, bob, carol)
        for browser in (browse(member),)
        if member is not carol or rooms.remove("/work/") is None
    }

    assert met == {"Alice": False, "Bob": False, "Carol": True}


def test_officer_adds_what_the_ranking_left_out(
    browse: Any, session: Session, engine: Engine, catalogue: Catalogue, alice: Member,
    bob: Member, carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol)
    solution = make_solution(bob, curator=carol, title="Nuôi cấy mô hoa lan")
    own = make_solution(alice, curator=carol, title="Máy của chính hãng")
    catalogue.drain(engine)
    room, desk = f"/desk/needs/{need.public_id}/candidates", browse(carol)
    assert "Nuôi cấy mô" in text(desk, f"{room}?q={solution.code}")
    assert "Không thêm được: cùng một tổ chức." in text(desk, f"{room}?q={own.code.lower()}")
    assert "Không có giải pháp đang công bố nào khớp" in text(desk, f"{room}?q=GP-1999-00001")

    refused = desk.post(room, data={"solution": own.public_id})
    answer = desk.post(room, data={"solution": solution.public_id, "note": NOTE})

    assert refused.status_code == 422
    assert "Lý do: Cùng một tổ chức." in refused.get_data(as_text=True)
    assert answer.status_code == 303
    page = text(desk, answer.headers["Location"])
    assert NOTE in page
    assert "Cán bộ thêm vào" in page
    match = session.scalars(select(Match)).one()
    assert (match.solution_id, match.proposed_by) == (solution.id, Side.STAFF)
    assert "Đã có trong danh sách" in text(desk, f"{room}?q={solution.code}")
    assert NOTE not in text(browse(alice), f"/matches/{match.public_id}")
    assert browse(alice).post(room, data={"solution": solution.public_id}).status_code == 403


def excluded_by(browser: FlaskClient, need: Need, typed: str) -> Any:
    address = f"/needs/{need.public_id}/edit"
    form = sent_by(text(browser, address)) | {"do": "keep", "excluded": typed}
    return browser.post(address, data=form)


def test_owner_of_a_need_excludes_whom_it_does_not_want(
    browse: Any, session: Session, engine: Engine, catalogue: Catalogue, alice: Member,
    bob: Member, carol: Member, mallory: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol)
    solution = make_solution(bob, curator=carol)
    catalogue.drain(engine)
    own, school, desk = browse(alice), browse(bob), browse(carol)
    room = f"/needs/{need.public_id}"
    assert need.title in text(school, f"/solutions/{solution.public_id}/matches")

    assert excluded_by(own, need, "Không ai cả").status_code == 422
    assert excluded_by(own, need, "TC-2026-00002").status_code == 303
    version = str(afresh(session, need).version)
    desk.post(
        f"/desk/reviews/need/{need.public_id}", data={"action": "publish", "version": version}
    )

    assert afresh(session, need).excluded == [bob.organisation.public_id]
    assert bob.organisation.name_vi in text(desk, f"/desk/reviews/need/{need.public_id}")
    kept = sent_by(text(own, f"{room}/edit"))["excluded"]
    assert kept == [f"{bob.organisation.code} {bob.organisation.name_vi}"]
    assert matching.suggest(session, catalogue, carol.viewer, need) == []
    assert matching.suggest(session, catalogue, carol.viewer, solution) == []
    session.rollback()
    text(school, room, 404)
    firm = f"/organisations/{alice.organisation.public_id}"
    need.anonymous = False
    session.commit()
    for address in ("/", firm, "/search", "/search?q=nhân+hạt+điều", "/search?kind=need",
                    f"/solutions/{solution.public_id}/matches"):  # fmt: skip
        assert need.public_id not in text(school, address), address
    for reader in (None, mallory, carol):
        assert need.title in text(browse(reader), room)
        assert need.public_id in text(browse(reader), firm)
        assert need.public_id in text(browse(reader), "/search?kind=need")
        if reader is not carol:
            page = text(browse(reader), room)
            assert bob.organisation.public_id not in page
            assert bob.organisation.name_vi not in page


def test_whoever_was_asked_before_is_not_cut_off_from_his_case(
    browse: Any, session: Session, pair: tuple[Need, Match, Match], alice: Member, bob: Member,
    carol: Member,
) -> None:  # fmt: skip
    need, strong, _ = pair
    introduce(session, strong, carol, alice, bob)
    need.excluded = [bob.organisation.public_id]
    session.commit()

    assert need.title in text(browse(bob), f"/needs/{need.public_id}")
    assert need.title in text(browse(bob), f"/matches/{strong.public_id}")


def test_stale_page_does_not_undo_an_exclusion_of_a_need(
    browse: Any, session: Session, alice: Member, bob: Member, make_need: MakeNeed
) -> None:
    need, own = make_need(alice, submit=False), browse(alice)
    address = f"/needs/{need.public_id}/edit"
    stale = sent_by(text(own, address)) | {"do": "keep"}
    excluded_by(own, need, "TC-2026-00002")

    answer = own.post(address, data=stale)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    chosen = sent_by(page) | {"do": "keep", "keep-excluded": "theirs"}
    assert own.post(address, data=chosen).status_code == 303
    assert afresh(session, need).excluded == [bob.organisation.public_id]


def test_related_organisations_are_noted_and_read_by_the_staff_alone(
    browse: Any, session: Session, alice: Member, bob: Member, carol: Member, mallory: Member
) -> None:
    firm, school = alice.organisation, bob.organisation
    room, desk = f"/organisations/{firm.public_id}/relations", browse(carol)

    wrong = desk.post(room, data={"other": firm.code, "relation": "parent", "note": ""})
    odd = desk.post(room, data={"other": school.code, "relation": "cousin", "note": ""})
    right = desk.post(room, data={"other": school.code, "relation": "parent", "note": NOTE})

    assert (wrong.status_code, odd.status_code, right.status_code) == (422, 422, 303)
    relation = session.scalars(select(Relation)).one()
    assert (relation.kind, relation.note) == (RelationKind.PARENT, NOTE)
    here = text(desk, room)
    there = text(desk, f"/organisations/{school.public_id}/relations")
    assert NOTE in here
    assert "Công ty mẹ</p>" in here
    assert "Công ty con</p>" in there
    assert school.public_id in text(desk, f"/organisations/{firm.public_id}")
    for reader in (None, alice, bob, mallory):
        page = text(browse(reader), f"/organisations/{firm.public_id}")
        assert NOTE not in page
        assert "Công ty mẹ" not in page
        assert "relations" not in page
        assert browse(reader).get(room).status_code == (403 if reader else 302)
    elsewhere = f"/organisations/{mallory.organisation.public_id}/relations"
    away = f"{relation.public_id}/remove"
    assert desk.post(f"{elsewhere}/{away}").status_code == 404
    assert desk.post(f"{room}/{away}").status_code == 303
    assert afresh(session, carol)
    assert session.scalars(select(Relation)).all() == []


def test_desk_tells_why_a_solution_is_missing_and_owners_are_not_told(
    browse: Any, session: Session, engine: Engine, catalogue: Catalogue, alice: Member,
    bob: Member, carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol)
    solution: Solution = make_solution(bob, curator=carol)
    solution.excluded = [alice.organisation.public_id]
    session.commit()
    catalogue.drain(engine)
    desk = browse(carol)

    answer = desk.post(f"/desk/needs/{need.public_id}/runs")

    page = text(desk, answer.headers["Location"])
    assert "Không được gợi ý vì quy tắc" in page
    assert "Bên có giải pháp không muốn được đề xuất cho tổ chức này" in page
    assert "lẽ ra đứng thứ 1" in page
    own = text(browse(alice), f"/needs/{need.public_id}/matches")
    assert solution.title not in own
    assert "quy tắc" not in own


def test_full_provider_is_told_why_nothing_is_suggested(
    browse: Any, session: Session, pair: tuple[Need, Match, Match], bob: Member
) -> None:
    bob.organisation.capacity = 0
    session.commit()

    page = text(browse(bob), f"/solutions/{pair[1].solution.public_id}/matches")

    assert "đang nhận đủ số lượt giới thiệu" in page
    assert "Hiện chưa có nhu cầu nào đủ gần" not in page


def test_newcomers_are_listed_with_where_they_are_shown(
    browse: Any, session: Session, engine: Engine, catalogue: Catalogue, alice: Member,
    bob: Member, carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(matching, "KEPT", 1)
    need = make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    new = make_solution(bob, curator=carol, title="Nuôi cấy mô hoa lan", description="Hoa lan.")
    for record in session.scalars(select(Solution)):
        record.published_at = utc_now()
    session.commit()
    catalogue.drain(engine)
    matching.refresh(session, catalogue, need, started_by=None, now=utc_now())
    session.commit()
    desk, own = browse(carol), browse(alice)
    assert "Tháng này chưa xét" in text(desk, "/desk/newcomers")
    newcomers.run(engine, catalogue, now=utc_now())

    page = text(desk, "/desk/newcomers")

    assert "Được giới thiệu thêm ở cuối danh sách" in page
    assert page.index(new.title) < page.index("Đã có trong danh sách gợi ý")
    assert need.code in page
    shown = text(own, f"/needs/{need.public_id}/matches")
    assert "Đơn vị mới: được giới thiệu thêm" in shown[shown.index(new.title) :]
    assert own.get("/desk/newcomers").status_code == 403
