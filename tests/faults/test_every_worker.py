"""What was published is found by every serving process at once; what was withdrawn, by none.

Through the running site with two processes, each asked while the other is held still.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from matchmaker.config import Settings
from matchmaker.domain.vocabulary import ReviewAction
from matchmaker.models import Member, Need, Solution, utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services import records, reviews, upkeep
from matchmaker.services.catalogue import Catalogue
from tests.faults.figures import FULL, tell
from tests.faults.served import Served, serving
from tests.web.people import MakeNeed, MakeSolution

pytestmark = pytest.mark.databases

ROUNDS = 100 if FULL else 3


def test_every_process_finds_what_is_published_and_nothing_that_was_withdrawn(
    settings: Settings, engine: Engine, session: Session, tmp_path: Path, alice: Member,
    bob: Member, carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
    catalogue: Catalogue,
) -> None:  # fmt: skip
    need = make_need(alice, submit=True)
    offered = make_solution(bob, submit=True)
    session.close()
    found, missed, shown = 0, [], []
    with serving(settings, tmp_path) as site:
        stranger, owner = site.browser(), site.browser().sign_in(alice.email)
        for turn in range(ROUNDS):
            words = f"kênh {turn} dẫn nước"
            publish(engine, offered.id, Solution, carol.id, f"Máy đào {words}")
            publish(engine, need.id, Need, carol.id, f"Cần {words}")
            for _ in each_alone(site):
                for path, title in places(words):
                    answer = stranger.get(path)
                    assert answer.status == 200
                    found += 1
                    if title not in answer.text:
                        missed.append((turn, path))
            withdraw(engine, offered.id, Solution, bob.id)
            withdraw(engine, need.id, Need, alice.id)
            for _ in each_alone(site):
                shown += [
                    (turn, path)
                    for path, title in places(words)
                    if title in stranger.get(path).text
                ]
                for path in (f"/solutions/{offered.public_id}", f"/needs/{need.public_id}"):
                    if stranger.get(path).status != 404:
                        shown.append((turn, path))
                if f"Máy đào {words}" in owner.get(f"/needs/{need.public_id}/matches").text:
                    shown.append((turn, "matches"))
    tell(
        f"{engine.dialect.name}: {ROUNDS} rounds, {found} askings of two processes"
        f" after publishing: {len(missed)} missed; after withdrawing: {len(shown)} still shown"
    )
    assert missed == []
    assert shown == []
    catalogue.drain(engine)
    with reading(engine) as fresh:
        found_now = upkeep.verify(fresh, catalogue)
    assert (found_now.missing, found_now.extra, found_now.stale) == (0, 0, 0)


def each_alone(site: Served) -> Iterator[int]:
    """Each serving process in turn, the others stopped meanwhile: only it can answer."""
    pids = site.web_pids()
    assert len(pids) == 2
    for pid in pids:
        others = [one for one in pids if one != pid]
        for one in others:
            os.kill(one, signal.SIGSTOP)
        try:
            yield pid
        finally:
            for one in others:
                os.kill(one, signal.SIGCONT)


def places(words: str) -> list[tuple[str, str]]:
    """Where a stranger would come upon the two, and the title he would read there."""
    asked = quote(words)
    return [
        (f"/search?q={asked}", f"Máy đào {words}"),
        (f"/search?q={asked}&kind=need", f"Cần {words}"),
        ("/", f"Máy đào {words}"),
    ]


def publish(
    engine: Engine, record_id: int, table: type[Need] | type[Solution], curator_id: int, title: str
) -> None:
    """Rewritten by its owner and published by the curator, in one step. Committed."""
    with writing(engine) as session:
        record = session.get_one(table, record_id)
        member = session.get_one(Member, record.author_id)
        draft = records.draft_of(record)
        object.__setattr__(draft, "title", title)
        records.revise(
            session, record, member, draft, version=record.version, submit=True, now=utc_now()
        )
        curator = session.get_one(Member, curator_id)
        reviews.review(session, record, curator, ReviewAction.PUBLISH, now=utc_now())


def withdraw(
    engine: Engine, record_id: int, table: type[Need] | type[Solution], member_id: int
) -> None:
    with writing(engine) as session:
        record = session.get_one(table, record_id)
        records.withdraw(session, record, session.get_one(Member, member_id), now=utc_now())
