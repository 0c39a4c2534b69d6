"""The first page, and the page that explains."""

from flask.testing import FlaskClient
from sqlalchemy import Engine

from matchmaker.models import Member
from matchmaker.web import phrases
from tests.web.pages import asked_of
from tests.web.people import MakeNeed, MakeSolution


def test_first_page_counts_and_shows_what_is_published(
    client: FlaskClient, alice: Member, bob: Member, carol: Member, make_need: MakeNeed,
    make_solution: MakeSolution,
) -> None:  # fmt: skip
    shown = make_need(alice, curator=carol)
    hidden = make_need(alice, title="Chưa duyệt")
    solution = make_solution(bob, curator=carol)

    page = client.get("/").get_data(as_text=True)

    assert f"/needs/{shown.public_id}" in page
    assert f"/solutions/{solution.public_id}" in page
    assert hidden.title not in page
    assert "Điều Suối" not in page  # anonymous
    figures = "".join(page.split('<dl class="figures">')[1].split("</dl>")[0].split())
    assert "nhucầuđangtìmgiảipháp</a></dt><dd>1</dd>" in figures
    assert "tổchức</a></dt><dd>2</dd>" in figures


def test_empty_site_still_says_what_it_is_for(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)

    assert 'role="search"' in page
    assert "Chưa có nhu cầu nào được công bố." in page
    for address in ("/needs/new", "/solutions/new", "/search?sort=newest"):
        assert f'href="{address}"' in page


def test_first_page_asks_the_same_of_the_database_however_much_there_is(
    client: FlaskClient, engine: Engine, alice: Member, bob: Member, carol: Member,
    make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    def count() -> int:
        with asked_of(engine) as statements:
            assert client.get("/").status_code == 200
        return sum(one.startswith("SELECT") for one in statements)

    make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    one = count()
    for number in range(2):
        make_need(alice, curator=carol, title=f"Nhu cầu {number}")
        make_solution(bob, curator=carol, title=f"Máy {number}")

    assert count() == one


def test_about_page_names_every_level_of_disclosure(client: FlaskClient) -> None:
    page = client.get("/about").get_data(as_text=True)

    for words in phrases.PHRASES["Level"].values():
        assert str(words) in page
    assert "cán bộ quyết định" in page
