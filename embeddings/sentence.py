"""Any sentence-transformers model, imported and loaded on first use.

Reimers and Gurevych, "Sentence-BERT", EMNLP 2019.
"""

import contextlib
import hashlib
import importlib
import importlib.util
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from embeddings.encoder import Role, Vectors, fingerprint_of
from embeddings.errors import ModelNotFoundError
from embeddings.files import sha256_of
from embeddings.text import NORMALISER, normalise_all

_LIBRARY: Final = "sentence_transformers"
_BATCH: Final = 16

#: Names models give their prompts, the likeliest first. The library's own choice of a document
#: prompt stops at an empty "document" and never sees a "passage".
_PROMPTS: Final = {
    Role.QUERY: ("query",),
    Role.DOCUMENT: ("document", "passage", "corpus"),
}


class SentenceEncoder:
    """A model of the sentence-transformers library, by its hub name or its directory.

    Nothing is fetched unless `allow_download` says so; what is fetched stays under
    `data_dir/models/hub`. The model's own prompts for queries and documents are used where it
    has them. No code that comes with a model is run.

    `dim` and `fingerprint` need the model's files, so they too may raise ModelNotFoundError.
    """

    def __init__(
        self,
        name_or_path: str | Path,
        *,
        data_dir: Path,
        threads: int = 0,
        allow_download: bool = False,
    ) -> None:
        """Name the model; nothing is read yet.

        `threads` is set for all of torch in this process, 0 leaves its own choice.
        """
        self.name = f"st:{name_or_path}"
        self._model_name = str(name_or_path)
        self._cache = data_dir / "models" / "hub"
        self._threads = threads
        self._allow_download = allow_download
        # The library's tokenizers keep settings of the call at hand: one call at a time.
        self._lock = threading.RLock()

    @cached_property
    def dim(self) -> int:
        """Length of every vector, as the model gives it."""
        return len(self._run(["a"], Role.QUERY)[0])

    @cached_property
    def fingerprint(self) -> str:
        """Short hex name of the space."""
        prompts = {role: self._prompt(role) for role in Role}
        return fingerprint_of(
            model="sentence-transformers",
            revision=self._revision(),
            prompts=prompts,
            normaliser=NORMALISER,
        )

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """Return one unit row per text, in order; see Encoder.

        Raises ModelNotFoundError when the model or the library is not on this machine.
        """
        read = normalise_all(texts)
        if not read:
            return np.empty((0, self.dim), np.float32)
        return self._run(read, role)

    def trainable(self) -> tuple[Any, dict[Role, str]]:
        """The library's own model and its prompts, for training; not to encode with afterwards."""
        return self._model, {role: self._prompt(role) for role in Role}

    def _run(self, texts: Sequence[str], role: Role) -> Vectors:
        with self._lock:
            # Beside the prompt, some models send the two roles down paths of their own.
            encode = getattr(self._model, f"encode_{role.value}")
            rows = encode(
                list(texts),
                prompt=self._prompt(role),
                batch_size=_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.asarray(rows, np.float32)

    def _prompt(self, role: Role) -> str:
        prompts = self._model.prompts
        return next((prompts[name] for name in _PROMPTS[role] if prompts.get(name)), "")

    @property
    def _model(self) -> Any:
        with self._lock:
            return self._loaded

    @cached_property
    def _loaded(self) -> Any:
        self._check_directory()
        # Read by the hub's client when it is imported, which happens below.
        if not self._allow_download:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        try:
            library = importlib.import_module(_LIBRARY)
        except ImportError as error:
            reason = f"needs torch and sentence-transformers: {error}"
            raise ModelNotFoundError(self._model_name, reason) from error
        if self._threads:
            importlib.import_module("torch").set_num_threads(self._threads)
        importlib.import_module("transformers.utils.logging").disable_progress_bar()
        try:
            with _without_false_alarm():
                model = library.SentenceTransformer(
                    self._model_name,
                    cache_folder=str(self._cache),
                    local_files_only=not self._allow_download,
                )
        except Exception as error:  # each model file has its own way to be missing or damaged
            raise ModelNotFoundError(self._model_name, f"cannot be loaded: {error}") from error
        # In half precision a text's vector would depend on the padding of its batch.
        return model.float().eval()

    def _check_directory(self) -> None:
        path = Path(self._model_name)
        if not path.is_dir() and (path.is_absolute() or self._model_name.startswith((".", "~"))):
            raise ModelNotFoundError(self._model_name, "no such directory")

    def _revision(self) -> str:
        """Return what tells this model from every other: its contents, or its commit."""
        path = Path(self._model_name)
        if path.is_dir():
            return _contents_of(path)
        hub = importlib.import_module("huggingface_hub")
        # A name without an owner is one of the library's own models.
        for name in (self._model_name, f"sentence-transformers/{self._model_name}"):
            for file in ("modules.json", "config.json"):
                found = hub.try_to_load_from_cache(name, file, cache_dir=str(self._cache))
                if isinstance(found, str):
                    return f"{name}@{Path(found).parent.name}"
        raise ModelNotFoundError(self._model_name, "its revision is not known")


def _contents_of(directory: Path) -> str:
    """Return a hash over the names and contents of a model's files, leaflets apart."""
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory)
        hidden = any(part.startswith(".") for part in name.parts)
        if path.is_file() and not hidden and path.suffix != ".md":
            digest.update(f"{name.as_posix()} {sha256_of(path)}\n".encode())
    return digest.hexdigest()


@contextlib.contextmanager
def _without_false_alarm() -> Iterator[None]:
    """Silence a warning meant for Mistral's tokenizers; what it advises would damage others."""

    def is_true(record: logging.LogRecord) -> bool:
        return "incorrect regex pattern" not in record.getMessage()

    modules = ("tokenization_utils_tokenizers", "tokenization_utils_base")
    loggers = [logging.getLogger(f"transformers.{module}") for module in modules]
    for logger in loggers:
        logger.addFilter(is_true)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(is_true)
