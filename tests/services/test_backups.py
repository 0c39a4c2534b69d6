"""A backup gives back the same rows, and a doubtful one is not believed."""

import gzip
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from embeddings import HashingEncoder
from matchmaker import migrations
from matchmaker.config import Settings
from matchmaker.domain.vocabulary import Level, RecordKind
from matchmaker.models import Base, Member, Need
from matchmaker.models.database import new_session, open_engine, reading, writing
from matchmaker.services import backups, restores, upkeep
from matchmaker.services.backups import BackupError
from matchmaker.services.catalogue import Catalogue
from tests.web.people import MakeNeed, MakeSolution

Contents = dict[str, bytes]
#: An empty place: the address of its database to be, and its folder.
Place = tuple[str, Path]


def rows_of(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return {
            name: sorted((tuple(r) for r in connection.execute(select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
        }


def unpack(file: Path) -> Contents:
    with tarfile.open(file) as archive:
        found = {m.name: archive.extractfile(m) for m in archive.getmembers()}
        return {name: held.read() for name, held in found.items() if held}


def pack(file: Path, contents: Contents) -> Path:
    with tarfile.open(file, "w:gz") as archive:
        for name, content in contents.items():
            told = tarfile.TarInfo(name)
            told.size = len(content)
            archive.addfile(told, io.BytesIO(content))
    return file


@pytest.fixture
def filled(
    engine: Engine, session: Session, catalogue: Catalogue, alice: Member, bob: Member,
    carol: Member, make_need: MakeNeed, make_solution: MakeSolution, settings: Settings,
) -> Engine:  # fmt: skip
    make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    catalogue.drain(engine)
    session.close()
    (settings.data_dir / "secret.key").write_text("k" * 64)
    return engine


@pytest.fixture
def kept(filled: Engine, settings: Settings, tmp_path: Path) -> Path:
    file = tmp_path / "backups" / "kept.tar.gz"
    backups.write(filled, settings.data_dir, file)
    return file


@pytest.fixture
def elsewhere(tmp_path: Path) -> Place:
    return f"sqlite:///{tmp_path / 'elsewhere' / 'matchmaker.db'}", tmp_path / "elsewhere"


def test_restored_place_has_the_same_rows_and_the_same_shelves(
    filled: Engine, kept: Path, settings: Settings, elsewhere: Place
) -> None:
    url, place = elsewhere

    restores.restore(kept, url, place)

    restored = open_engine(url)
    assert rows_of(restored) == rows_of(filled)
    assert sum(map(len, rows_of(restored).values())) > 30
    here = Catalogue(HashingEncoder(), settings.data_dir)
    there = Catalogue(HashingEncoder(), place)
    with reading(filled) as one, reading(restored) as other:
        here.catch_up(one)
        there.catch_up(other)
        assert upkeep.verify(other, there).is_whole
    for kind in (RecordKind.NEED, RecordKind.SOLUTION, RecordKind.ORGANISATION):
        for level in (Level.PUBLIC, Level.MEMBERS):
            assert there.digest(kind, level) == here.digest(kind, level)
            assert there.shelf(kind, level).size > 0
    assert (place / "secret.key").read_text() == "k" * 64
    with writing(restored) as session:  # it goes on from there
        session.scalars(select(Need)).one().title = "Sau khi phục hồi"
    restored.dispose()


def test_manifest_tells_what_is_in_it(kept: Path, filled: Engine, settings: Settings) -> None:
    contents = unpack(kept)
    told = json.loads(contents["manifest.json"])

    assert set(contents) == {"manifest.json", "matchmaker.db", "secret.key"}
    assert told["revision"] == migrations.head() == migrations.current(filled)
    assert told["size"] == len(contents["matchmaker.db"]) + len(contents["secret.key"])
    assert set(told["files"]) == {"matchmaker.db", "secret.key"}
    assert [p.name for p in kept.parent.iterdir()] == ["kept.tar.gz"]  # nothing half-made beside it


def test_what_is_not_committed_is_not_in_it_and_what_is_is(
    filled: Engine, settings: Settings, tmp_path: Path, elsewhere: Place
) -> None:
    """Taken while the site goes on: committed rows still in the log are in, open ones are not."""
    with writing(filled) as session:
        session.scalars(select(Need)).one().title = "Đã ghi"
    with new_session(filled, writes=True) as somebody:
        somebody.execute(text("UPDATE need SET title = 'Chưa ghi'"))
        file = tmp_path / "busy.tar.gz"
        backups.write(filled, settings.data_dir, file)
        somebody.rollback()
    url, place = elsewhere
    restores.restore(file, url, place)

    restored = open_engine(url)
    with reading(restored) as session:
        assert session.scalars(select(Need.title)).all() == ["Đã ghi"]
    restored.dispose()


def test_older_file_is_replaced_whole(filled: Engine, settings: Settings, kept: Path) -> None:
    before = unpack(kept)["matchmaker.db"]
    with writing(filled) as session:
        session.scalars(select(Need)).one().title = "Mới hơn"

    backups.write(filled, settings.data_dir, kept)

    assert unpack(kept)["matchmaker.db"] != before


def test_restore_over_a_database_is_refused_and_changes_nothing(
    kept: Path, filled: Engine, settings: Settings
) -> None:
    with writing(filled) as session:
        session.scalars(select(Need)).one().title = "Sau bản sao"
    before = rows_of(filled)

    with pytest.raises(BackupError, match="exists: restore into an empty folder"):
        restores.restore(kept, settings.url, settings.data_dir)

    assert rows_of(filled) == before


def flipped(contents: Contents, name: str) -> Contents:
    """One bit of one file turned over."""
    changed = bytearray(contents[name])
    changed[len(changed) // 2] ^= 1
    return contents | {name: bytes(changed)}


def without(contents: Contents, name: str) -> Contents:
    return {key: value for key, value in contents.items() if key != name}


def told_otherwise(contents: Contents, **changes: object) -> Contents:
    told = json.loads(contents["manifest.json"]) | changes
    return contents | {"manifest.json": json.dumps(told).encode()}


DAMAGES: dict[str, Callable[[Contents], Contents]] = {
    "a bit of the database": lambda c: flipped(c, "matchmaker.db"),
    "a bit of the secret": lambda c: flipped(c, "secret.key"),
    "a shorter database": lambda c: c | {"matchmaker.db": c["matchmaker.db"][:-4096]},
    "an empty database": lambda c: c | {"matchmaker.db": b""},
    "no database": lambda c: without(c, "matchmaker.db"),
    "no manifest": lambda c: without(c, "manifest.json"),
    "a manifest that is no JSON": lambda c: c | {"manifest.json": b"{"},
    "a manifest of something else": lambda c: c | {"manifest.json": b"[]"},
    "a manifest with more in it": lambda c: told_otherwise(c, more=1),
    "another hash": lambda c: told_otherwise(c, files={"matchmaker.db": "0" * 64}),
    "a manifest without the database": lambda c: told_otherwise(c, files={}),
    "a manifest with a list": lambda c: told_otherwise(c, files=["matchmaker.db", "secret.key"]),
    "a manifest that names a file above": lambda c: told_otherwise(
        c, files=json.loads(c["manifest.json"])["files"] | {"../kept.tar.gz": "0" * 64}
    ),
    "a secret the manifest does not know": lambda c: told_otherwise(
        c, files=without(json.loads(c["manifest.json"])["files"], "secret.key")
    ),
    "a file beside": lambda c: c | {"notes.txt": b"?"},
    "a file above": lambda c: c | {"../evil.sh": b"?"},
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_backup_is_refused_and_leaves_nothing(
    kept: Path, elsewhere: Place, damage: str
) -> None:
    url, place = elsewhere
    pack(kept, DAMAGES[damage](unpack(kept)))

    with pytest.raises(BackupError):
        restores.restore(kept, url, place)

    assert list(place.rglob("*")) == []
    assert not (place.parent / "evil.sh").exists()


@pytest.mark.parametrize("kind", ["cut", "empty", "text", "gzip of text", "database"])
def test_file_that_is_no_backup_is_refused(
    kept: Path, settings: Settings, elsewhere: Place, kind: str
) -> None:
    url, place = elsewhere
    whole = kept.read_bytes()
    kept.write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "empty": b"",
            "text": b"not a backup",
            "gzip of text": gzip.compress(b"not a backup"),
            "database": unpack(kept)["matchmaker.db"],
        }[kind]
    )

    with pytest.raises(BackupError, match=r"kept\.tar\.gz"):
        restores.restore(kept, url, place)

    assert list(place.rglob("*")) == []


def test_link_in_a_backup_is_refused(kept: Path, elsewhere: Place) -> None:
    url, place = elsewhere
    contents = unpack(kept)
    with tarfile.open(kept, "w:gz") as archive:
        for name, content in without(contents, "secret.key").items():
            told = tarfile.TarInfo(name)
            told.size = len(content)
            archive.addfile(told, io.BytesIO(content))
        link = tarfile.TarInfo("secret.key")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)

    with pytest.raises(BackupError, match=r"secret\.key, which no backup has"):
        restores.restore(kept, url, place)

    assert list(place.rglob("*")) == []


def test_after_a_refused_backup_the_right_one_still_goes_in(
    kept: Path, elsewhere: Place, tmp_path: Path
) -> None:
    url, place = elsewhere
    bad = pack(tmp_path / "bad.tar.gz", flipped(unpack(kept), "matchmaker.db"))
    with pytest.raises(BackupError):
        restores.restore(bad, url, place)

    restores.restore(kept, url, place)

    with sqlite3.connect(place / "matchmaker.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_only_into_a_database_of_ours(kept: Path, tmp_path: Path) -> None:
    for url in ("mysql://db/matchmaker", "sqlite://"):
        with pytest.raises(BackupError, match="only an SQLite file or a PostgreSQL database"):
            restores.restore(kept, url, tmp_path / "elsewhere")


def test_backup_without_a_word_of_rows_still_opens(kept: Path, elsewhere: Place) -> None:
    """As the first version wrote them."""
    url, place = elsewhere
    contents = unpack(kept)
    told = json.loads(contents["manifest.json"])
    del told["rows"]
    pack(kept, contents | {"manifest.json": json.dumps(told).encode()})

    assert restores.restore(kept, url, place).revision == migrations.head()
    assert (place / "matchmaker.db").exists()
