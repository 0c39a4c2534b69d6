"""Backups of the embedded database, taken while the site goes on, and put back elsewhere.

A plain copy of a live write-ahead database is unusable; SQLite's own backup takes a whole one.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, make_url

from matchmaker import migrations
from matchmaker.domain.errors import MatchmakerError
from matchmaker.models import utc_now

DATABASE = "matchmaker.db"
MANIFEST = "manifest.json"
#: Besides the database: what signs forms already open in browsers.
FILES = ("secret.key",)
#: Beside the database: when the last backup was made. It is no part of a backup.
NOTE = "last-backup.json"


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


def write(engine: Engine, data_dir: Path, target: Path) -> Manifest:
    """Write a backup to `target`, aside first; an older file of that name is replaced whole."""
    if engine.dialect.name != "sqlite":
        raise BackupError("only the embedded database is backed up here; use pg_dump for others")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
        folder = Path(scratch)
        _copy_database(engine, folder / DATABASE)
        names = [DATABASE]
        for name in FILES:
            if (data_dir / name).exists():
                shutil.copy2(data_dir / name, folder / name)
                names.append(name)
        manifest = Manifest(
            made_at=utc_now().isoformat(timespec="seconds"),
            revision=migrations.current(engine) or "",
            size=sum((folder / n).stat().st_size for n in names),
            files={n: _sha256(folder / n) for n in names},
        )
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2), "utf-8")
        packed = folder / "packed.tar.gz"
        with tarfile.open(packed, "w:gz") as archive:
            for name in [MANIFEST, *names]:
                archive.add(folder / name, arcname=name)
        with packed.open("rb") as file:
            os.fsync(file.fileno())
        packed.replace(target)
    _note(data_dir, manifest)
    return manifest


def last_made(data_dir: Path) -> datetime | None:
    """When the last backup of this place was made; None: never, or not known."""
    try:
        told = json.loads((data_dir / NOTE).read_text("utf-8"))
        return datetime.fromisoformat(told["made_at"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def restore(source: Path, url: str, data_dir: Path) -> Manifest:
    """Put a backup into a place that holds no database yet; raises BackupError otherwise."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database:
        raise BackupError("only the embedded database is restored here")
    database = Path(parts.database)
    if database.exists():
        raise BackupError(f"{database} exists: restore into an empty folder")
    data_dir.mkdir(parents=True, exist_ok=True)
    database.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-") as scratch:
        folder = Path(scratch)
        manifest = _unpack(source, folder)
        for name, digest in manifest.files.items():
            if _sha256(folder / name) != digest:
                raise BackupError(f"{name} in {source} is damaged")
        for name in manifest.files:
            if name != DATABASE:
                (folder / name).replace(data_dir / name)
        (folder / DATABASE).replace(database)
    return manifest


def _copy_database(engine: Engine, target: Path) -> None:
    with engine.connect() as connection:
        live = connection.connection.driver_connection
        if not isinstance(live, sqlite3.Connection):
            raise BackupError("the database driver gave no SQLite connection")
        copy = sqlite3.connect(target)
        try:
            live.backup(copy)
            # The copy is one file: its log is folded in.
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()


def _unpack(source: Path, folder: Path) -> Manifest:
    known = {MANIFEST, DATABASE, *FILES}
    try:
        with tarfile.open(source, "r:gz") as archive:
            members = archive.getmembers()
            for member in members:
                if member.name not in known or not member.isfile():
                    raise BackupError(f"{source} holds {member.name}, which no backup has")
                # Not `extract`: its filters are missing in Python before 3.11.4, Debian 12's own.
                held = archive.extractfile(member)
                assert held is not None  # it is a file
                with held, (folder / member.name).open("wb") as file:
                    shutil.copyfileobj(held, file)
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
        names = {m.name for m in members} - {MANIFEST}
        if DATABASE not in names or set(dict(manifest.files)) != names:
            raise BackupError(f"{source} does not hold what its manifest says")
    except (tarfile.TarError, OSError, ValueError, TypeError, EOFError) as error:
        raise BackupError(f"{source} is not a backup: {error}") from error
    return manifest


def _note(data_dir: Path, manifest: Manifest) -> None:
    """Written aside first: whoever reads it meanwhile finds the old one whole."""
    aside = data_dir / f"{NOTE}.{os.getpid()}"
    aside.write_text(json.dumps({"made_at": manifest.made_at, "size": manifest.size}), "utf-8")
    aside.replace(data_dir / NOTE)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
