"""Writing files so that a crash leaves the old or the new, never half."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the file's SHA-256 in hex; OSError when it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_through(path: Path, content: bytes) -> None:
    """Write a new file and return once it is on the disk; OSError otherwise."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        write_all(descriptor, memoryview(content))
    finally:
        os.close(descriptor)


def write_all(descriptor: int, content: memoryview) -> None:
    """Write everything to an open file and return once it is on the disk."""
    while content:
        content = content[os.write(descriptor, content) :]
    os.fsync(descriptor)


def write_whole(target: Path, content: bytes | memoryview, *, mode: int = 0o600) -> None:
    """Write a file aside and put it in place durably; what stood there stays until then.

    Raises OSError; then nothing is left behind. Two writers at once do not meet. `mode` says who
    may read it.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    scratch = Path(name)
    try:
        try:
            os.fchmod(descriptor, mode)
            write_all(descriptor, memoryview(content))
        finally:
            os.close(descriptor)
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
    sync_directory(target.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def aside(target: Path) -> Iterator[Path]:
    """Give an empty directory beside `target` of a name nobody else has; removed in the end.

    Whatever the caller wants to keep it renames away.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
