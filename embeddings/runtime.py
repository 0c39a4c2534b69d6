"""Runs a compiled model: tokens in, vectors out. Imported on first use, being slow to import."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from embeddings.encoder import Vectors
from embeddings.errors import ModelStoreError
from embeddings.model_store import INPUTS, MODEL, OUTPUT, TOKENIZER

#: Tokens of one batch, padding included: bounds memory, while longer runs are no faster.
MAX_BATCH_TOKENS: Final = 2_048
#: A batch may pad its shortest text by a quarter and eight tokens, no more.
_PADDING: Final = (1.25, 8)


class Runtime:
    """One model held in memory. Threads may share it; forked children may not."""

    def __init__(self, directory: Path, threads: int) -> None:
        """Open the model; `threads` 0 means one for each core this process may use."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or available_cores()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Waiting threads sleep: spinning would take the cores from the other workers.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                str(directory / MODEL), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(directory / TOKENIZER))
        except Exception as error:  # both libraries raise bare or private kinds
            raise ModelStoreError(directory, f"cannot be opened: {error}") from error

    @property
    def dim(self) -> int:
        return int(self._session.get_outputs()[0].shape[-1])

    def run(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row per text, in order."""
        # One at a time: the tokenizer's own thread pool does not survive a fork.
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        vectors = np.empty((len(texts), self.dim), np.float32)
        for batch in batches([len(ids) for ids in tokens]):
            vectors[batch] = self._run_batch([tokens[i] for i in batch])
        return vectors

    def _run_batch(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, found in enumerate(tokens):
            ids[row, : len(found)] = found
            mask[row, : len(found)] = 1
        (vectors,) = self._session.run([OUTPUT], dict(zip(INPUTS, (ids, mask), strict=True)))
        return np.asarray(vectors, np.float32)


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Group positions by length, shortest first, so that little is padded and nothing is huge."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    factor, extra = _PADDING
    batch: list[int] = []
    for position in order:
        length = lengths[position]
        if batch and (
            length > factor * lengths[batch[0]] + extra
            or length * (len(batch) + 1) > MAX_BATCH_TOKENS
        ):
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def available_cores() -> int:
    """Return how many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
