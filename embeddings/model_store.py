"""Keeps the compiled model in the data directory: built once, verified whenever it is opened.

The model lies in `models/<revision>/` beside a manifest of hashes. It is built aside and renamed
into place, so a process finds all of it or nothing. One lock lets a single process build while
the others wait; the lock of a killed process dies with it.
"""

import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from embeddings.errors import ModelStoreError, WeightsError
from embeddings.files import aside, sha256_of, sync_directory, write_through
from embeddings.weights import read_weights, recorded_sha256

MODEL: Final = "model.onnx"
TOKENIZER: Final = "tokenizer.json"
MANIFEST: Final = "manifest.json"

#: Changes whenever the graph or the tokenizer may give another vector.
BUILDER: Final = "onnx-float-1"
#: Names of the graph's inputs, each (texts, tokens), and of its output, (texts, dim).
INPUTS: Final = ("input_ids", "attention_mask")
OUTPUT: Final = "sentence_embedding"


class ModelStore:
    """The compiled form of one weights file."""

    def __init__(self, data_dir: Path, source: Path, builder: str = BUILDER) -> None:
        """Name the store; nothing is read yet. `builder` is the version of the compiler."""
        self.data_dir = data_dir
        self.source = source
        self.builder = builder

    def ensure(self, source_sha256: str) -> Path:
        """Return the verified directory of the model, compiling it first where needed.

        Raises WeightsError when the source is damaged, ModelStoreError when the data directory
        cannot be used; then nothing half-written is left.
        """
        target = self.data_dir / "models" / revision_of(source_sha256, self.builder)
        if self._is_whole(target, source_sha256):
            return target
        try:
            with _locked(target.parent):
                if not self._is_whole(target, source_sha256):
                    self._build(target, source_sha256)
        except OSError as error:
            raise ModelStoreError(target, str(error)) from error
        return target

    def _is_whole(self, target: Path, source_sha256: str) -> bool:
        try:
            manifest = json.loads((target / MANIFEST).read_bytes())
            found = {name: sha256_of(target / name) for name in (MODEL, TOKENIZER)}
        except (OSError, ValueError):
            return False
        return bool(manifest == self._manifest(source_sha256, found))

    def _build(self, target: Path, source_sha256: str) -> None:
        contents = self._compile(source_sha256)
        # Under the lock nobody else builds: what lies aside was left by a killed process.
        for leftover in target.parent.glob(f".{target.name}.*"):
            shutil.rmtree(leftover, ignore_errors=True)
        with aside(target) as scratch:
            new = scratch / "new"
            new.mkdir()
            for name, content in contents.items():
                write_through(new / name, content)
            found = {name: sha256_of(new / name) for name in contents}
            manifest = json.dumps(self._manifest(source_sha256, found), indent=1)
            write_through(new / MANIFEST, manifest.encode())
            sync_directory(new)
            # A directory cannot replace one that holds files; what is there was found damaged.
            with contextlib.suppress(FileNotFoundError):
                target.replace(scratch / "old")
            new.replace(target)
            sync_directory(target.parent)

    def _compile(self, source_sha256: str) -> dict[str, bytes]:
        # Only the process that compiles pays for these imports.
        from embeddings.onnx_graph import build_model  # noqa: PLC0415
        from embeddings.tokenizer import build_tokenizer  # noqa: PLC0415

        recorded = recorded_sha256(self.source)
        if recorded is not None and recorded != source_sha256:
            raise WeightsError(self.source, "damaged: not the file that was installed")
        weights = read_weights(self.source)
        # In this order: the tokenizer's memory is not given back, and the graph takes the most.
        model = build_model(weights)
        return {MODEL: model, TOKENIZER: build_tokenizer(weights).to_str().encode()}

    def _manifest(self, source_sha256: str, found: dict[str, str]) -> dict[str, object]:
        return {
            "format": 1,
            "builder": self.builder,
            "source": {"file": self.source.name, "sha256": source_sha256},
            "files": found,
        }


def revision_of(source_sha256: str, builder: str) -> str:
    """Return the folder name of what `builder` makes of a source."""
    return f"{builder}-{source_sha256[:12]}"


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
