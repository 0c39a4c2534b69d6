"""The compiled model on disk: whole or absent, whoever dies or meddles."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tiny_model import write_tiny_model

from embeddings import ModelStoreError, WeightsError
from embeddings.files import sha256_of
from embeddings.model_store import MANIFEST, MODEL, TOKENIZER, ModelStore
from embeddings.runtime import Runtime


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "tiny.bin")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def ensure(data_dir: Path, source: Path) -> Path:
    return ModelStore(data_dir, source).ensure(sha256_of(source))


def read(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_store_builds_once(data_dir: Path, source: Path) -> None:
    built = ensure(data_dir, source)
    assert set(read(built)) == {MODEL, TOKENIZER, MANIFEST}
    before = {path: path.stat() for path in built.iterdir()}
    assert ensure(data_dir, source) == built
    assert {path: path.stat() for path in built.iterdir()} == before


def test_store_keeps_models_apart(data_dir: Path, source: Path, tmp_path: Path) -> None:
    other = write_tiny_model(tmp_path / "other.bin", seed=1)
    assert ensure(data_dir, source) != ensure(data_dir, other)
    newer = ModelStore(data_dir, source, "next").ensure(sha256_of(source))
    assert newer != ensure(data_dir, source)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def foreign(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {"builder": "another"}))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (MODEL, flip),
        (MODEL, Path.unlink),
        (MODEL, lambda path: path.write_bytes(b"")),
        (TOKENIZER, flip),
        (TOKENIZER, lambda path: path.write_bytes(path.read_bytes()[:-9])),
        (MANIFEST, Path.unlink),
        (MANIFEST, lambda path: path.write_text("[]")),
        (MANIFEST, lambda path: path.write_bytes(b"\xff")),
        (MANIFEST, foreign),
    ],
)
def test_store_rebuilds_what_was_damaged(
    data_dir: Path, source: Path, name: str, damage: Callable[[Path], None]
) -> None:
    built = ensure(data_dir, source)
    whole = read(built)
    damage(built / name)
    assert read(built) != whole
    ensure(data_dir, source)
    assert read(built) == whole
    assert len(list(built.parent.iterdir())) == 2  # the model and the lock


def test_store_refuses_damaged_weights(data_dir: Path, source: Path) -> None:
    source.write_bytes(source.read_bytes()[:-1])
    with pytest.raises(WeightsError):
        ensure(data_dir, source)
    assert {path.name for path in (data_dir / "models").iterdir()} == {".lock"}


def test_store_reports_a_directory_it_cannot_use(tmp_path: Path, source: Path) -> None:
    (tmp_path / "data").write_text("a file where the directory should be")
    with pytest.raises(ModelStoreError, match="data"):
        ensure(tmp_path / "data", source)


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "mkdir"])
def test_store_leaves_nothing_half_written(
    data_dir: Path, source: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The n-th call of the system fails, for every n until none is left to fail."""
    real, failures = getattr(os, call), 0
    while True:
        with monkeypatch.context() as patch:
            calls = iter(range(1_000))

            def fail_in_turn(*args: object, turn: int = failures, **kwargs: object) -> object:
                if next(calls) == turn:  # noqa: B023 - made anew in every round
                    raise OSError(28, "No space left on device")
                return real(*args, **kwargs)

            patch.setattr(os, call, fail_in_turn)
            try:
                built = ensure(data_dir, source)
                break
            except ModelStoreError:
                failures += 1
        left = list((data_dir / "models").glob("*")) if data_dir.exists() else []
        assert all((path / MANIFEST).exists() for path in left if path.is_dir())
        assert not [path for path in left if path.name.startswith(".") and path.is_dir()]
    assert failures >= (3 if call in ("write", "fsync") else 1)
    Runtime(built, 1).run(["máy"])


COLD_START = """
import sys
from pathlib import Path
from embeddings.files import sha256_of
from embeddings.model_store import ModelStore
from embeddings.runtime import Runtime
source = Path(sys.argv[2])
built = ModelStore(Path(sys.argv[1]), source).ensure(sha256_of(source))
print(Runtime(built, 1).run(["may say hat dieu"]).tobytes().hex())
"""


def test_processes_may_start_at_once(data_dir: Path, source: Path) -> None:
    command = [sys.executable, "-c", COLD_START, str(data_dir), str(source)]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=120)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(set(answers)) == 1
    assert len(answers[0]) == 64 * 8 + 1
    assert len(list((data_dir / "models").iterdir())) == 2


def test_store_waits_for_another_builder_and_takes_its_model(
    data_dir: Path, source: Path, tmp_path: Path
) -> None:
    built = ensure(tmp_path / "elsewhere", source)
    (data_dir / "models").mkdir(parents=True)
    with (data_dir / "models" / ".lock").open("w") as lock, ThreadPoolExecutor() as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = pool.submit(ensure, data_dir, source)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=1.5)
        built.rename(data_dir / "models" / built.name)
        before = (data_dir / "models" / built.name).stat().st_ino
        fcntl.flock(lock, fcntl.LOCK_UN)
        assert waiting.result(timeout=60).stat().st_ino == before


def test_build_clears_what_a_killed_one_left(data_dir: Path, source: Path) -> None:
    built = ensure(data_dir, source)
    leftover = built.parent / f".{built.name}.killed"
    (leftover / "new").mkdir(parents=True)
    (built / MODEL).unlink()
    ensure(data_dir, source)
    assert not leftover.exists()
