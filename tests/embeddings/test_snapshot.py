"""An index on disk: believed when whole and expected, refused otherwise."""

import dataclasses
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from embeddings import ExactIndex, FlatIndex, Manifest, SnapshotError
from embeddings.snapshot import KEPT, load, path_of, save


@pytest.fixture
def index(units: np.ndarray) -> FlatIndex:
    index = FlatIndex(8)
    index.upsert(range(100, 130), units)
    return index


@pytest.fixture
def manifest(index: FlatIndex, tmp_path: Path) -> Manifest:
    return save(index, tmp_path, fingerprint="e5", sequence=41)


def test_snapshot_gives_the_index_back(
    index: FlatIndex, manifest: Manifest, tmp_path: Path
) -> None:
    assert (manifest.dim, manifest.size) == (8, 30)
    assert (manifest.fingerprint, manifest.sequence) == ("e5", 41)
    for into in (FlatIndex, ExactIndex):
        found = load(tmp_path, manifest, into=into)
        assert isinstance(found, into)
        assert found.digest() == index.digest()
    # And it goes on being an index.
    found.remove([100])
    assert found.size == 29


def test_snapshot_of_nothing_gives_nothing_back(tmp_path: Path) -> None:
    manifest = save(ExactIndex(8), tmp_path, fingerprint="e5", sequence=0)
    assert load(tmp_path, manifest).size == 0


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "0" * 64},
        {"dim": 9},
        {"size": 31},
        {"fingerprint": "another model"},
        {"sequence": 42},
    ],
)
def test_snapshot_must_be_the_one_expected(
    manifest: Manifest, tmp_path: Path, change: dict[str, object]
) -> None:
    load(tmp_path, manifest)
    with pytest.raises(SnapshotError):
        load(tmp_path, dataclasses.replace(manifest, **change))


@pytest.mark.parametrize("seed", range(60))
def test_snapshot_mutation_is_noticed(manifest: Manifest, tmp_path: Path, seed: int) -> None:
    path = path_of(tmp_path, manifest.sha256)
    content = bytearray(path.read_bytes())
    random = np.random.default_rng(seed)
    place = int(random.integers(len(content)))
    match seed % 4:
        case 0:
            content[place] ^= 1 << int(random.integers(8))
        case 1:
            del content[place:]
        case 2:
            content[place:place] = random.bytes(3)
        case 3:
            del content[place : place + 1]
    path.write_bytes(content)
    with pytest.raises(SnapshotError):
        load(tmp_path, manifest)


def test_foreign_file_is_refused_even_under_its_own_hash(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", ids=np.arange(3))
    content = (tmp_path / "other.npz").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    path_of(tmp_path, sha256).write_bytes(content)
    with pytest.raises(SnapshotError, match="not a snapshot"):
        load(tmp_path, Manifest(sha256, 8, 3, "e5", 0))


def test_missing_snapshot_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="cannot be read"):
        load(tmp_path / "elsewhere", manifest)


def test_snapshot_before_the_last_stays(
    index: FlatIndex, manifest: Manifest, tmp_path: Path
) -> None:
    """The database may still name it: its manifest is written after the file."""
    index.remove([100])
    newer = save(index, tmp_path, fingerprint="e5", sequence=42)
    assert load(tmp_path, manifest).size == 30
    assert load(tmp_path, newer).size == 29
    for sequence in range(43, 49):
        newest = save(index, tmp_path, fingerprint="e5", sequence=sequence)
    assert len(list(tmp_path.iterdir())) == KEPT
    assert load(tmp_path, newest).size == 29


def test_save_drops_what_killed_writers_left_long_ago(index: FlatIndex, tmp_path: Path) -> None:
    old, young = tmp_path / ".vectors-a.npz.x", tmp_path / ".vectors-b.npz.y"
    old.touch()
    young.touch()
    os.utime(old, (0, 0))
    save(index, tmp_path, fingerprint="e5", sequence=1)
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_failed_save_leaves_the_last_one(
    index: FlatIndex,
    manifest: Manifest,
    tmp_path: Path,
    call: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The n-th call of the system fails, for every n until none is left to fail."""
    index.remove([100])
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
                newer = save(index, tmp_path, fingerprint="e5", sequence=42)
                break
            except SnapshotError:
                failures += 1
        assert load(tmp_path, manifest).size == 30
        assert not list(tmp_path.glob(".*"))
    assert failures >= 1
    assert load(tmp_path, newer).size == 29
