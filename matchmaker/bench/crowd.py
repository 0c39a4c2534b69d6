"""A made site that people can use: members who sign in, pages they read, matches to decide on."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from textwrap import shorten

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from embeddings import Encoder
from matchmaker.bench.world import Builder, moment
from matchmaker.domain.drafts import TITLE_MAX
from matchmaker.domain.identity import new_public_id
from matchmaker.domain.vocabulary import (
    Band,
    Level,
    MatchState,
    OrganisationKind,
    OrganisationStatus,
    Role,
)
from matchmaker.models import Match, Member, Need, Organisation, Solution
from matchmaker.models.database import reading, writing
from matchmaker.services import accounts, sharing

PASSWORD = "a password for measuring only"  # noqa: S105 - of a site that is thrown away
#: Matches waiting for an officer: more than a run decides.
_MATCHES = 6_000
#: Pages of records that readers pass between.
_PAGES = 100
_SEED = 20261128


@dataclass(frozen=True)
class Crowd:
    """Who uses the site and what they find there."""

    owner: str
    curator: str
    #: Addresses that anybody may read.
    pages: list[str]
    #: What is typed into the search box; a number behind it makes each a question of its own.
    questions: list[str]
    #: Public ids of matches nobody has decided on.
    matches: list[str]
    #: Records per second as rows alone, and with the index rows of both levels.
    records_per_s: float
    indexed_per_s: float


def settle(engine: Engine, encoder: Encoder, size: int) -> Crowd:
    """Fill an empty database of today's schema with `size` solutions and their readers."""
    builder = Builder(engine, encoder, now=moment(), levels=(Level.PUBLIC, Level.MEMBERS))
    needs = builder.needs()
    builder.grow(size)
    now = moment()
    with writing(engine) as session:
        firm = session.get_one(Organisation, 1)
        firm.kind, firm.status = OrganisationKind.ENTERPRISE, OrganisationStatus.VERIFIED
        owner = _member(session, "owner@load.example", Role.MEMBER, firm, now)
        curator = _member(session, "curator@load.example", Role.CURATOR, None, now)
        matches = _matches(session, needs, size)
    with reading(engine) as session:
        pages = _pages(session)
        is_shared = sharing.is_shared(session)
    if is_shared:
        sharing.refill(engine)
    # Posts add a number to it, and a title has its length.
    asked = [shorten(title, TITLE_MAX - 20, placeholder="") for title, _ in builder.world.asked]
    whole = builder.record_seconds + builder.vector_seconds
    return Crowd(
        owner, curator, pages, asked, matches, round(size / builder.record_seconds, 1),
        round(size / whole, 1),
    )  # fmt: skip


def _member(
    session: Session, email: str, role: Role, firm: Organisation | None, now: datetime
) -> str:
    made: Member = accounts.add_member(
        session, email=email, name=email.partition("@")[0].title(), password=PASSWORD, role=role,
        organisation=firm, now=now,
    )  # fmt: skip
    return made.email


def _matches(session: Session, needs: list[int], size: int) -> list[str]:
    """Pairs as a ranking leaves them, without reasons: officers decide on these."""
    each = min(size, -(-_MATCHES // len(needs)))
    made = [
        {
            "public_id": new_public_id(), "need_id": need, "solution_id": solution + 1,
            "state": MatchState.SUGGESTED, "score": 0.5, "probability": 0.5,
            "band": Band.PLAUSIBLE, "signals": [], "evidence": [], "is_current": True,
            "created_at": moment() - timedelta(days=1), "updated_at": moment(), "version": 1,
        }
        for need in needs
        for solution in range(each)
    ]  # fmt: skip
    session.execute(insert(Match), made)
    return [str(row["public_id"]) for row in made]


def _pages(session: Session) -> list[str]:
    """Home, lists and records, in the mixture in which strangers read them."""
    dice = random.Random(_SEED)  # noqa: S311 - a mixture of pages, no secret
    total = session.scalar(select(func.max(Solution.id))) or 0
    ids = sorted(dice.sample(range(1, total + 1), min(_PAGES, total)))
    solutions = session.execute(
        select(Solution.public_id, Organisation.public_id)
        .join(Organisation, Organisation.id == Solution.organisation_id)
        .where(Solution.id.in_(ids))
    ).all()
    needs = session.scalars(select(Need.public_id)).all()
    found = [f"/solutions/{one}" for one, _ in solutions]
    found += [f"/organisations/{owner}" for _, owner in solutions[: _PAGES // 4]]
    found += [f"/needs/{one}" for one in needs] * 4
    # One reader in ten comes by the front door or looks at what is new.
    every_tenth = len(found) // 10
    found += ["/", "/search", "/search?kind=solution", "/about"] * (every_tenth // 4 or 1)
    dice.shuffle(found)
    return found
