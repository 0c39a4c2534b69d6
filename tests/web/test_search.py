"""Finding: everyday words, lists to narrow by, addresses nobody can break."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from matchmaker.domain.vocabulary import OrganisationStatus, RecordKind, SolutionKind
from matchmaker.models import Member, Organisation
from matchmaker.services.discovery import SearchRequest
from matchmaker.web.search import read
from tests.web.pages import asked_of
from tests.web.people import MakeNeed, MakeSolution, SignIn


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def total(page: str) -> int:
    found = re.search(r"(\d+) kết quả", page)
    assert found
    return int(found.group(1))


def links(page: str, part: str) -> list[str]:
    found = (unescape(href) for href in re.findall(r'href="(/search[^"]*)"', page))
    return [href for href in found if part in href]


def test_address_is_read_and_what_means_nothing_is_left_out() -> None:
    args = MultiDict(
        [("q", " máy bóc vỏ "), ("kind", "solution"), ("kind", "match"), ("kind", "x"),
         ("field", "203"), ("field", ""), ("trl", "7"), ("solution_kind", "equipment"),
         ("page", "3"), ("sort", "newest"), ("role", "admin")]
    )  # fmt: skip

    assert read(args) == SearchRequest(
        text="máy bóc vỏ", kinds=(RecordKind.SOLUTION,), fields=("203",), trl_min=7,
        solution_kinds=(SolutionKind.EQUIPMENT,), page=3, sort="newest",
    )  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "q=%00%01", "q=" + "đ" * 5000, "page=-1", "page=0", "page=99999999999999999999", "page=٣",
        "page=x", "trl=0", "trl=-5", "trl=99", "trl=²", "kind=match", "kind=member", "field=zzz",
        "commune='%20OR%201=1", "sort=price", "q=%22%27%3Cscript%3E", "q=%ED%A0%80", "cooperation=",
        "&".join(f"field={i}" for i in range(300)), "q=AND+OR+NOT+(*:", "solution_kind=x",
    ],
)  # fmt: skip
def test_no_address_breaks_the_page(
    client: FlaskClient, alice: Member, carol: Member, make_need: MakeNeed, query: str
) -> None:
    make_need(alice, curator=carol)

    assert "<script>" not in text(client, f"/search?{query}")


def test_search_in_words_marks_them_in_a_quote(
    client: FlaskClient, bob: Member, carol: Member, make_solution: MakeSolution
) -> None:
    solution = make_solution(bob, curator=carol)

    page = text(client, "/search?q=dao kép tự chỉnh")

    assert f"/solutions/{solution.public_id}" in page
    assert "<mark>dao</mark> <mark>kép</mark>" in page
    assert 'value="dao kép tự chỉnh"' in page


def test_facets_count_what_is_there_and_narrow_to_it(
    client: FlaskClient, alice: Member, bob: Member, carol: Member, make_need: MakeNeed,
    make_solution: MakeSolution,
) -> None:  # fmt: skip
    make_need(alice, curator=carol)
    make_solution(bob, curator=carol, fields=("211",))
    page = text(client, "/search?kind=need&kind=solution")
    assert total(page) == 2

    (narrow, *_) = links(page, "field=211")
    narrowed = text(client, narrow)

    assert total(narrowed) == 1
    assert "kind=need" in narrow
    assert "Lĩnh vực: 211 vi" in narrowed
    (removed, *_) = [h for h in links(narrowed, "kind=need&kind=solution") if "field" not in h]
    assert total(text(client, removed)) == 2


def test_trl_is_one_lowest_level(
    client: FlaskClient, bob: Member, carol: Member, make_solution: MakeSolution
) -> None:
    make_solution(bob, curator=carol, trl=8)
    make_solution(bob, curator=carol, trl=4, title="Mẫu thử trong phòng")

    every = text(client, "/search?kind=solution")
    page = text(client, "/search?trl=6")

    reached = re.findall(r"TRL (\d).*?facets__count\">(\d+)<", every.split("TRL từ")[1], re.DOTALL)
    assert reached[:2] == [("8", "1"), ("4", "2")]
    assert total(page) == 1
    assert all(href.count("trl=") == 1 for href in links(page, "trl="))


def test_page_beyond_the_last_shows_the_last_and_pages_keep_the_question(
    client: FlaskClient, bob: Member, carol: Member, make_solution: MakeSolution
) -> None:
    for number in range(21):
        make_solution(bob, curator=carol, title=f"Máy số {number}")

    first = text(client, "/search?kind=solution&sort=newest")
    beyond = text(client, "/search?kind=solution&sort=newest&page=77")

    assert "Trang 1 / 2" in first
    assert links(first, "page=2") == ["/search?kind=solution&sort=newest&page=2"]
    assert "Trang 2 / 2" in beyond
    assert len(re.findall('<article class="rec">', beyond)) == 1


def test_empty_answers_say_what_to_do(
    client: FlaskClient, bob: Member, carol: Member, make_solution: MakeSolution
) -> None:
    make_solution(bob, curator=carol)

    assert "Hãy bỏ bớt bộ lọc" in text(client, "/search?q=máy&field=999")
    nothing = text(client, "/search?kind=need&q=máy")
    assert "Chưa có kết quả phù hợp với các bộ lọc này" in nothing
    assert "/needs/new" in nothing


def test_stranger_does_not_find_what_only_members_read(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, carol: Member,
    make_need: MakeNeed,
) -> None:  # fmt: skip
    make_need(alice, curator=carol, situation="Hiện dùng chảo rang quay tay kiểu cũ.")

    strange = text(client, "/search?q=chảo rang quay tay&kind=need")
    known = text(sign_in(client, bob), "/search?q=chảo rang quay tay&kind=need")

    assert "chảo rang quay tay kiểu cũ" not in re.sub(r"<[^>]+>", "", strange)
    assert "chảo rang quay tay kiểu cũ" in re.sub(r"<[^>]+>", "", known)


def test_anonymous_need_has_no_place_to_narrow_by(
    client: FlaskClient, alice: Member, carol: Member, make_need: MakeNeed
) -> None:
    need = make_need(alice, curator=carol)

    assert f"/needs/{need.public_id}" not in text(client, "/search?kind=need&commune=25195")
    assert "commune=25195" not in text(client, "/search?kind=need")
    assert "Điều Suối" not in text(client, "/search?kind=need")


def test_list_asks_the_same_of_the_database_for_one_record_and_for_three(
    client: FlaskClient, engine: Engine, session: Session, alice: Member, bob: Member,
    carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    def count() -> int:
        text(client, "/search")
        with asked_of(engine) as statements:
            text(client, "/search?sort=newest")
        return sum(one.startswith("SELECT") for one in statements)

    make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    one = count()
    for number in range(2):
        make_need(alice, curator=carol, title=f"Nhu cầu {number}")
        make_solution(bob, curator=carol, title=f"Máy {number}")

    assert count() == one


def test_what_a_suspended_organisation_offers_is_found_by_nobody_else(
    client: FlaskClient, session: Session, bob: Member, carol: Member,
    make_solution: MakeSolution, sign_in: SignIn,
) -> None:  # fmt: skip
    solution = make_solution(bob, curator=carol)
    pages = ("/", "/search", "/search?q=máy+cắt+tách+vỏ", f"/solutions/{solution.public_id}")
    assert all(solution.title in client.get(page).text for page in pages)
    firm = session.get_one(Organisation, solution.organisation_id)
    firm.status = OrganisationStatus.SUSPENDED
    session.commit()
    assert not any(solution.title in client.get(page).text for page in pages)
    assert client.get(pages[-1]).status_code == 404
    own = sign_in(client.application.test_client(), bob)
    assert solution.title in own.get(pages[-1]).text
