"""Web and worker killed at random moments while people write: what was acknowledged is kept.

Over real HTTP, signed in, with the forms' tokens: needs are posted, matches decided on, agreements
noted. What got no answer is whole or absent; sent again under its key it is there once.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from matchmaker.config import Settings
from matchmaker.domain.identity import new_public_id
from matchmaker.models import (
    AuditEntry,
    EngagementMove,
    IndexTask,
    Judgement,
    Member,
    Need,
    NeedTag,
    RequirementRow,
    utc_now,
)
from matchmaker.models.database import reading, writing
from matchmaker.services import audit, upkeep
from matchmaker.services.catalogue import Catalogue
from tests.faults.figures import FULL, tell
from tests.faults.served import Browser, Served, UnansweredError, kill, serving
from tests.faults.shop import Shop, fill
from tests.web.people import MakeNeed, MakeSolution
from tests.web.test_needs import TYPED

pytestmark = pytest.mark.databases

KILLS, WRITES, BETWEEN = (100, 5_000, 20) if FULL else (4, 40, 8)
#: The long run may be given an end: what was done until then is looked over all the same.
MINUTES = float(os.environ.get("FAULTS_MINUTES", "inf"))
#: Of so many kills one takes the whole site, as a power cut would.
WHOLE = 10 if FULL else 4
#: No form may take longer to be answered, resent after every kill.
PATIENCE = 300.0


@dataclass
class Kept:
    """What people were told: by the words that make each write unlike any other."""

    acknowledged: list[str] = field(default_factory=list)
    #: Sent and never answered.
    unsure: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def note(self, words: str, status: int) -> None:
        self.statuses[status] += 1
        if status == 303:
            self.acknowledged.append(words)


def post_needs(kept: Kept, browser: Browser, number: int) -> None:
    turn = 0
    while not kept.stop.is_set():
        turn += 1
        words = f"Nhu cầu ghi {number}-{turn}"
        form = TYPED | {
            "title": words, "submission_key": new_public_id(), "version": "0",
            "do": "send" if turn % 20 == 0 else "keep",
        }  # fmt: skip
        until = time.monotonic() + PATIENCE
        while words not in kept.acknowledged:
            assert time.monotonic() < until, f"{words} was never answered"
            try:
                kept.note(words, browser.post("/needs/new", form).status)
            except UnansweredError:
                time.sleep(0.05)  # and the very same form again


def decide(kept: Kept, browser: Browser, match: str) -> None:
    turn, ruling = 0, "pin"
    page: dict[str, list[str]] = {}
    while not kept.stop.is_set():
        turn += 1
        words = f"Quyết định {match}-{turn}"
        try:
            page = page or browser.get(f"/matches/{match}").sent
            form = {"version": page.get("version", ""), "ruling": ruling, "note": words}
            status = browser.post(f"/matches/{match}/judgements", form).status
        except UnansweredError:
            kept.unsure.append(words)
            page = {}
            time.sleep(0.05)
            continue
        kept.note(words, status)
        page = {}
        if status in {303, 409}:  # done, or it stands where an unanswered press left it
            ruling = "unpin" if ruling == "pin" else "pin"


def agree(kept: Kept, browser: Browser, case: str) -> None:
    turn = 0
    while not kept.stop.is_set():
        turn += 1
        words = f"Thoả thuận {case}-{turn}"
        try:
            sent = browser.get(f"/engagements/{case}").sent
            form = {name: values[0] for name, values in sent.items()}
            form |= {"stage": "agreement", "note": words}
            kept.note(words, browser.post(f"/engagements/{case}/moves", form).status)
        except UnansweredError:
            kept.unsure.append(words)
            time.sleep(0.05)


def start(kept: Kept, deed: Callable[..., None], *words: object) -> threading.Thread:
    def run() -> None:
        try:
            deed(kept, *words)
        except Exception as error:  # noqa: BLE001 - told at the end of the test
            kept.failures.append(f"{type(error).__name__}: {error}")

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_for(kept: Kept, number: int) -> None:
    """Until so many writes are acknowledged."""
    until = time.monotonic() + PATIENCE
    while len(kept.acknowledged) < number and not kept.failures:
        assert time.monotonic() < until, f"no progress: {kept.statuses}"
        time.sleep(0.01)


def kill_one(site: Served, chance: random.Random, number: int) -> str:
    """End one process of ours at this very moment, or the whole site."""
    if number % WHOLE == 0:
        site.kill_all_web()
        site.start_web()
        return "site"
    assert site.worker is not None
    victim = chance.choice([*site.web_pids(), site.worker.pid])
    if victim != site.worker.pid:
        return "web" if kill(victim) else ""
    site.worker.kill()
    site.worker.wait()
    site.start_worker()
    return "worker"


def test_kill_at_any_moment_loses_nothing_acknowledged_and_doubles_nothing(
    settings: Settings, engine: Engine, session: Session, tmp_path: Path, alice: Member,
    bob: Member, carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
    catalogue: Catalogue,
) -> None:  # fmt: skip
    shop = fill(session, alice, bob, carol, make_need, make_solution, matches=2, cases=2)
    session.close()
    kept, killed = Kept(), Counter[str]()
    chance = random.Random(4)
    with serving(settings, tmp_path, worker=True) as site:
        began = time.monotonic()
        threads = people(kept, site, shop, alice, carol)
        end = began + 60 * MINUTES
        try:
            while sum(killed.values()) < KILLS and not kept.failures and time.monotonic() < end:
                wait_for(kept, len(kept.acknowledged) + BETWEEN)
                time.sleep(chance.random() * 0.1)
                if who := kill_one(site, chance, sum(killed.values()) + 1):
                    killed[who] += 1
                    if FULL and sum(killed.values()) % 10 == 0:
                        so_far = f"{sum(killed.values())} kills, {len(kept.acknowledged)} kept"
                        tell(f"{so_far}, {time.monotonic() - began:.0f} s")
            wait_for(kept, len(kept.acknowledged) + BETWEEN)
            while len(kept.acknowledged) < WRITES and time.monotonic() < end:
                wait_for(kept, len(kept.acknowledged) + 1)
        finally:
            kept.stop.set()
            for thread in threads:
                thread.join()
        took = time.monotonic() - began
    assert kept.failures == []
    assert set(kept.statuses) <= {303, 409, 503}, kept.statuses
    if float("inf") == MINUTES:
        assert (sum(killed.values()) >= KILLS, len(kept.acknowledged) >= WRITES) == (True, True)
    unanswered_kept = look(engine, kept)
    tell(
        f"{engine.dialect.name}: {sum(killed.values())} kills ({dict(killed)}) in {took:.0f} s,"
        f" {len(kept.acknowledged)} writes acknowledged, 0 lost, 0 twice;"
        f" {len(kept.unsure)} unanswered, of these {unanswered_kept} whole and the rest absent;"
        f" answers {dict(kept.statuses)}"
    )
    shadow_is_whole(engine, catalogue)


def people(
    kept: Kept, site: Served, shop: Shop, alice: Member, carol: Member
) -> list[threading.Thread]:
    deeds: list[tuple[Callable[..., None], Member, object]] = [
        *((post_needs, alice, n) for n in range(2)),
        *((decide, carol, match) for match in shop.matches),
        *((agree, carol, case) for case in shop.engagements),
    ]
    browsers = [site.browser().sign_in(member.email) for _, member, _ in deeds]
    return [
        start(kept, deed, browser, what)
        for (deed, _, what), browser in zip(deeds, browsers, strict=True)
    ]


def look(engine: Engine, kept: Kept) -> int:
    """Every write is there as it was told; returns how many unanswered ones are."""
    with reading(engine) as fresh:
        needs = fresh.scalars(select(Need).where(Need.title.startswith("Nhu cầu ghi"))).all()
        rulings = fresh.scalars(select(Judgement.note).where(Judgement.note != "")).all()
        moves = fresh.scalars(select(EngagementMove.note).where(EngagementMove.note != "")).all()
        there = Counter([n.title for n in needs])
        there += Counter(n for n in rulings if n.startswith("Quyết định"))
        there += Counter(n for n in moves if n.startswith("Thoả thuận"))
        assert [w for w in kept.acknowledged if there[w] != 1] == []
        assert [w for w, count in there.items() if count != 1] == []
        strange = set(there) - set(kept.acknowledged) - set(kept.unsure)
        assert strange == set()
        for need in needs:
            assert is_whole(fresh, need), need.title
        told = Counter(fresh.scalars(select(AuditEntry.action)))
        assert told["match.pin"] + told["match.unpin"] == len(
            [n for n in rulings if n.startswith("Quyết định")]
        )
        assert audit.first_broken(fresh) is None
        if engine.dialect.name == "sqlite":
            assert fresh.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert fresh.connection().exec_driver_sql("PRAGMA foreign_key_check").all() == []
        return len([w for w in kept.unsure if there[w]])


def is_whole(session: Session, need: Need) -> bool:
    """With both demands, its codes, and its line in the audit chain."""
    demands = select(func.count()).select_from(RequirementRow)
    codes = select(func.count()).select_from(NeedTag)
    lines = select(func.count()).select_from(AuditEntry)
    return (
        session.scalar(demands.where(RequirementRow.need_id == need.id)) == 2
        and session.scalar(codes.where(NeedTag.record_id == need.id)) == 4
        and session.scalar(
            lines.where(
                AuditEntry.action == "need.post", AuditEntry.record_public_id == need.public_id
            )
        )
        == 1
    )


def shadow_is_whole(engine: Engine, catalogue: Catalogue) -> None:
    """Tasks of killed workers free themselves by their silence; then nothing is missing."""
    with writing(engine) as session:
        past = utc_now() - timedelta(minutes=1)
        session.execute(update(IndexTask).values(due_at=past))
        held = update(IndexTask).where(IndexTask.claimed_until.is_not(None))
        session.execute(held.values(claimed_until=past))
    catalogue.drain(engine)
    with reading(engine) as session:
        found = upkeep.verify(session, catalogue)
    assert (found.missing, found.extra, found.stale, found.waiting) == (0, 0, 0, 0)
