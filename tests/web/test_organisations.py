"""An organisation's page, its own profile, its experts."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from matchmaker.domain import identity
from matchmaker.domain.vocabulary import OrganisationKind
from matchmaker.models import AuditEntry, Contact, IndexTask, Member, Need, Organisation, Solution
from matchmaker.services import organisations
from tests.conftest import NOON
from tests.web.pages import asked_of, sent_by

SignIn = Callable[[FlaskClient, Member], FlaskClient]


def firm_of(session: Session, member: Member) -> Organisation:
    session.rollback()
    session.expire_all()
    return session.get_one(Organisation, member.organisation_id)


def edit(browser: FlaskClient, public_id: str, **typed: Any) -> Any:
    """Open the profile's form, change some fields and save it."""
    address = f"/organisations/{public_id}/edit"
    page = browser.get(address).get_data(as_text=True)
    return browser.post(address, data=sent_by(page) | typed)


def tax_code_of(nine: str) -> str:
    """A code of no real firm, right in its check digit."""
    return next(code for d in range(10) if identity.is_tax_code(code := f"{nine}{d}"))


@pytest.fixture
def alice(alice: Member, session: Session) -> Member:
    """Alice, of a firm that has its tax code."""
    firm_of(session, alice).tax_code = tax_code_of("990000030")
    session.commit()
    return alice


def test_profile_is_changed_and_noted(
    client: FlaskClient, sign_in: SignIn, alice: Member, session: Session
) -> None:
    firm = firm_of(session, alice)
    tasks = session.scalar(select(func.count()).select_from(IndexTask)) or 0

    answer = edit(sign_in(client, alice), firm.public_id, name_en="Test Cashew", founded="2014")

    assert answer.status_code == 303
    firm = firm_of(session, alice)
    assert (firm.name_en, firm.founded) == ("Test Cashew", 2014)
    note = session.scalars(select(AuditEntry).where(AuditEntry.action == "organisation.revise"))
    assert note.one().detail == {"fields": ["founded", "name_en"]}
    assert (session.scalar(select(func.count()).select_from(IndexTask)) or 0) > tasks


def test_profile_saved_untouched_stays_as_it_is(
    client: FlaskClient, sign_in: SignIn, alice: Member, session: Session
) -> None:
    before = organisations.draft_of(firm_of(session, alice))

    answer = edit(sign_in(client, alice), firm_of(session, alice).public_id)

    assert answer.status_code == 303
    assert organisations.draft_of(firm_of(session, alice)) == before


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("tax_code", "1234567890"),
        ("tax_code", ""),
        ("website", "javascript:alert(1)"),
        ("founded", "năm ngoái"),
        ("name_vi", ""),
        ("contacts-0-email", "không phải thư"),
        ("commune", "99999"),
    ],
)
def test_wrong_profile_is_refused_at_its_field(
    client: FlaskClient, sign_in: SignIn, alice: Member, session: Session, field: str, typed: str
) -> None:
    before = organisations.draft_of(firm_of(session, alice))

    answer = edit(sign_in(client, alice), firm_of(session, alice).public_id, **{field: typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.get_data(as_text=True)
    assert organisations.draft_of(firm_of(session, alice)) == before


def test_tax_code_is_taken_only_once(
    client: FlaskClient, sign_in: SignIn, alice: Member, mallory: Member, session: Session
) -> None:
    first, second = firm_of(session, alice).public_id, firm_of(session, mallory).public_id
    tax_code = tax_code_of("990000010")

    mine = edit(sign_in(client.application.test_client(), alice), first, tax_code=tax_code)
    other = edit(sign_in(client.application.test_client(), mallory), second, tax_code=tax_code)

    assert (mine.status_code, other.status_code) == (303, 422)
    assert firm_of(session, mallory).tax_code is None


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (OrganisationKind.STARTUP, 422),
        (OrganisationKind.COOPERATIVE, 422),
        (OrganisationKind.HOUSEHOLD, 303),
        (OrganisationKind.SUPPORT_CENTRE, 303),
    ],
)
def test_tax_code_is_asked_of_firms_only(
    client: FlaskClient, sign_in: SignIn, mallory: Member, session: Session,
    kind: OrganisationKind, status: int,
) -> None:  # fmt: skip
    page = edit(sign_in(client, mallory), firm_of(session, mallory).public_id, kind=str(kind))

    assert page.status_code == status
    assert ('id="tax_code-error"' in page.get_data(as_text=True)) is (status == 422)


