"""The n-th call of the system fails, for every n, in each writer of files.

A clear error, no half file, the one before untouched, and the next try works.
"""

import builtins
import errno
import io
import itertools
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click import ClickException
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from embeddings import HashingEncoder, ModelStoreError, Role
from embeddings.files import sha256_of
from embeddings.model_store import ModelStore
from embeddings.unpack import unpack
from matchmaker.cli.context import Failing
from matchmaker.config import SettingError, Settings, kept_once
from matchmaker.models import Member
from matchmaker.services import backups, evaluation, restores, seeding
from matchmaker.services.backups import BackupError
from tests.embeddings.tiny_model import write_tiny_model
from tests.faults.figures import FULL, tell
from tests.faults.shop import fill
from tests.web.people import MakeNeed, MakeSolution

CODES = (errno.ENOSPC, errno.EIO, errno.EACCES)
#: Those that change what is on the disk, as the writers call them.
CALLS = ("write", "fsync", "replace", "rename", "mkdir", "link", "fchmod")


class _Turn:
    """Counts the calls; the one whose turn it is fails."""

    def __init__(self, at: int, code: int) -> None:
        self.at, self.code, self.count = at, code, 0

    def take(self) -> None:
        self.count += 1
        if self.count == self.at:
            raise OSError(self.code, os.strerror(self.code), "a file")


class _Raw(io.FileIO):
    """A file opened for writing whose writes are counted too."""

    turn: _Turn

    def write(self, content: Any) -> int:
        self.turn.take()
        return super().write(content)


