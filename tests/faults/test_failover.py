"""The database's server dies while people write, and its standby takes over.

A primary and a streaming standby of the wheel's own binaries, on loopback; the site knows both
by its one setting and writes to whichever takes writes.
"""

import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from matchmaker.config import Settings
from matchmaker.domain.identity import new_public_id
from matchmaker.domain.vocabulary import OrganisationKind, Role
from matchmaker.models import Need
from matchmaker.models.database import new_session, open_engine, reading
from matchmaker.services import audit
from tests import conftest
from tests.faults.figures import FULL, tell
from tests.faults.served import Browser, UnansweredError, serving
from tests.postgres import OWNER, Server
from tests.web.test_needs import TYPED

pytestmark = pytest.mark.postgres

#: Commits wait for the standby's word; what a power cut of both would take is not tested here.
DURABLE = "-c fsync=off -c synchronous_commit=on -c max_connections=80 -c wal_level=replica"
BEFORE, AFTER = (300, 300) if FULL else (20, 20)
WRITERS = 3
#: Seconds without any server that takes writes.
OUTAGE = 5.0
PATIENCE = 120.0


class Diary:
    """What the writers were told, and when."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.answers: Counter[int] = Counter()
        self.retry_after: set[str] = set()
        self.failures: list[str] = []
        self.last_at = 0.0
        self.stop = threading.Event()

    def write(self, browser: Browser, number: int) -> None:
        """Post one need after another; what is refused or breaks is sent again as it was."""
        turn = 0
        while not self.stop.is_set():
            turn += 1
            words = f"Nhu cầu ghi {number}-{turn}"
            form = TYPED | {
                "title": words, "submission_key": new_public_id(), "version": "0", "do": "keep",
            }  # fmt: skip
            while not self.stop.is_set() and not self._sent(browser, words, form):
                time.sleep(0.1)

    def _sent(self, browser: Browser, words: str, form: dict[str, object]) -> bool:
        try:
            answer = browser.post("/needs/new", form)
        except UnansweredError as error:
            self.failures.append(str(error))
            return False
        self.answers[answer.status] += 1
        if answer.status == 503:
            self.retry_after.add(answer.headers.get("Retry-After", ""))
        if answer.status == 303:
            self.kept.append(words)
            self.last_at = time.monotonic()
        return answer.status == 303

    def wait_for(self, count: int) -> None:
        until = time.monotonic() + PATIENCE
        while len(self.kept) < count:
            assert time.monotonic() < until, (self.answers, self.failures)
            time.sleep(0.02)


@pytest.fixture
def pair() -> Iterator[tuple[Server, Server]]:
    """A primary with an empty database `site` and nothing that follows it yet."""
    folders = [Path(tempfile.mkdtemp(prefix=f"mm-{name}-")) for name in ("first", "second")]
    first, second = (Server(folder, DURABLE) for folder in folders)
    first.initialise()
    first.start()
    first.create("site")
    yield first, second
    for server in (first, second):
        if (server.data / "postmaster.pid").exists():
            with suppress(AssertionError):
                server.stop()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def test_failover_loses_nothing_acknowledged(
    pair: tuple[Server, Server], settings: Settings, tmp_path: Path
) -> None:
    first, second = pair
    email = people(first.url("site"))
    second.copy_of(first)
    second.start()
    first.wait_for_standby()
    both = (
        f"postgresql+psycopg://{OWNER}@/site?host={first.folder}&host={second.folder}"
        "&target_session_attrs=read-write"
    )
    diary = Diary()
    site_settings = Settings(
        data_dir=settings.data_dir, database_url=both, model="hashing",
        secret_key=settings.secret_key,
    )  # fmt: skip
    with serving(site_settings, tmp_path) as site:
        browsers = [site.browser(60).sign_in(email) for _ in range(WRITERS)]
        threads = [
            threading.Thread(target=diary.write, args=(browser, number))
            for number, browser in enumerate(browsers)
        ]
        for thread in threads:
            thread.start()
        try:
            diary.wait_for(BEFORE)
            first.kill()
            time.sleep(OUTAGE)
            second.promote()
            promoted, done = time.monotonic(), len(diary.kept)
            diary.wait_for(done + 1)
            healed = diary.last_at - promoted
            diary.wait_for(done + AFTER)
        finally:
            diary.stop.set()
            for thread in threads:
                thread.join()
    assert diary.failures == []
    assert set(diary.answers) == {303, 503}, diary.answers
    assert diary.retry_after == {"5"}
    whole(second.url("site"), diary)
    tell(
        f"failover: {len(diary.kept)} writes acknowledged, 0 lost, 0 twice; "
        f"{diary.answers[503]} answered 503 in {OUTAGE:.0f} s without a server; "
        f"writing again {healed:.1f} s after the standby took over"
    )


def people(address: str) -> str:
    """One firm and one member of it; returns who signs in."""
    engine = open_engine(address)
    conftest._fill(engine)
    with new_session(engine, writes=True) as session:
        firm = conftest._organisation(session, 1, OrganisationKind.ENTERPRISE, "Hãng Bền Bỉ")
        member = conftest._member(session, "an@firm.example", "An", firm, Role.MEMBER)
    engine.dispose()
    return member.email


def whole(address: str, diary: Diary) -> None:
    """Every acknowledged need is there once, and the audit chain holds."""
    engine = open_engine(address)
    with reading(engine) as session:
        there = Counter(session.scalars(select(Need.title)))
        assert [words for words in diary.kept if there[words] != 1] == []
        assert audit.first_broken(session) is None
    engine.dispose()