def test_stale_profile_is_not_overwritten(
    client: FlaskClient, sign_in: SignIn, alice: Member, session: Session
) -> None:
    firm = firm_of(session, alice)
    address = f"/organisations/{firm.public_id}/edit"
    stale = sent_by(sign_in(client, alice).get(address).get_data(as_text=True))
    edit(client, firm.public_id, name_en="Bản của đồng nghiệp")

    answer = client.post(address, data=stale | {"name_en": "Bản của tôi"})

    assert answer.status_code == 409
    assert "Bản của đồng nghiệp" in answer.get_data(as_text=True)
    assert firm_of(session, alice).name_en == "Bản của đồng nghiệp"


def test_nobody_edits_anothers_profile(
    client: FlaskClient, sign_in: SignIn, alice: Member, mallory: Member, session: Session
) -> None:
    address = f"/organisations/{firm_of(session, alice).public_id}"
    sign_in(client, mallory)

    assert client.get(f"{address}/edit").status_code == 404
    assert client.get(f"{address}/experts/new").status_code == 404


def test_experts_come_and_go(
    client: FlaskClient, sign_in: SignIn, bob: Member, session: Session
) -> None:
    address = f"/organisations/{firm_of(session, bob).public_id}"
    typed = {"name": "Trần Thử", "degree": "TS.", "topics": "cơ khí, sấy", "days_per_month": "4"}
    sign_in(client, bob)

    refused = client.post(f"{address}/experts/new", data=typed | {"topics": ""})
    added = client.post(f"{address}/experts/new", data=typed)
    expert = firm_of(session, bob).experts[0]
    assert (refused.status_code, added.status_code) == (422, 303)
    assert (expert.name, expert.topics, expert.days_per_month) == (
        "Trần Thử", ["cơ khí", "sấy"], 4,
    )  # fmt: skip
    assert "Trần Thử" in client.get(address).get_data(as_text=True)

    here = f"{address}/experts/{expert.public_id}"
    client.post(f"{here}/edit", data=typed | {"name": "Trần Thử B"})
    assert firm_of(session, bob).experts[0].name == "Trần Thử B"
    client.post(f"{here}/remove")
    assert firm_of(session, bob).experts == []


def test_expert_of_another_school_is_not_found(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, session: Session
) -> None:
    sign_in(client.application.test_client(), bob).post(
        f"/organisations/{firm_of(session, bob).public_id}/experts/new",
        data={"name": "Trần Thử", "topics": "cơ khí"},
    )
    expert = firm_of(session, bob).experts[0]
    address = f"/organisations/{firm_of(session, alice).public_id}/experts/{expert.public_id}"
    sign_in(client, alice)

    assert client.get(f"{address}/edit").status_code == 404
    assert client.post(f"{address}/remove").status_code == 404
    assert len(firm_of(session, bob).experts) == 1


def test_every_word_follows_the_readers_language(
    client: FlaskClient, sign_in: SignIn, bob: Member, session: Session
) -> None:
    firm = firm_of(session, bob)
    firm.contacts.append(Contact(name="Lê Thử", role="", email="le@thu.example", phone=""))
    session.commit()
    sign_in(client, bob)
    pages = {}
    for language in ("vi", "en"):
        client.post("/account/language", data={"value": language, "next": "/"})
        pages[language] = client.get(f"/organisations/{firm.public_id}").get_data(as_text=True)

    assert "Hai bên được giới thiệu" in pages["vi"]
    assert "Hai bên được giới thiệu" not in pages["en"]