@contextmanager
def failing(at: int, code: int) -> Iterator[_Turn]:
    """The `at`-th call that writes fails with `code`; whoever reads is left in peace."""
    turn = _Turn(at, code)
    opened, real_open = builtins.open, os.open

    def open_file(file: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if isinstance(file, int) or not set(mode) & set("wax+"):
            if set(mode) & set("wax+"):
                return _counted(turn, file, mode, *rest, **more)
            return opened(file, mode, *rest, **more)
        turn.take()
        return _counted(turn, file, mode, *rest, **more)

    def open_low(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            turn.take()
        return real_open(path, flags, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            real = getattr(os, name)

            def call(*args: Any, real: Callable[..., Any] = real, **more: Any) -> Any:
                # A folder that is there is not made, whatever the system says to that.
                if real.__name__ != "mkdir" or not os.path.isdir(args[0]):  # noqa: PTH112
                    turn.take()
                return real(*args, **more)

            patch.setattr(os, name, call)
        patch.setattr(os, "open", open_low)
        patch.setattr(builtins, "open", open_file)
        patch.setattr(io, "open", open_file)
        patch.setattr(tarfile, "bltn_open", open_file)
        yield turn


def _counted(turn: _Turn, file: Any, mode: str, *rest: Any, **more: Any) -> Any:
    raw = _Raw(file, mode.replace("b", "").replace("t", ""))
    raw.turn = turn
    if "b" in mode:
        return io.BufferedWriter(raw)
    encoding = more.get("encoding") or (rest[1] if len(rest) > 1 else "utf-8")
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding)


@dataclass(frozen=True)
class Writer:
    """What writes files, what it must raise, and what must hold after it failed or worked."""

    write: Callable[[], object]
    error: type[Exception]
    untouched: Callable[[], object]
    worked: Callable[[], object]
    #: Undoes what a success left, so that the next turn starts as the first did.
    again: Callable[[], object] = lambda: None
    #: Whether a short run leaves out more and more of the later calls.
    is_slow: bool = False

    @property
    def turns(self) -> Iterator[int]:
        """1, 2, 3… or, where each costs seconds, 1, 2, 4, 8…"""
        if self.is_slow and not FULL:
            return (2**n for n in itertools.count())
        return itertools.count(1)


def every_turn_fails_cleanly(name: str, writer: Writer) -> None:
    """Every n with its kind of failure in turn; in the long run every n with each kind."""
    failures = 0
    codes = itertools.cycle(CODES)
    for at in writer.turns:
        for code in CODES if FULL else (next(codes),):
            with failing(at, code) as turn:
                try:
                    writer.write()
                except writer.error as error:
                    told = f"{error} {error.__cause__}"
                    assert os.strerror(code) in told or isinstance(error, OSError), told
                    failures += 1
                else:
                    assert turn.count < at, f"call {at} failed and nobody was told"
            if turn.count < at:
                writer.worked()
                tell(f"{name}: {failures} failures in {turn.count} calls")
                assert failures >= 3
                return
            writer.untouched()
            writer.write()  # the next try works
            writer.worked()
            writer.again()


def files_in(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_compiled_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_tiny_model(tmp_path / "tiny.bin")
    monkeypatch.setattr(
        ModelStore, "_compile", lambda *_: {"model.onnx": b"m" * 99, "tokenizer.json": b"{}"}
    )
    store, digest = ModelStore(tmp_path / "data", source), sha256_of(source)
    models = tmp_path / "data" / "models"

    def untouched() -> None:
        if files_in(tmp_path / "data") > {"models/.lock"}:
            worked()  # in place, its name not yet durable: then it is whole
            again()
        assert files_in(tmp_path / "data") <= {"models/.lock"}

    def worked() -> None:
        assert store._is_whole(store.ensure(digest), digest)

    def again() -> None:
        for path in [p for p in models.rglob("*") if p.is_file() and p.name != ".lock"]:
            path.unlink()

    writer = Writer(lambda: store.ensure(digest), ModelStoreError, untouched, worked, again)
    every_turn_fails_cleanly("compiled model", writer)


def test_unpacked_model(tmp_path: Path) -> None:
    source = write_tiny_model(tmp_path / "tiny.bin")
    place = tmp_path / "models" / "unpacked"

    unpack(tmp_path / "first", weights=source)
    whole = {p.name: p.read_bytes() for p in (tmp_path / "first").rglob("*") if p.is_file()}

    def untouched() -> None:
        if place.exists():  # in place, its name not yet durable: then it is whole
            worked()
            again()
        assert not list((tmp_path / "models").glob("*"))

    def again() -> None:
        shutil.rmtree(place)

    def worked() -> None:
        assert {p.name: p.read_bytes() for p in place.rglob("*") if p.is_file()} == whole

    writer = Writer(
        lambda: unpack(place, weights=source), ModelStoreError, untouched, worked, again
    )
    every_turn_fails_cleanly("unpacked model", writer)


@pytest.fixture
def small(
    engine: Engine, session: Session, settings: Settings, alice: Member, bob: Member,
    carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> Engine:  # fmt: skip
    fill(session, alice, bob, carol, make_need, make_solution, matches=1, cases=1)
    session.close()
    (settings.data_dir / "secret.key").write_text("k" * 64)
    return engine


@pytest.mark.parametrize("as_lines", [False, True])
def test_backup(small: Engine, settings: Settings, tmp_path: Path, as_lines: bool) -> None:
    folder = tmp_path / "backups"
    file = folder / "kept.tar.gz"
    backups.write(small, settings.data_dir, file, as_lines=as_lines)
    before = [file.read_bytes()]

    def untouched() -> None:
        assert [p.name for p in folder.iterdir()] == ["kept.tar.gz"]
        # The name may be new and not yet durable: either whole file is right.
        assert file.read_bytes() == before[0] or backup_is_whole(file, tmp_path)

    def worked() -> None:
        assert backup_is_whole(file, tmp_path)
        before[0] = file.read_bytes()

    def write() -> None:
        backups.write(small, settings.data_dir, file, as_lines=as_lines)

    every_turn_fails_cleanly(
        f"backup {'as lines' if as_lines else 'as a file'}",
        Writer(write, BackupError, untouched, worked, is_slow=as_lines),
    )


def backup_is_whole(file: Path, folder: Path) -> bool:
    scratch = folder / "looked-into"
    scratch.mkdir(exist_ok=True)
    restores._unpack(file, scratch)
    return True


@pytest.mark.parametrize("as_lines", [False, True])
def test_restore(small: Engine, settings: Settings, tmp_path: Path, as_lines: bool) -> None:
    file, place = tmp_path / "kept.tar.gz", tmp_path / "elsewhere"
    backups.write(small, settings.data_dir, file, as_lines=as_lines)
    url = f"sqlite:///{place / 'matchmaker.db'}"

    def untouched() -> None:
        assert files_in(place) <= {"secret.key", "matchmaker.db"}
        if (place / "matchmaker.db").exists():  # in place, its name not yet durable: it is whole
            again()

    def again() -> None:
        for path in place.iterdir():
            path.unlink()

    def worked() -> None:
        assert files_in(place) == {"secret.key", "matchmaker.db"}

    writer = Writer(
        lambda: restores.restore(file, url, place),
        BackupError,
        untouched,
        worked,
        again,
        is_slow=as_lines,
    )
    every_turn_fails_cleanly(f"restore {'of lines' if as_lines else 'of a file'}", writer)


def test_secret_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var")

    def untouched() -> None:
        assert files_in(tmp_path) <= {"var/secret.key"}
        again()

    def again() -> None:
        (tmp_path / "var" / "secret.key").unlink(missing_ok=True)

    def worked() -> None:
        assert len(settings.secret()) == 64 == len((tmp_path / "var" / "secret.key").read_text())
        assert files_in(tmp_path) == {"var/secret.key"}

    every_turn_fails_cleanly(
        "secret key", Writer(settings.secret, SettingError, untouched, worked, again)
    )


def test_password_of_the_demo(tmp_path: Path) -> None:
    path = tmp_path / "demo_password"

    def untouched() -> None:
        assert files_in(tmp_path) == set()

    def worked() -> None:
        assert path.read_text() == "a password"

    writer = Writer(
        lambda: kept_once(path, lambda: "a password"), OSError, untouched, worked, path.unlink
    )
    every_turn_fails_cleanly("password of the demo", writer)


def test_kept_vectors_of_an_evaluation(tmp_path: Path) -> None:
    def write() -> None:
        kept = evaluation.Kept(HashingEncoder(), tmp_path / "cache")
        assert kept.encode(["một hai ba"], role=Role.DOCUMENT).shape == (1, kept.dim)

    def untouched() -> None:
        # Put in place, its name not yet durable: then it is whole, and read back.
        assert all(name.endswith(".npy") for name in files_in(tmp_path))
        again()

    def again() -> None:
        for path in (tmp_path / "cache").glob("*"):
            path.unlink()

    def worked() -> None:
        (path,) = (tmp_path / "cache").iterdir()
        assert np.load(path).shape[0] == 1

    writer = Writer(write, OSError, untouched, worked, again)
    every_turn_fails_cleanly("vectors of an evaluation", writer)


def test_exported_collection(tmp_path: Path) -> None:
    place = tmp_path / "gold"
    seeding.as_collection(place)
    before = {p.name: p.read_bytes() for p in place.iterdir()}

    def whole() -> None:
        assert {p.name: p.read_bytes() for p in place.iterdir()} == before

    writer = Writer(lambda: seeding.as_collection(place), OSError, whole, whole, is_slow=True)
    every_turn_fails_cleanly("exported collection", writer)


def test_command_says_in_one_sentence_what_the_system_refused() -> None:
    import click

    group = Failing("group", commands={"write": click.Command("write", callback=_full)})
    with pytest.raises(ClickException, match=r"^/var/x: No space left on device$"):
        group.main(["write"], standalone_mode=False)


def _full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/var/x")
