"""Rows that the tests of faults write on: matches to decide on and introductions to follow."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Role, Stage, WaitingFor
from matchmaker.models import Member
from matchmaker.services import accounts, engagements
from tests.conftest import NOON, PASSWORD
from tests.web.people import MakeNeed, MakeSolution, introduce, suggest

#: An engagement's way to the stage in which an agreement can be noted.
_WAY = (Stage.IN_CONTACT, Stage.NEGOTIATING)


@dataclass(frozen=True)
class Shop:
    """What there is to write on; ids are the public ones."""

    matches: list[str]
    engagements: list[str]


def fill(
    session: Session, alice: Member, bob: Member, carol: Member, make_need: MakeNeed,
    make_solution: MakeSolution, *, matches: int = 4, cases: int = 2,
) -> Shop:  # fmt: skip
    """Suggested matches, and introductions that have come to negotiating. Committed."""
    solution = make_solution(bob, curator=carol)
    suggested = [
        suggest(session, make_need(alice, curator=carol, title=f"Nhu cầu số {n}"), solution)
        for n in range(matches)
    ]
    cased = []
    for n in range(cases):
        offered = make_solution(bob, curator=carol, title=f"Giải pháp số {n}")
        need = make_need(alice, curator=carol, title=f"Nhu cầu đã giới thiệu số {n}")
        case = introduce(session, suggest(session, need, offered), carol, alice, bob)
        for stage in _WAY:
            engagements.move(
                session, case, carol, stage=stage, next_step="Bước tiếp",
                due_on=(NOON + timedelta(days=9)).date(), waiting_for=WaitingFor.OFFICER,
                note="", now=NOON,
            )  # fmt: skip
            session.commit()
        cased.append(case)
    return Shop([m.public_id for m in suggested], [c.public_id for c in cased])


def staff(session: Session, number: int, role: Role) -> Member:
    """One more officer. Committed."""
    member = accounts.add_member(
        session, email=f"{role}{number}@department.example", name=f"{role} {number}",
        password=PASSWORD, role=role, now=NOON,
    )  # fmt: skip
    session.commit()
    return member
