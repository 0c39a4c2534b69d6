"""Putting a backup into an empty place: all of it or nothing."""

import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath

from alembic.util import CommandError
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from embeddings.files import sync_directory
from matchmaker import migrations
from matchmaker.models.database import open_engine
from matchmaker.services import dumps
from matchmaker.services.backups import (
    DATABASE,
    FILES,
    MANIFEST,
    MODELS,
    TABLES,
    BackupError,
    Manifest,
    file_of,
    sha256_of_file,
)

_TABLE = re.compile(rf"{TABLES}/[a-z][a-z0-9_]*\.jsonl")
_SQLITE, _POSTGRESQL = "sqlite", "postgresql"


def restore(source: Path, url: str, data_dir: Path) -> Manifest:
    """Put a backup into a place that holds no database yet; raises BackupError otherwise.

    One made at an older revision goes in as it was: `db upgrade` brings it up.
    """
    parts = make_url(url)
    kind = parts.get_backend_name()
    if kind not in {_SQLITE, _POSTGRESQL} or (kind == _SQLITE and not parts.database):
        raise BackupError("only an SQLite file or a PostgreSQL database is restored here")
    database = Path(parts.database or "") if kind == _SQLITE else None
    if database is not None and database.exists():
        raise BackupError(f"{database} exists: restore into an empty folder")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-") as scratch:
            folder = Path(scratch)
            manifest = _unpack(source, folder)
            if database is not None:
                whole = _as_file(folder, manifest, source)
                _put_files(folder, data_dir, manifest)
                _put_database(whole, database)
            else:
                with _loaded(url, folder, manifest, source):
                    _put_files(folder, data_dir, manifest)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{source} cannot be restored: {error}") from error
    return manifest


def _take_out(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Put one file of ours into the folder.

    Not by `extract`: its filters are missing in Python before 3.11.4, Debian 12's own.
    """
    held = archive.extractfile(member)
    assert held is not None  # it is a file
    place = folder / member.name
    place.parent.mkdir(parents=True, exist_ok=True)
    with held, place.open("wb") as file:
        shutil.copyfileobj(held, file)


def _unpack(source: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(source, "r:gz") as archive:
            members = archive.getmembers()
            for member in members:
                if not _is_ours(member.name) or not member.isfile():
                    raise BackupError(f"{source} holds {member.name}, which no backup has")
                _take_out(archive, member, folder)
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
        held = {m.name for m in members} - {MANIFEST}
        has_database = DATABASE in held or set(map(file_of, manifest.rows)) & held
        if not has_database or set(dict(manifest.files)) != held:
            raise BackupError(f"{source} does not hold what its manifest says")
    except (tarfile.TarError, ValueError, TypeError, EOFError, OSError) as error:
        raise BackupError(f"{source} is not a backup: {error}") from error
    for name, digest in manifest.files.items():
        if sha256_of_file(folder / name) != digest:
            raise BackupError(f"{name} in {source} is damaged")
    return manifest


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    tuned = len(parts) > 2 and parts[0] == MODELS and ".." not in parts
    return name in {MANIFEST, DATABASE, *FILES} or bool(_TABLE.fullmatch(name)) or tuned


def _as_file(folder: Path, manifest: Manifest, source: Path) -> Path:
    """The database as one file, made of the lines where they are what the backup holds."""
    made = folder / DATABASE
    if not manifest.rows:
        return made
    with _loaded(f"sqlite:///{made}", folder, manifest, source):
        pass
    with closing(sqlite3.connect(made)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    return made


@contextmanager
def _loaded(url: str, folder: Path, manifest: Manifest, source: Path) -> Iterator[None]:
    """Fill an empty database; where anything fails, here or in the body, it is empty again."""
    if not manifest.rows:
        raise BackupError(
            f"{source} holds an SQLite file: to move to a server, write one with --as-lines"
        )
    engine = open_engine(url)
    try:
        if migrations.current(engine) not in {None, manifest.revision}:
            raise BackupError("the database is in use: restore into an empty one")
        if not dumps.is_empty(engine):
            raise BackupError("the database holds rows: restore into an empty one")
        try:
            migrations.upgrade(engine, manifest.revision)
            _must_be_all(dumps.load(engine, folder / TABLES), manifest, source)
            yield
        except BaseException:
            dumps.clear(engine)
            raise
    except (SQLAlchemyError, CommandError, ValueError, TypeError, KeyError) as error:
        raise BackupError(f"{source} does not go into the database: {error}") from error
    finally:
        engine.dispose()


def _must_be_all(found: dict[str, int], manifest: Manifest, source: Path) -> None:
    if found != manifest.rows:
        raise BackupError(f"{source} has other rows than its manifest says")


def _put_files(folder: Path, data_dir: Path, manifest: Manifest) -> None:
    for name in FILES:
        if name in manifest.files:
            (folder / name).replace(data_dir / name)
    if not (folder / MODELS).exists():
        return
    (data_dir / MODELS).mkdir(exist_ok=True)
    for model in (folder / MODELS).iterdir():
        place = data_dir / MODELS / model.name
        if place.exists():
            place.replace(folder / f"former-{model.name}")
        model.replace(place)
    sync_directory(data_dir / MODELS)


def _put_database(made: Path, database: Path) -> None:
    """The database comes last: where it is, the whole backup is."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(database)
    sync_directory(database.parent)
