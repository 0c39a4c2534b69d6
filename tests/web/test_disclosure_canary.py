"""Every field holds a word of its own; each reader meets exactly those the table allows."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matchmaker.domain import disclosure
from matchmaker.domain.disclosure import STRANGER, Viewer
from matchmaker.domain.vocabulary import Level, RecordKind, Ruling
from matchmaker.models import (
    Contact,
    Embedding,
    Expert,
    Match,
    Member,
    Need,
    Notice,
    Organisation,
    RequirementRow,
    Solution,
)
from matchmaker.services import curation, matching
from matchmaker.services.catalogue import Catalogue
from tests.conftest import NOON
from tests.web.people import MakeNeed, MakeSolution, SignIn

TEXTS = {
    "need": (
        "title", "summary", "problem", "situation", "constraints", "expected_benefit",
        "tried_before", "confidential_detail", "channel",
    ),
    "solution": (
        "title", "summary", "description", "problem_solved", "advantage", "limits",
        "trl_evidence", "reference_cases", "support", "confidential_detail",
    ),
    "organisation": (
        "name_vi", "name_en", "short_name", "address", "website", "about_vi", "about_en", "park",
        "source",
    ),
}  # fmt: skip
LISTS = {"need": ("keywords", "excluded"), "solution": ("keywords", "excluded"), "organisation": ()}
#: Sums as no other field has them; pages write them in two ways.
SUMS = {
    ("need", "budget_min"): (312_340_000, "312,34 triệu"),
    ("need", "budget_max"): (456_780_000, "456,78 triệu"),
    ("solution", "price_min"): (123_450_000, "123,45 triệu"),
    ("solution", "price_max"): (234_560_000, "234,56 triệu"),
}
#: The people behind the records, by the field that names them.
ALICE, BOB, CAROL = ("need", "author"), ("solution", "author"), ("need", "curator")
#: Fields that no page has a place for, whoever reads it.
UNSHOWN = {
    ("need", "channel"), ("need", "excluded"), ("solution", "excluded"), ("seeker", "source"),
    ("offerer", "source"), ALICE, BOB,
}  # fmt: skip
#: Fields that a Vietnamese page shows only where they answer a search.
QUOTED = {"about_en", "short_name"}
#: What a curator writes down for the department alone.
NOTE = "zqnoteqz"
#: (record, field) → the forms in which its canary would show.
Canaries = dict[tuple[str, str], tuple[str, ...]]
KINDS = {"need": RecordKind.NEED, "solution": RecordKind.SOLUTION}


def word(kind: str, name: str) -> str:
    return f"zq{kind}{name.replace('_', '')}qz"


@dataclass
class Farm:
    """Alice's anonymous need and Bob's solution, with a canary in every field of both."""

    need: Need
    solution: Solution
    match: Match
    seeker: Organisation
    offerer: Organisation
    canaries: Canaries
    #: Rooms that came to be after the others.
    rooms: list[str] = field(default_factory=list)

    def owner(self, record: str) -> int:
        seeks = record in {"need", "seeker"}
        return self.seeker.id if seeks else self.offerer.id

    def allowed(self, viewer: Viewer, *, introduced: bool) -> set[tuple[str, str]]:
        """What the table lets this reader read of each record."""
        found = set()
        for record, name in self.canaries:
            kind = KINDS.get(record, RecordKind.ORGANISATION)
            party = introduced and viewer.organisation_id in {self.seeker.id, self.offerer.id}
            granted = disclosure.clearance(viewer, self.owner(record), introduced=party)
            base = name.partition(".")[0]
            anonymous = record == "need" and self.need.anonymous
            if disclosure.level_of(kind, base, anonymous=anonymous) <= granted:
                found.add((record, name))
        return found


def fill(record: Need | Solution | Organisation, kind: str, label: str, canaries: Canaries) -> None:
    """Put a canary into every text of a record."""
    for name in TEXTS[kind]:
        setattr(record, name, word(label, name))
        canaries[label, name] = (word(label, name),)
    for name in LISTS[kind]:
        setattr(record, name, [word(label, name)])
        canaries[label, name] = (word(label, name),)
    for (owner, name), (amount, told) in SUMS.items():
        if owner == kind:
            setattr(record, name, amount)
            canaries[label, name] = (told, str(amount), f"{amount:,}".replace(",", "."))


def people(organisation: Organisation, label: str, canaries: Canaries) -> None:
    """Contacts and an expert, each of whose fields holds a canary."""
    contact = Contact(
        name=word(label, "contactname"), role=word(label, "contactrole"),
        email=f"{word(label, 'contactemail')}@kiemthu.example",
        phone=f"09 {word(label, 'contactphone')}", consent=True,
    )  # fmt: skip
    organisation.contacts[:] = [contact]
    for name in ("name", "role", "email", "phone"):
        canaries[label, f"contacts.{name}"] = (word(label, f"contact{name}"),)
    expert = Expert(
        name=word(label, "expertname"), degree=word(label, "expertdegree"),
        topics=[word(label, "experttopics")], techniques=[word(label, "experttechniques")],
        not_wanted=word(label, "expertnotwanted"), languages=["vi"],
    )  # fmt: skip
    organisation.experts.append(expert)
    for name in ("name", "degree", "topics", "techniques"):
        canaries[label, f"experts.{name}"] = (word(label, f"expert{name}"),)


@pytest.fixture
def farm(
    session: Session, engine: Engine, catalogue: Catalogue, alice: Member, bob: Member,
    carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> Farm:  # fmt: skip
    """Published, indexed, ranked by the machine and proposed; nobody has answered yet."""
    assert alice.organisation
    assert bob.organisation
    need, solution = make_need(alice, curator=carol), make_solution(bob, curator=carol)
    canaries: Canaries = {}
    for organisation, label in ((alice.organisation, "seeker"), (bob.organisation, "offerer")):
        fill(organisation, "organisation", label, canaries)
        people(organisation, label, canaries)
    for member, key in ((alice, ALICE), (bob, BOB), (carol, CAROL)):
        member.name = word(*key)
        canaries[key] = (member.name,)
    alice.organisation.commune = "26041"
    fill(need, "need", "need", canaries)
    fill(solution, "solution", "solution", canaries)
    need.requirements[:] = [RequirementRow(position=0, text=word("need", "demand"), must=True)]
    canaries["need", "requirements"] = (word("need", "demand"),)
    need.translation = {n: word("need", f"en{n}") for n in ("title", "summary", "problem")}
    canaries["need", "translation"] = (word("need", "entitle"), word("need", "ensummary"))
    solution.experts.append(bob.organisation.experts[0])
    solution.performances[0].condition = word("solution", "condition")
    canaries["solution", "performances"] = (word("solution", "condition"),)
    session.commit()
    catalogue.drain(engine)
    catalogue.catch_up(session)
    matching.refresh(session, catalogue, need, started_by=carol, now=NOON)
    session.flush()
    match = session.scalars(select(Match)).one()
    curation.judge(session, match, carol, Ruling.PROPOSE, note=NOTE, now=NOON)
    session.commit()
    return Farm(need, solution, match, alice.organisation, bob.organisation, canaries)


def addresses(farm: Farm) -> Iterator[str]:
    """Every room that could show these records, and a search for each hidden canary."""
    need, solution = f"/needs/{farm.need.public_id}", f"/solutions/{farm.solution.public_id}"
    yield from ("/", "/about", "/search", "/search?sort=newest", "/search?kind=need")
    for record in (need, solution):
        yield from (record, f"{record}/matches", f"{record}/edit", f"{record}?as=stranger")
    for organisation in (farm.seeker, farm.offerer):
        yield f"/organisations/{organisation.public_id}"
        yield f"/organisations/{organisation.public_id}/edit"
    yield f"/matches/{farm.match.public_id}"
    yield from ("/work/", "/work/notices", "/desk", "/desk/reviews", "/desk/queue")
    yield f"/desk/needs/{farm.need.public_id}"
    yield from farm.rooms
    # In capitals: what is typed stands on the page again, what is found in small letters.
    hidden = []
    for (record, name), shown in farm.canaries.items():
        kind = KINDS.get(record, RecordKind.ORGANISATION)
        if name in QUOTED:
            yield f"/search?q={shown[0].upper()}"
        elif disclosure.level_of(kind, name.partition(".")[0]) > Level.PUBLIC:
            hidden.append(shown[0].upper())
    for at in range(0, len(hidden), 6):
        yield f"/search?q={'+'.join(hidden[at : at + 6])}"


def pages(app: Flask, farm: Farm, member: Member | None, sign_in: SignIn) -> dict[str, str]:
    """All that a reader gets to see, by address."""
    browser = app.test_client()
    if member:
        sign_in(browser, member)
        browser.get("/about")  # takes the greeting with his name
    return {address: browser.get(address).get_data(as_text=True) for address in addresses(farm)}


def seen(farm: Farm, read: dict[str, str]) -> dict[tuple[str, str], list[str]]:
    """Where each canary shows."""
    return {
        key: places
        for key, forms in farm.canaries.items()
        if (places := [a for a, page in read.items() if any(form in page for form in forms)])
    }


def names_known(member: Member | None) -> set[tuple[str, str]]:
    """His own, at the head of every page; and to owners the officer who ruled on what is theirs."""
    if member is None:
        return set()
    own = {key for key in (ALICE, BOB, CAROL) if member.name == word(*key)}
    return own | {CAROL} if own else own


@pytest.fixture
def readers(alice: Member, bob: Member, carol: Member, mallory: Member) -> dict[str, Member | None]:
    return {"stranger": None, "mallory": mallory, "alice": alice, "bob": bob, "carol": carol}


READERS = ("stranger", "mallory", "alice", "bob", "carol")


@pytest.mark.parametrize("who", READERS)
def test_reader_meets_what_the_table_allows_and_nothing_else(
    app: Flask, farm: Farm, sign_in: SignIn, readers: dict[str, Member | None], who: str
) -> None:
    member = readers[who]
    viewer = member.viewer if member else STRANGER

    found = seen(farm, pages(app, farm, member, sign_in))

    allowed = farm.allowed(viewer, introduced=False)
    known = names_known(member)
    assert {key: found[key] for key in found.keys() - allowed - known} == {}
    assert (allowed - UNSHOWN) - found.keys() == set()


@pytest.mark.parametrize("who", READERS)
def test_reader_meets_more_only_after_both_agreed(
    app: Flask, farm: Farm, sign_in: SignIn, readers: dict[str, Member | None], who: str,
    session: Session, alice: Member, bob: Member,
) -> None:  # fmt: skip
    member = readers[who]
    viewer = member.viewer if member else STRANGER
    known = names_known(member)
    before = farm.allowed(viewer, introduced=False)
    curation.answer(session, farm.match, alice, Ruling.ACCEPT, now=NOON)
    session.commit()

    after_one = seen(farm, pages(app, farm, member, sign_in))
    assert {key: after_one[key] for key in after_one.keys() - before - known} == {}
    engagement = curation.answer(session, farm.match, bob, Ruling.ACCEPT, now=NOON)
    session.commit()

    assert engagement is not None
    farm.rooms.append(f"/engagements/{engagement.public_id}")
    found = seen(farm, pages(app, farm, member, sign_in))
    allowed = farm.allowed(viewer, introduced=True)
    assert {key: found[key] for key in found.keys() - allowed - known} == {}
    assert (allowed - UNSHOWN) - found.keys() == set()
    assert bool(allowed - before) is (who in {"alice", "bob"})


@pytest.mark.parametrize("who", ["stranger", "mallory", "bob"])
def test_nothing_about_an_anonymous_need_tells_whose_it_is(
    app: Flask, farm: Farm, sign_in: SignIn, readers: dict[str, Member | None], who: str,
) -> None:  # fmt: skip
    """Name, address, contact, commune and the way to its page, wherever the need is spoken of."""
    read = pages(app, farm, readers[who], sign_in)
    spoken = {
        address: page
        for address, page in read.items()
        if address.startswith(("/needs/", "/matches/", "/work/", "/search?kind=need"))
        or address == f"/solutions/{farm.solution.public_id}/matches"
    }
    owner = [form for (record, _), forms in farm.canaries.items() if record == "seeker"
             for form in forms]  # fmt: skip
    owner += [farm.seeker.public_id, farm.seeker.code, "26041", "alice@firm.example", word(*ALICE)]

    assert word("need", "title") in spoken[f"/needs/{farm.need.public_id}"]
    told = {(a, form) for a, page in spoken.items() for form in owner if form in page}
    assert told == set()
    # And his own page does not lead to the need.
    assert farm.need.public_id not in read[f"/organisations/{farm.seeker.public_id}"]


def test_owner_is_named_where_the_need_is_not_anonymous(
    client: FlaskClient, farm: Farm, session: Session
) -> None:
    """What the test above looks for would be found."""
    farm.need.anonymous = False
    session.commit()

    page = client.get(f"/needs/{farm.need.public_id}").get_data(as_text=True)

    assert word("seeker", "shortname") in page or word("seeker", "name_vi") in page
    assert farm.seeker.public_id in page


@pytest.mark.parametrize("who", READERS)
def test_notes_and_private_wishes_stay_where_they_belong(
    app: Flask, farm: Farm, sign_in: SignIn, readers: dict[str, Member | None], who: str
) -> None:
    read = pages(app, farm, readers[who], sign_in)

    assert any(NOTE in page for page in read.values()) is (who == "carol")
    for label in ("seeker", "offerer"):
        assert not any(word(label, "expertnotwanted") in page for page in read.values())


def test_index_holds_of_each_level_only_what_it_may(farm: Farm, session: Session) -> None:
    """Else a search would find, and so tell, what its asker may not read."""
    kept = {RecordKind.NEED: ("need",), RecordKind.SOLUTION: ("solution",)}
    checked = 0
    for row in session.scalars(select(Embedding)):
        text = f"{row.title} {row.body}"
        for (record, name), forms in farm.canaries.items():
            if not any(form in text for form in forms):
                continue
            assert record in kept.get(row.record_kind, ("seeker", "offerer"))
            kind = KINDS.get(record, RecordKind.ORGANISATION)
            anonymous = record == "need"
            level = disclosure.level_of(kind, name.partition(".")[0], anonymous=anonymous)
            assert level <= Level(row.level), (record, name)
            checked += 1
        if row.level == Level.PUBLIC:
            assert word("need", "enproblem") not in text
    assert checked > 40


def test_search_of_a_stranger_is_the_same_whatever_is_hidden(
    client: FlaskClient, farm: Farm, session: Session
) -> None:
    asked = [
        f"/search?q={farm.canaries['need', name][0].upper()}"
        for name in ("problem", "situation", "confidential_detail", "author")
    ]
    client.get("/")
    before = [client.get(address).get_data() for address in asked]

    farm.need.problem = farm.need.situation = farm.need.confidential_detail = "khác hẳn"
    session.commit()

    assert [client.get(address).get_data() for address in asked] == before


def test_notices_carry_no_word_of_any_record(farm: Farm, session: Session) -> None:
    told = [str(notice.facts) for notice in session.scalars(select(Notice))]

    assert told
    hidden = [form for key, forms in farm.canaries.items() for form in forms
              if key[1] not in {"title", "name_vi", "short_name"}]  # fmt: skip
    assert [fact for fact in told if any(form in fact for form in hidden)] == []
