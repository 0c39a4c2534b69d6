"""Needs that people judged, on real rows: half of them have an answer on the shelf, half none."""

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from embeddings import HashingEncoder
from matchmaker.domain.vocabulary import (
    Band,
    OrganisationKind,
    Reason,
    ReviewAction,
    Role,
    Ruling,
)
from matchmaker.models import Match, Member, Need, Solution
from matchmaker.models.database import new_session, open_engine
from matchmaker.services import curation, records, reviews
from matchmaker.services.catalogue import Catalogue
from tests.conftest import NOON, _organisation, need_draft, solution_draft

SOLUTIONS, NEEDS = 12, 50
MISFIT = Reason.NOT_OUR_FIELD


def words(topic: str) -> str:
    """A handful of words that no other topic has."""
    return " ".join(f"{topic}{part}" for part in ("moc", "lua", "sen", "tre", "gom", "bac"))


def make(path: Path) -> None:
    """Fill a database at the newest revision: people, solutions, and needs judged by Carol."""
    engine = open_engine(f"sqlite:///{path}")
    with new_session(engine, writes=True) as session:
        school, firm = (
            _organisation(session, n, kind, f"Tổ chức {n}")
            for n, kind in ((1, OrganisationKind.UNIVERSITY), (2, OrganisationKind.ENTERPRISE))
        )
        bob, alice, carol = (
            Member(
                email=f"{name}@judged.example", name=name, password_hash="", role=role,
                organisation=of,
            )
            for name, role, of in (
                ("Bob", Role.MEMBER, school), ("Alice", Role.MEMBER, firm),
                ("Carol", Role.CURATOR, None),
            )
        )  # fmt: skip
        session.add_all([bob, alice, carol])
        session.flush()
        solutions = [_solution(session, bob, carol, n) for n in range(SOLUTIONS)]
        for number in range(NEEDS):
            answered = number % 2 == 0
            need = _need(session, alice, carol, number, answered=answered)
            said = (Ruling.SHORTLIST, None) if answered else (Ruling.DISMISS, MISFIT)
            judge(session, need, solutions[number % SOLUTIONS], carol, *said)
        session.commit()
    Catalogue(HashingEncoder(), path.parent).drain(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _solution(session: Session, bob: Member, carol: Member, number: int) -> Solution:
    topic = words(f"s{number}")
    draft = solution_draft(
        title=f"Máy {topic}"[:80], summary=topic, description=f"Thiết bị làm {topic} cho xưởng."
    )
    made = records.post_solution(session, bob, draft, key=None, submit=True, now=NOON)
    reviews.review(session, made, carol, ReviewAction.PUBLISH, now=NOON)
    return made


def _need(session: Session, alice: Member, carol: Member, number: int, *, answered: bool) -> Need:
    """A need of the topic of one solution, or of a topic that no solution has."""
    topic = words(f"s{number % SOLUTIONS}" if answered else f"n{number}")
    draft = need_draft(
        title=f"Cần {topic}"[:80], summary=topic,
        problem=f"Xưởng cần thiết bị làm {topic}. Hiện nay phải làm bằng tay, mất nhiều công và "
        "không đều, nên muốn tìm thiết bị hoặc quy trình phù hợp hơn cho cả ca.",
    )  # fmt: skip
    made = records.post_need(session, alice, draft, key=None, submit=True, now=NOON)
    reviews.review(session, made, carol, ReviewAction.PUBLISH, now=NOON)
    return made


def judge(
    session: Session, need: Need, solution: Solution, carol: Member, ruling: Ruling,
    reason: Reason | None = None,
) -> Match:  # fmt: skip
    """One judgement of one pair, as the desk makes it. Not committed."""
    match = Match(
        need=need, solution=solution, score=0.9, probability=0.5, band=Band.PLAUSIBLE,
        signals=[], evidence=[],
    )  # fmt: skip
    session.add(match)
    session.flush()
    curation.judge(
        session, match, carol, ruling, reason=reason, now=NOON + timedelta(minutes=match.id)
    )
    return match


def collection(folder: Path, questions: int = 24) -> Path:
    """A public collection of made-up topics: question n is answered by document n."""
    folder.mkdir(parents=True)
    texts = [words(f"p{n}") for n in range(questions)]
    rows = {
        "corpus.jsonl": [{"_id": f"d{n}", "title": "", "text": t} for n, t in enumerate(texts)],
        "queries.jsonl": [
            {"_id": f"q{n}", "text": " ".join(t.split()[:3])} for n, t in enumerate(texts)
        ],
    }
    for name, lines in rows.items():
        (folder / name).write_text("\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    (folder / "qrels.tsv").write_text(
        "".join(f"q{n}\td{n}\t1\n" for n in range(questions)), "utf-8"
    )
    return folder