def test_a_form_sent_twice_lists_one_expert(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, session: Session
) -> None:
    address = f"/organisations/{firm_of(session, bob).public_id}/experts/new"
    sign_in(client, bob)
    form = {k: v[0] for k, v in sent_by(client.get(address).get_data(True)).items()}
    typed = form | {"name": "Trần Thử", "topics": "cơ khí"}

    answers = [client.post(address, data=typed).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert [one.name for one in firm_of(session, bob).experts] == ["Trần Thử"]
    # Another organisation cannot pass it off as its own.
    sign_in(client, alice)
    other = f"/organisations/{firm_of(session, alice).public_id}/experts/new"
    assert client.post(other, data=typed).status_code == 403
    # A form opened afresh may say the same again: that is another person of the name.
    sign_in(client, bob)
    again = {k: v[0] for k, v in sent_by(client.get(address).get_data(True)).items()}
    client.post(address, data=typed | {"submission_key": again["submission_key"]})
    assert len(firm_of(session, bob).experts) == 2


def test_page_never_names_the_owner_of_an_anonymous_need(
    client: FlaskClient, sign_in: SignIn, alice: Member, mallory: Member, carol: Member,
    session: Session, make_need: Callable[..., Need],
) -> None:  # fmt: skip
    hidden = make_need(alice, curator=carol, anonymous=True, title="Nhu cầu không nêu tên")
    open_one = make_need(alice, curator=carol, anonymous=False, title="Nhu cầu có nêu tên")
    address = f"/organisations/{firm_of(session, alice).public_id}"
    other, own = (
        sign_in(client.application.test_client(), who).get(address).get_data(as_text=True)
        for who in (mallory, alice)
    )

    for page in (client.get(address).get_data(as_text=True), other):
        assert open_one.title in page
        assert hidden.title not in page
        assert hidden.public_id not in page
    assert hidden.title in own


def test_contacts_are_for_introduced_parties(
    client: FlaskClient, sign_in: SignIn, alice: Member, mallory: Member, session: Session
) -> None:
    address = f"/organisations/{firm_of(session, alice).public_id}"

    for browser in (client, sign_in(client.application.test_client(), mallory)):
        assert "lienhe1@kiemthu.example" not in browser.get(address).get_data(as_text=True)
    own = sign_in(client.application.test_client(), alice)
    assert "lienhe1@kiemthu.example" in own.get(address).get_data(as_text=True)


def test_page_asks_as_many_questions_for_three_solutions_as_for_one(
    client: FlaskClient, bob: Member, carol: Member, session: Session, engine: Engine,
    make_solution: Callable[..., Solution],
) -> None:  # fmt: skip
    address = f"/organisations/{firm_of(session, bob).public_id}"
    make_solution(bob, curator=carol)
    client.get(address)
    client.get(address)
    with asked_of(engine) as one:
        client.get(f"{address}?not=kept")
    for number in (2, 3):
        make_solution(bob, curator=carol, title=f"Giải pháp thứ {number}")
    client.get(address)
    client.get(address)
    with asked_of(engine) as three:
        client.get(f"{address}?not=kept")

    assert len(three) == len(one) > 0


def test_expert_named_by_a_solution_can_be_removed(
    session: Session, bob: Member, make_solution: Callable[..., Solution]
) -> None:
    school = firm_of(session, bob)
    expert = organisations.add_expert(
        session, school, bob,
        organisations.ExpertDraft(name="Trần Thử", topics=("cơ khí",)), now=NOON,
    )  # fmt: skip
    solution = make_solution(bob, submit=False, experts=(expert.public_id,))
    assert solution.experts == [expert]

    organisations.remove_expert(session, expert, bob, now=NOON)
    session.commit()

    session.expire_all()
    assert solution.experts == []
