"""What the officers' tests share: records that can be matched, and matches in every state."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Band, Ruling
from matchmaker.models import Engagement, Match, Member, Need, Solution
from matchmaker.services import curation
from tests.conftest import NOON

SignIn = Callable[[FlaskClient, Member], FlaskClient]
MakeNeed = Callable[..., Need]
MakeSolution = Callable[..., Solution]
QUOTE = "Tỉ lệ vỡ nhân đo được là 6 %."
EVIDENCE: list[dict[str, Any]] = [
    {
        "text": "Tỉ lệ vỡ nhân không quá 8 %",
        "must": True,
        "verdict": "met",
        "field": "description",
        "quote": QUOTE,
        "found": "6 %",
        "question": "confirm_value",
    }
]
SIGNALS: list[dict[str, Any]] = [
    {"name": "field", "value": 1.0, "weight": 0.006, "facts": {"codes": ["203"]}},
    {"name": "readiness", "value": 1.0, "weight": 0.006, "facts": {"trl": 8, "wanted": 7}},
]


def suggest(session: Session, need: Need, solution: Solution, **changes: Any) -> Match:
    """A suggestion as a run leaves it. Committed."""
    values: dict[str, Any] = {
        "score": 0.9,
        "probability": 0.8,
        "band": Band.STRONG,
        "signals": SIGNALS,
        "evidence": EVIDENCE,
    }
    match = Match(need=need, solution=solution, **(values | changes))
    session.add(match)
    session.commit()
    return match


def propose(session: Session, match: Match, curator: Member) -> None:
    curation.judge(session, match, curator, Ruling.PROPOSE, note="Nội bộ: gọi trước", now=NOON)
    session.commit()


def introduce(
    session: Session, match: Match, curator: Member, seeker: Member, offerer: Member
) -> Engagement:
    """Both sides said yes. Committed."""
    propose(session, match, curator)
    curation.answer(session, match, seeker, Ruling.ACCEPT, now=NOON)
    engagement = curation.answer(session, match, offerer, Ruling.ACCEPT, now=NOON)
    assert engagement is not None
    session.commit()
    return engagement


def afresh(session: Session, row: Any) -> Any:
    """The row as the site left it."""
    session.rollback()
    session.expire_all()
    session.refresh(row)
    return row
