"""Backups, taken while the site goes on; `restores` puts them back elsewhere.

The embedded database goes in as one file, by SQLite's own backup: a plain copy of a live
write-ahead database is unusable. A server's database goes in as lines, see `dumps`; so does the
embedded one when it is to move to a server.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Engine

from embeddings.files import sync_directory
from matchmaker.domain.errors import MatchmakerError
from matchmaker.domain.vocabulary import ModelKind, VersionState
from matchmaker.models import utc_now
from matchmaker.services import dumps

DATABASE = "matchmaker.db"
MANIFEST = "manifest.json"
TABLES = "tables"
MODELS = "models"
#: Besides the database and tuned models: what signs forms already open in browsers.
FILES = ("secret.key",)
#: Beside the database: when the last backup was made. It is no part of a backup.
NOTE = "last-backup.json"

_VERSIONS = "model_version"


class BackupError(MatchmakerError):
    """A backup that cannot be made, or must not be believed."""

    code = "backup"


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: `files` maps each name to its SHA-256, `size` is in bytes."""

    made_at: str
    revision: str
    size: int
    files: dict[str, str]
    #: Rows by table where the database went in as lines; empty where it is one file.
    rows: dict[str, int] = field(default_factory=dict)


def write(engine: Engine, data_dir: Path, target: Path, *, as_lines: bool = False) -> Manifest:
    """Write a backup to `target`, aside first; an older file of that name is replaced whole.

    `as_lines`: the embedded database, too, in the form that goes into a server. Raises
    BackupError; then nothing is left behind.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
            folder = Path(scratch)
            revision, rows = _take_database(engine, folder, as_lines=as_lines)
            for name in FILES:
                if (data_dir / name).exists():
                    shutil.copy2(data_dir / name, folder / name)
            held = _below(folder) | _models(folder, data_dir)
            manifest = Manifest(
                made_at=utc_now().isoformat(timespec="seconds"),
                revision=revision,
                size=sum(path.stat().st_size for path in held.values()),
                files={name: sha256_of_file(path) for name, path in held.items()},
                rows=rows,
            )
            told = folder / MANIFEST
            told.write_text(json.dumps(asdict(manifest), indent=2), "utf-8")
            _pack(folder / "packed.tar.gz", {MANIFEST: told, **held})
            (folder / "packed.tar.gz").replace(target)
            sync_directory(target.parent)
        _note(data_dir, manifest)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{target} cannot be written: {error}") from error
    return manifest


def last_made(data_dir: Path) -> datetime | None:
    """When the last backup of this place was made; None: never, or not known."""
    try:
        told = json.loads((data_dir / NOTE).read_text("utf-8"))
        return datetime.fromisoformat(told["made_at"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _pack(packed: Path, held: dict[str, Path]) -> None:
    with packed.open("xb") as file:
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            for name, path in held.items():
                archive.add(path, arcname=name, recursive=False)
        file.flush()
        os.fsync(file.fileno())


def _take_database(engine: Engine, folder: Path, *, as_lines: bool) -> tuple[str, dict[str, int]]:
    """Put the database into `folder`; returns its revision, and the rows by table if as lines."""
    if engine.dialect.name == "sqlite" and not as_lines:
        return _copy_database(engine, folder / DATABASE), {}
    return _dump_database(engine, folder)


def _copy_database(engine: Engine, target: Path) -> str:
    """The embedded database as one whole file; returns the revision it is at."""
    with engine.connect() as connection:
        live = connection.connection.driver_connection
        if not isinstance(live, sqlite3.Connection):
            raise BackupError("the database driver gave no SQLite connection")
        with closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
            # The copy is one file: its log is folded in.
            copy.execute("PRAGMA journal_mode=DELETE")
            (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(revision)


def _dump_database(engine: Engine, folder: Path) -> tuple[str, dict[str, int]]:
    """Every table as lines, all of one moment; returns the revision and the rows by table."""
    (folder / TABLES).mkdir()
    with dumps.snapshot(engine) as connection:
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return str(revision), dumps.dump(connection, folder / TABLES)


def _models(folder: Path, data_dir: Path) -> dict[str, Path]:
    """The files of tuned models that are live or may be again, as the copied rows name them."""
    found = {}
    for name in _tuned(_version_rows(folder)):
        place = data_dir / MODELS / name
        for path, inside in ((p, p.relative_to(place)) for p in sorted(place.rglob("*"))):
            if path.is_file():
                found[f"{MODELS}/{name}/{inside.as_posix()}"] = path
    return found


def _version_rows(folder: Path) -> list[dict[str, Any]]:
    lines = folder / TABLES / dumps.file_of(_VERSIONS)
    if lines.exists():
        return list(dumps.rows_in(lines))
    if not (folder / DATABASE).exists():
        return []
    with closing(sqlite3.connect(folder / DATABASE)) as copy:
        copy.row_factory = sqlite3.Row
        has = "SELECT 1 FROM sqlite_master WHERE name = ?"
        if copy.execute(has, [_VERSIONS]).fetchone() is None:
            return []  # older than what is learned
        return [dict(row) for row in copy.execute(f"SELECT * FROM {_VERSIONS}")]  # noqa: S608 - a constant


def _tuned(rows: list[dict[str, Any]]) -> set[str]:
    by_id = {row["id"]: row for row in rows if row["kind"] == ModelKind.ENCODER}
    useful = {VersionState.LIVE, VersionState.CANDIDATE}
    wanted = [row for row in by_id.values() if row["state"] in useful]
    names = set()
    while wanted:
        row = wanted.pop()
        names.add(str(json.loads(row["payload"])["name"]))
        before = by_id.pop(row["replaces_id"], None)  # what one step back brings into use
        wanted += [before] if before else []
    return {name for name in names if PurePosixPath(name).name == name}


def _below(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def file_of(table: str) -> str:
    return f"{TABLES}/{dumps.file_of(table)}"


def _note(data_dir: Path, manifest: Manifest) -> None:
    """Written aside first: whoever reads it meanwhile finds the old one whole."""
    aside = data_dir / f"{NOTE}.{os.getpid()}"
    aside.write_text(json.dumps({"made_at": manifest.made_at, "size": manifest.size}), "utf-8")
    aside.replace(data_dir / NOTE)


def sha256_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
