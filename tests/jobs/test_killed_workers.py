"""Workers die at any moment: nothing is lost, nothing is done twice to anybody's harm.

`FAULTS_KILLS` sets how many die in each test.
"""

import os
import random
import re
import time
from collections import Counter

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from embeddings import HashingEncoder
from matchmaker.domain.vocabulary import IndexRole, Level, RecordKind
from matchmaker.models import Embedding, IndexModel, IndexTask, Member, Solution, utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services import index_models, indexing, outbox, reembedding, upkeep
from matchmaker.services.catalogue import Catalogue
from tests.jobs import crew as crews
from tests.jobs.conftest import Crew, wait_for
from tests.web.people import MakeSolution

pytestmark = [pytest.mark.databases, pytest.mark.faults]

KILLS = int(os.environ.get("FAULTS_KILLS", "10"))
RECORDS = 24
#: Records that change before each worker dies.
SAVED = 5
#: Tries after which a task is left alone.
SPARED = 3
SHELF = (RecordKind.SOLUTION, Level.PUBLIC)


@pytest.fixture
def solutions(
    session: Session, bob: Member, carol: Member, make_solution: MakeSolution
) -> list[int]:
    """Published; none of them is indexed yet."""
    made = [make_solution(bob, curator=carol, title=f"Máy số {n}").id for n in range(RECORDS)]
    session.close()
    return made


@pytest.fixture
def dice() -> random.Random:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    return random.Random(seed)


def follower(engine: Engine, place: object) -> Catalogue:
    """The search of a site's process, with the same models and no delay."""
    del engine
    return Catalogue(
        HashingEncoder(), place, opener="hashing",
        opens={crews.NEXT: HashingEncoder(crews.NEXT_DIM)}.__getitem__,
    )  # type: ignore[arg-type]  # fmt: skip


def is_idle(engine: Engine) -> bool:
    with reading(engine) as session:
        return (
            session.scalars(select(IndexTask).limit(1)).first() is None
            and session.scalars(
                select(IndexModel).where(IndexModel.role.is_distinct_from("serving"))
            ).first()
            is None
        )


def save(
    engine: Engine, dice: random.Random, solutions: list[int], titles: dict[int, str], turn: int
) -> None:
    """Somebody changes some records; notes what they are called now."""
    for chosen in dice.sample(solutions, SAVED):
        titles[chosen] = f"Máy {chosen} đổi lần {turn}"
        with writing(engine) as session:
            session.get_one(Solution, chosen).title = titles[chosen]


def holders(engine: Engine, least: int = 0) -> set[int]:
    """The processes that have something in hand, or had when they died, tried so often or more."""
    query = select(IndexTask.claimed_by).where(IndexTask.attempts >= least)
    with reading(engine) as session:
        claims = set(session.scalars(query)) - {""}
    return {int(name.partition("-")[0]) for name in claims}


def strike(engine: Engine, crew: Crew, dice: random.Random) -> bool:
    """Kill one, mostly in the middle of its work; says whether it left something in its hands.

    Whoever has what others died of again and again is spared: five deaths set a task aside.
    """
    if dice.random() < 0.6:
        until = time.monotonic() + 30  # a new worker is slow to start on a busy machine
        while not (holders(engine) & set(crew.alive)) and time.monotonic() < until:
            if is_idle(engine):
                break
            time.sleep(0.01)
    time.sleep(dice.uniform(0, 0.2))
    may_die = sorted(set(crew.alive) - holders(engine, least=SPARED))
    if not may_die:
        return False
    victim = dice.choice(sorted(holders(engine) & set(may_die)) or may_die)
    crew.kill(victim)
    return victim in holders(engine)


def check_whole(engine: Engine, catalogue: Catalogue, titles: dict[int, str]) -> None:
    """Everything is indexed as it reads now, once, and nothing waits or was given up."""
    with reading(engine) as session:
        found = upkeep.verify(session, catalogue)
        assert (found.missing, found.extra, found.stale, found.waiting) == (0, 0, 0, 0)
        assert outbox.set_aside(session) == []
        rows = session.scalars(select(Embedding)).all()
    assert {row.fingerprint for row in rows} == {catalogue.encoder.fingerprint}
    places = Counter((row.record_kind, row.record_id, row.level) for row in rows)
    assert set(places.values()) == {1}
    numbers = [row.sequence for row in rows]
    assert len(numbers) == len(set(numbers))
    told = {row.record_id: row.title for row in rows if row.record_kind is RecordKind.SOLUTION}
    assert {key: told[key] for key in titles} == titles


def test_killed_again_and_again_workers_lose_no_task(
    engine: Engine, crew: Crew, solutions: list[int], dice: random.Random
) -> None:
    titles: dict[int, str] = {}
    struck = 0
    for turn in range(KILLS):
        if len(crew.alive) < 2:
            crew.hire()
        save(engine, dice, solutions, titles, turn)
        struck += strike(engine, crew, dice)
    crew.hire()

    wait_for(lambda: is_idle(engine), "tasks are left")

    print(f"{struck} of {KILLS} in the middle")  # noqa: T201
    assert struck > 0, "none of them had anything in hand"
    check_whole(engine, follower(engine, crew.place), titles)


def test_killed_again_and_again_a_change_of_model_goes_on_where_it_was(
    engine: Engine, crew: Crew, solutions: list[int], dice: random.Random
) -> None:
    crew.hire()
    wait_for(lambda: is_idle(engine), "tasks are left")
    site = follower(engine, crew.place)
    with reading(engine) as session:
        site.catch_up(session)
    before = site.sizes()
    assert before["solution-0"] == RECORDS
    with writing(engine) as session:
        reembedding.begin(session, crews.NEXT, now=utc_now())

    titles: dict[int, str] = {}
    struck = 0
    for number in range(KILLS):
        if not crew.alive or dice.random() < 0.5:
            crew.hire()
        if number % 4 == 0:
            save(engine, dice, solutions, titles, number)
        with reading(engine) as session:
            site.catch_up(session)  # by whichever model: all are found, by that one alone
        assert site.sizes() == before
        struck += strike(engine, crew, dice)
    crew.hire()
    wait_for(lambda: is_idle(engine), "the change of model does not end")

    with reading(engine) as session:
        served = index_models.in_role(session, IndexRole.SERVING)
        assert served is not None
        assert (served.opener, session.scalars(select(IndexModel)).all()) == (crews.NEXT, [served])
        site.catch_up(session)
    assert site.encoder.dim == crews.NEXT_DIM
    check_whole(engine, site, titles)
    assert struck > 0
    # What was finished was not done again: at most what each of the dead had in hand.
    own = re.compile(rf"{crews.NEXT_DIM} .Máy (số )?\d")
    texts = Counter(line for line in crew.encoded() if own.match(line))
    again = sum(count - 1 for count in texts.values())
    print(f"{struck} of {KILLS} in the middle, {again} of {len(texts)} texts again")  # noqa: T201
    assert max(texts.values()) <= outbox.MAX_ATTEMPTS


def test_worker_that_is_asked_to_stop_finishes_and_gives_back_the_rest(
    engine: Engine, crew: Crew, solutions: list[int]
) -> None:
    pid = crew.hire()
    wait_for(lambda: len(crew.encoded()) > 0, "it does not begin")

    crew.dismiss(pid)

    with reading(engine) as session:
        tasks = session.scalars(select(IndexTask)).all()
        assert {(task.claimed_by, task.claimed_until, task.attempts) for task in tasks} <= {
            ("", None, 0)
        }
        assert session.scalars(select(Embedding)).first() is not None
        assert indexing.pending(session) < RECORDS
