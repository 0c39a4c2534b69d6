"""Needs that people judged, on real rows: half of them have an answer on the shelf, half none."""

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Band, Reason, Ruling
from matchmaker.models import Match, Member, Need, Solution
from matchmaker.services import curation
from tests.conftest import NOON
from tests.web.people import MakeNeed, MakeSolution

SOLUTIONS = 14


def words(topic: str) -> str:
    """A handful of words that no other topic has."""
    return " ".join(f"{topic}{part}" for part in ("moc", "lua", "sen", "tre", "gom", "bac"))


def stock(bob: Member, carol: Member, make_solution: MakeSolution) -> list[Solution]:
    """Solutions of as many topics, enough of them for a standing."""
    return [
        make_solution(
            bob, curator=carol, title=f"Máy {words(f's{n}')}"[:80], summary=words(f"s{n}"),
            description=f"Thiết bị làm {words(f's{n}')} cho xưởng.",
        )
        for n in range(SOLUTIONS)
    ]  # fmt: skip


def ask(alice: Member, carol: Member, make_need: MakeNeed, number: int, *, answered: bool) -> Need:
    """A need of the topic of one solution, or of a topic that no solution has."""
    topic = words(f"s{number % SOLUTIONS}" if answered else f"n{number}")
    return make_need(
        alice, curator=carol, title=f"Cần {topic}"[:80], summary=topic,
        problem=f"Xưởng cần thiết bị làm {topic}. Hiện nay phải làm bằng tay, mất nhiều công và "
        "không đều, nên muốn tìm thiết bị hoặc quy trình phù hợp hơn cho cả ca.",
    )  # fmt: skip


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


def judge_all(
    session: Session, needs: list[Need], solutions: list[Solution], carol: Member, *,
    wrongly: bool = False,
) -> None:  # fmt: skip
    """Every need judged at its own solution: a yes where it answers, a no where nothing does."""
    for number, need in enumerate(needs):
        right = (number % 2 == 0) is not wrongly
        solution = solutions[number % SOLUTIONS]
        if right:
            judge(session, need, solution, carol, Ruling.SHORTLIST)
        else:
            judge(session, need, solution, carol, Ruling.DISMISS, Reason.NOT_OUR_FIELD)
    session.commit()


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
