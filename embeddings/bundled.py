"""The default encoder: the packed weights of the wheel, compiled once, run by ONNX Runtime."""

import os
import threading
import weakref
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from embeddings.encoder import Role, Vectors, fingerprint_of
from embeddings.errors import WeightsError
from embeddings.files import sha256_of
from embeddings.model_store import BUILDER, ModelStore
from embeddings.text import NORMALISER, normalise_all
from embeddings.weights import bundled_weights

if TYPE_CHECKING:
    from embeddings.runtime import Runtime

#: e5 was trained with these; without them its neighbours are worse.
PREFIXES: Final = {Role.QUERY: "query: ", Role.DOCUMENT: "passage: "}


class BundledEncoder:
    """multilingual-e5-small in 4 bits: no torch, no download, Vietnamese and English alike.

    The first use compiles the model into `data_dir/models/`, which takes seconds; every later
    one verifies what lies there and rebuilds it when it is missing, damaged or foreign. Text
    past 512 tokens is not read.
    """

    name = "bundled"
    dim = 384

    def __init__(self, data_dir: Path, *, threads: int = 0, weights: Path | None = None) -> None:
        """Name the model; nothing is read yet.

        `threads` is the number one encode may use, 0 for every core. `weights` is another packed
        file than the wheel's.
        """
        self._data_dir = data_dir
        self._threads = threads
        self._weights = weights
        self._lock = threading.Lock()
        self._runtime: Runtime | None = None
        _encoders.add(self)

    @cached_property
    def fingerprint(self) -> str:
        """Short hex name of the space; WeightsError when the weights cannot be read."""
        return fingerprint_of(
            model="multilingual-e5-small",
            revision=self._source_sha256,
            builder=BUILDER,
            prefixes=PREFIXES,
            normaliser=NORMALISER,
        )

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """Return one unit row per text, in order; see Encoder.

        Raises WeightsError or ModelStoreError when the model cannot be compiled or opened.
        """
        prefix = PREFIXES[role]
        read = [prefix + text for text in normalise_all(texts)]
        if not read:
            return np.empty((0, self.dim), np.float32)
        return self._open().run(read)

    @cached_property
    def _source(self) -> Path:
        return self._weights or bundled_weights()

    @cached_property
    def _source_sha256(self) -> str:
        try:
            return sha256_of(self._source)
        except OSError as error:
            raise WeightsError(self._source, f"cannot be read: {error}") from error

    def _open(self) -> "Runtime":
        with self._lock:
            if self._runtime is None:
                from embeddings.runtime import Runtime  # noqa: PLC0415 - slow, so on first use

                store = ModelStore(self._data_dir, self._source)
                directory = store.ensure(self._source_sha256)
                runtime = Runtime(directory, self._threads)
                if runtime.dim != self.dim:
                    raise WeightsError(self._source, f"not a model of {self.dim} dimensions")
                self._runtime = runtime
            return self._runtime

    def _forget(self) -> None:
        _abandoned.append(self._runtime)
        self._lock = threading.Lock()
        self._runtime = None


_encoders: "weakref.WeakSet[BundledEncoder]" = weakref.WeakSet()
# Kept alive: closing a parent's session in a child would wait for threads that are not there.
_abandoned: "list[Runtime | None]" = []


def _forget_all() -> None:
    """Let a forked child open its models anew: the parent's threads did not come along."""
    for encoder in _encoders:
        encoder._forget()  # noqa: SLF001 - of this very module


os.register_at_fork(after_in_child=_forget_all)
