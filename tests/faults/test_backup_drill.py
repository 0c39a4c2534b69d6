"""A backup taken while people write, put back elsewhere, and looked over: on both databases."""

import hashlib
import json
import os
import shutil
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, inspect, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from embeddings import HashingEncoder
from matchmaker import migrations
from matchmaker.config import Settings
from matchmaker.domain.vocabulary import ModelKind, VersionReason, VersionState
from matchmaker.models import Member, ModelVersion, Need, Organisation, utc_now
from matchmaker.models.base import Base
from matchmaker.models.database import open_engine, reading, writing
from matchmaker.services import audit, backups, records, restores, upkeep
from matchmaker.services.backups import BackupError
from matchmaker.services.catalogue import Catalogue
from tests.conftest import need_draft
from tests.faults.figures import FULL, tell
from tests.faults.shop import fill
from tests.models.test_migrations import rows_of
from tests.postgres import Server
from tests.services.test_backups import pack, unpack
from tests.web.people import MakeNeed, MakeSolution

pytestmark = pytest.mark.databases

#: How long people write while backups are taken, in seconds, and how many backups.
SECONDS, BACKUPS, WRITERS = (60.0, 20, 4) if FULL else (1.0, 2, 2)


@dataclass
class Writers:
    """People who post needs until told to stop; each remembers what was committed, and when.

    Who waited too long for his turn is told so, as on the site, and nothing of his was kept.
    """

    engine: Engine
    member_id: int
    acknowledged: list[tuple[float, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def write(self, number: int) -> None:
        turn = 0
        while not self.stop.is_set():
            turn += 1
            title = f"Viết khi sao lưu {number}-{turn}"
            try:
                with writing(self.engine) as session:
                    member = session.get_one(Member, self.member_id)
                    draft = need_draft(title=title)
                    records.post_need(session, member, draft, key=None, submit=True, now=utc_now())
            except OperationalError as error:
                if "locked" not in str(error):
                    raise
                self.refused.append(title)
            else:
                self.acknowledged.append((time.monotonic(), title))


@contextmanager
def people_writing(engine: Engine, member: Member) -> Iterator[Writers]:
    writers = Writers(engine, member.id)
    threads = [threading.Thread(target=writers.write, args=(n,)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        yield writers
    finally:
        writers.stop.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def filled(
    engine: Engine, session: Session, catalogue: Catalogue, settings: Settings, alice: Member,
    bob: Member, carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> Engine:  # fmt: skip
    """A place with something in nearly every table, a secret, and a tuned model that is live."""
    fill(session, alice, bob, carol, make_need, make_solution, matches=2, cases=1)
    assert alice.organisation is not None
    # The parent has the higher number: rows of one table point at each other.
    parent = Organisation(
        code="TC-2026-09999", kind=alice.organisation.kind, name_vi="Tập đoàn", name_en="Group",
        status=alice.organisation.status, commune="25195", languages=["vi"],
    )  # fmt: skip
    session.add(parent)
    session.flush()
    alice.organisation.parent_id = parent.id
    first = _version("tuned-first", VersionState.RETIRED, VersionReason.REPLACED)
    session.add_all(
        [first, _version("tuned-refused", VersionState.REFUSED, VersionReason.REPLACED)]
    )
    session.flush()
    session.add(
        _version("tuned-live", VersionState.LIVE, VersionReason.REPLACED, replaces_id=first.id)
    )
    session.commit()
    catalogue.drain(engine)
    session.close()
    for name in ("tuned-first", "tuned-live", "tuned-refused"):
        folder = settings.data_dir / "models" / name / "1_Pooling"
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(name)
        (folder.parent / "model.safetensors").write_bytes(os.urandom(20_000))
    (settings.data_dir / "secret.key").write_text("k" * 64)
    return engine


def _version(name: str, state: VersionState, reason: VersionReason, **more: object) -> ModelVersion:
    return ModelVersion(
        kind=ModelKind.ENCODER, state=state, reason=reason, payload={"name": name}, metrics={},
        n_judgements=1, live_as=ModelKind.ENCODER if state is VersionState.LIVE else None, **more,
    )  # fmt: skip


Empty = Callable[[], tuple[str, Path]]


@pytest.fixture
def empty_place(tmp_path: Path, backend: str, request: pytest.FixtureRequest) -> Iterator[Empty]:
    """A new empty place of the same kind of database, each time it is asked."""
    count, made = 0, []
    server: Server | None = request.getfixturevalue("server") if backend != "sqlite" else None

    def make() -> tuple[str, Path]:
        nonlocal count
        count += 1
        folder = tmp_path / f"elsewhere{count}"
        if server is None:
            return f"sqlite:///{folder / 'matchmaker.db'}", folder
        name = f"elsewhere_{os.getpid()}_{count}"
        made.append(name)
        return server.create(name), folder

    yield make
    for name in made:
        assert server is not None
        server.drop(name)


def looked_over(url: str, folder: Path) -> Engine:
    """A restored place is whole: pages would find everything, the audit chain holds."""
    restored = open_engine(url)
    assert migrations.current(restored) == migrations.head()
    if restored.dialect.name == "sqlite":
        with restored.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    catalogue = Catalogue(HashingEncoder(), folder)
    catalogue.drain(restored)
    with reading(restored) as session:
        assert audit.first_broken(session) is None
        found = upkeep.verify(session, catalogue)
        assert (found.missing, found.extra, found.stale) == (0, 0, 0)
    return restored


def test_backups_under_load_lose_nothing_that_was_acknowledged_before(
    filled: Engine, settings: Settings, alice: Member, tmp_path: Path,
    empty_place: Empty,
) -> None:  # fmt: skip
    """RPO: all that was acknowledged when the backup began is in it. RTO: seconds to be whole."""
    taken: list[tuple[float, float, Path]] = []
    with people_writing(filled, alice) as writers:
        for n in range(BACKUPS):
            time.sleep(SECONDS / BACKUPS)
            began = time.monotonic()
            backups.write(filled, settings.data_dir, file := tmp_path / f"{n}.tar.gz")
            taken.append((began, time.monotonic(), file))
    assert len(writers.acknowledged) > 2 * BACKUPS

    worst, longest, unsure = 0.0, 0.0, 0
    for began, ended, file in taken:
        url, folder = empty_place()
        start = time.monotonic()
        restores.restore(file, url, folder)
        restored = looked_over(url, folder)
        longest = max(longest, time.monotonic() - start)
        with reading(restored) as session:
            titles = session.scalars(select(Need.title)).all()
        written = [t for t in titles if t.startswith("Viết khi sao lưu")]
        assert len(written) == len(set(written))
        assert not set(written) & set(writers.refused)
        due = {title for at, title in writers.acknowledged if at < began}
        assert due <= set(written), "acknowledged before the backup began, and not in it"
        known = {title for at, title in writers.acknowledged if at < ended}
        assert len(set(written) - known) <= WRITERS  # committed, its writer not yet told
        missing = [at for at, title in writers.acknowledged if at < ended and title not in written]
        unsure += len(missing)
        worst = max([worst, *(ended - at for at in missing)])
        restored.dispose()
    tell(
        f"{filled.dialect.name}: {len(taken)} backups, {len(writers.acknowledged)} writes"
        f" acknowledged and {len(writers.refused)} refused meanwhile, RPO {worst:.2f} s before"
        f" the end of a backup ({unsure} writes made while one was taken), RTO {longest:.2f} s"
    )
    assert worst < 24 * 3600
    assert longest < 15 * 60


def test_every_row_and_the_models_in_use_come_back(
    filled: Engine, settings: Settings, tmp_path: Path, empty_place: Empty
) -> None:
    backups.write(filled, settings.data_dir, file := tmp_path / "kept.tar.gz")
    url, folder = empty_place()

    restores.restore(file, url, folder)

    restored = looked_over(url, folder)
    assert rows_of(restored) == rows_of(filled)
    models = folder / "models"
    assert sorted(p.name for p in models.iterdir()) == ["tuned-first", "tuned-live"]
    for path in ("tuned-live/model.safetensors", "tuned-first/1_Pooling/config.json"):
        kept = (settings.data_dir / "models" / path).read_bytes()
        assert (models / path).read_bytes() == kept
    assert (folder / "secret.key").read_text() == "k" * 64
    # And it goes on from there: the next row has a number of its own.
    with writing(restored) as session:
        member = session.scalars(select(Member).order_by(Member.id)).first()
        assert member is not None
        made = records.post_need(
            session, member, need_draft(), key=None, submit=True, now=utc_now()
        )
        top = session.scalar(select(func.max(Need.id)))
        assert made.id == top
    restored.dispose()


def meant(engine: Engine) -> dict[str, list[str]]:
    """What the rows of every table say, whichever database writes them in its own way."""
    with engine.connect() as connection:
        return {
            name: sorted(repr(dict(row)) for row in connection.execute(select(table)).mappings())
            for name, table in Base.metadata.tables.items()
        }


@pytest.mark.postgres
def test_lines_go_from_either_database_into_the_other(
    filled: Engine, settings: Settings, tmp_path: Path, server: Server
) -> None:
    backups.write(filled, settings.data_dir, file := tmp_path / "lines.tar.gz", as_lines=True)
    with server.database() as there:
        for url in (there, f"sqlite:///{tmp_path / 'there' / 'matchmaker.db'}"):
            folder = tmp_path / url.partition(":")[0]
            restores.restore(file, url, folder)
            restored = looked_over(url, folder)
            assert meant(restored) == meant(filled)
            restored.dispose()


def test_backup_of_an_older_revision_goes_back_in_and_comes_up(
    filled: Engine, settings: Settings, tmp_path: Path, empty_place: Empty
) -> None:
    counts = {name: len(rows) for name, rows in rows_of(filled).items()}
    migrations.downgrade(filled, "-1")
    older = migrations.current(filled)
    for as_lines in (False, True):
        file = tmp_path / f"old-{as_lines}.tar.gz"
        manifest = backups.write(filled, settings.data_dir, file, as_lines=as_lines)
        assert manifest.revision == older != migrations.head()
        url, folder = empty_place()

        restores.restore(file, url, folder)

        restored = open_engine(url)
        assert migrations.current(restored) == older
        migrations.upgrade(restored)
        assert {n: len(rows) for n, rows in rows_of(restored).items()}.items() <= counts.items()
        looked_over(url, folder).dispose()
        restored.dispose()


def test_restore_over_rows_is_refused_and_changes_nothing(
    filled: Engine, settings: Settings, tmp_path: Path
) -> None:
    backups.write(filled, settings.data_dir, file := tmp_path / "kept.tar.gz", as_lines=True)
    before = rows_of(filled)

    with pytest.raises(BackupError, match="restore into an empty"):
        restores.restore(file, settings.url, tmp_path / "elsewhere")

    assert rows_of(filled) == before


@pytest.mark.parametrize("damage", ["a bit", "a row less", "another count", "a row of nonsense"])
def test_damaged_lines_are_refused_and_leave_an_empty_place(
    filled: Engine, settings: Settings, tmp_path: Path, empty_place: Empty, damage: str
) -> None:
    backups.write(filled, settings.data_dir, file := tmp_path / "kept.tar.gz", as_lines=True)
    contents = unpack(file)
    told = json.loads(contents["manifest.json"])
    name = "tables/member.jsonl"
    lines = contents[name].splitlines(keepends=True)
    if damage == "a bit":
        lines[1] = lines[1].replace(b"a", b"b", 1)
    elif damage == "a row less":
        lines.pop()
    elif damage == "another count":
        told["rows"]["member"] += 1
    else:
        lines.append(b'["?"]\n')
    changed = b"".join(lines)
    if damage != "a bit":  # as somebody would who knows the format
        told["files"][name] = hashlib.sha256(changed).hexdigest()
    pack(file, contents | {name: changed, "manifest.json": json.dumps(told).encode()})
    url, folder = empty_place()

    with pytest.raises(BackupError):
        restores.restore(file, url, folder)

    assert [p for p in folder.rglob("*") if p.is_file()] == []
    if not url.startswith("sqlite"):
        engine = open_engine(url)
        assert inspect(engine).get_table_names() == []
        engine.dispose()


@pytest.mark.postgres
def test_one_file_of_sqlite_does_not_go_into_a_server(
    settings: Settings, filled: Engine, tmp_path: Path, server: Server
) -> None:
    if filled.dialect.name != "sqlite":
        pytest.skip("a server's backup is lines anyway")
    backups.write(filled, settings.data_dir, file := tmp_path / "kept.tar.gz")
    with server.database() as url, pytest.raises(BackupError, match="--as-lines"):
        restores.restore(file, url, tmp_path / "elsewhere")


def test_models_that_are_missing_do_not_keep_the_rows_from_being_backed_up(
    filled: Engine, settings: Settings, tmp_path: Path
) -> None:
    shutil.rmtree(settings.data_dir / "models" / "tuned-live")
    manifest = backups.write(filled, settings.data_dir, file := tmp_path / "kept.tar.gz")

    with tarfile.open(file) as archive:
        names = {m.name for m in archive.getmembers()}
    assert names == {"manifest.json", *manifest.files}
    assert {n for n in names if n.startswith("models/")} == {
        "models/tuned-first/1_Pooling/config.json",
        "models/tuned-first/model.safetensors",
    }
