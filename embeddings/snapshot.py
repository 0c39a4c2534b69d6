"""An index on disk: written aside, named by its hash, believed only when it matches its manifest.

The caller keeps the manifest where the truth is kept, in its database, and writes it after the
file. A crash in between leaves the file before it and its manifest as they were.
"""

import contextlib
import hashlib
import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from embeddings.encoder import Vectors
from embeddings.errors import SnapshotError, VectorError
from embeddings.files import write_whole
from embeddings.flat import FlatIndex
from embeddings.index import Ids, VectorIndex

#: Files kept: the newest, and the one before it, which the database may still name.
KEPT: Final = 2

#: A file aside for this long, in seconds, belongs to no living writer.
_ABANDONED: Final = 3_600.0

_PREFIX: Final = "vectors-"
_SUFFIX: Final = ".npz"


@dataclass(frozen=True)
class Manifest:
    """What a snapshot must be, to be believed."""

    sha256: str
    dim: int
    size: int
    fingerprint: str
    #: The owner's change number up to which the index had followed it.
    sequence: int


def save(index: VectorIndex, directory: Path, *, fingerprint: str, sequence: int) -> Manifest:
    """Write the index into the directory, durably, and return the manifest to keep.

    Raises SnapshotError when it cannot be written; then the snapshots before it are untouched.
    """
    ids = index.ids()
    facts = json.dumps({"fingerprint": fingerprint, "sequence": sequence, "dim": index.dim})
    content = io.BytesIO()
    np.savez(
        content,
        facts=np.frombuffer(facts.encode(), np.uint8),
        ids=ids.astype("<i8"),
        vectors=index.vectors(ids).astype("<f4"),
    )
    sha256 = hashlib.sha256(content.getbuffer()).hexdigest()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        target = path_of(directory, sha256)
        write_whole(target, content.getbuffer())
        _prune(directory, target)
    except OSError as error:
        raise SnapshotError(directory, f"cannot be written: {error}") from error
    return Manifest(sha256, index.dim, len(ids), fingerprint, sequence)


def load(
    directory: Path, expected: Manifest, *, into: Callable[[int], VectorIndex] = FlatIndex
) -> VectorIndex:
    """Return the index the manifest describes, built by `into` from its dimension.

    Raises SnapshotError when the file is missing or differs in anything; the caller rebuilds.
    """
    path = path_of(directory, expected.sha256)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SnapshotError(path, f"cannot be read: {error}") from error
    # What is parsed is what was hashed: a damaged archive never reaches the parser.
    if hashlib.sha256(content).hexdigest() != expected.sha256:
        raise SnapshotError(path, "damaged: its hash is not the one recorded")
    found, ids, vectors = _parse(path, content)
    if Manifest(expected.sha256, *found) != expected:
        raise SnapshotError(path, f"foreign: holds {found}, expected {expected}")
    index = into(expected.dim)
    try:
        index.upsert(ids, vectors)
    except VectorError as error:
        raise SnapshotError(path, f"damaged: {error}") from error
    return index


def path_of(directory: Path, sha256: str) -> Path:
    """Return where a snapshot of this hash lies."""
    return directory / f"{_PREFIX}{sha256[:16]}{_SUFFIX}"


def _parse(path: Path, content: bytes) -> tuple[tuple[int, int, str, int], Ids, Vectors]:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            facts = json.loads(archive["facts"].tobytes())
            ids, vectors = archive["ids"], archive["vectors"]
        found = (facts["dim"], len(ids), facts["fingerprint"], facts["sequence"])
    except Exception as error:  # zip, numpy and json each raise kinds of their own
        raise SnapshotError(path, f"foreign: not a snapshot: {error}") from error
    return found, ids, vectors


def _prune(directory: Path, newest: Path) -> None:
    """Drop all but the newest files, and what killed processes left aside."""
    written = _written(directory, f"{_PREFIX}*{_SUFFIX}")
    written.pop(newest, None)
    aside = _written(directory, f".{_PREFIX}*")
    stale = sorted(written, key=written.__getitem__, reverse=True)[KEPT - 1 :]
    stale += [path for path, when in aside.items() if when < time.time() - _ABANDONED]
    for path in stale:
        path.unlink(missing_ok=True)


def _written(directory: Path, pattern: str) -> dict[Path, float]:
    """Return when each matching file was written, in seconds of the clock."""
    ages: dict[Path, float] = {}
    for path in directory.glob(pattern):
        with contextlib.suppress(FileNotFoundError):  # another process may be pruning too
            ages[path] = path.stat().st_mtime
    return ages
