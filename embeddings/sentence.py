"""Any sentence-transformers model, imported and loaded on first use."""

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from embeddings.encoder import Role, Vectors, fingerprint_of
from embeddings.text import NORMALISER

_LIBRARY: Final = "sentence_transformers"
_BATCH: Final = 16


class SentenceEncoder:
    """A model of the sentence-transformers library, by its hub name or its directory.

    Nothing is fetched unless `allow_download` says so; what is fetched stays under `data_dir`.
    The model's own prompts for queries and documents are used where it has them. Its
    fingerprint needs the model's files, so it too may raise ModelNotFoundError.
    """

    def __init__(
        self,
        name_or_path: str | Path,
        *,
        data_dir: Path,
        threads: int = 0,
        allow_download: bool = False,
    ) -> None:
        """Name the model; nothing is read yet. `threads` is for torch, 0 its own choice."""
        self.name = f"st:{name_or_path}"
        self._model_name = str(name_or_path)
        self._cache = data_dir / "models" / "hub"
        self._threads = threads
        self._allow_download = allow_download
        self._lock = threading.Lock()
        self._loaded: Any = None

    @cached_property
    def dim(self) -> int:
        """Length of every vector, as the model states it."""
        return int(self._model().get_sentence_embedding_dimension())

    @cached_property
    def fingerprint(self) -> str:
        """Short hex name of the space."""
        return fingerprint_of(model=self._model_name, revision="", normaliser=NORMALISER)

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """Return one unit row per text, in order; see Encoder."""
        raise NotImplementedError

    def _model(self) -> Any:
        raise NotImplementedError
