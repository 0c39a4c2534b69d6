"""What can go wrong between a text and its neighbours."""

from pathlib import Path


class EmbeddingError(Exception):
    """Any failure this package foresees; `code` is for programs, the text for logs."""

    code = "embedding"


class WeightsError(EmbeddingError):
    """The packed weights are missing, damaged, or not the model they should be."""

    code = "weights"

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"model weights {path}: {reason}")
        self.path = path
        self.reason = reason


class ModelStoreError(EmbeddingError):
    """The compiled model could not be written or opened in the data directory."""

    code = "model_store"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"compiled model {path}: {reason}")
        self.path = path
        self.reason = reason


class UnknownModelError(EmbeddingError):
    """A setting names no kind of encoder."""

    code = "unknown_model"

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"unknown embedding model {setting!r}: expected bundled, hashing or st:NAME-OR-PATH"
        )
        self.setting = setting


class ModelNotFoundError(EmbeddingError):
    """A named model is not on this machine, or the library that runs it is not."""

    code = "model_not_found"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"embedding model {name!r}: {reason}")
        self.name = name
        self.reason = reason


class VectorError(EmbeddingError):
    """Vectors an index cannot take: wrong shape, not finite, not of unit length, bad ids."""

    code = "vector"


class UnknownIdError(EmbeddingError, KeyError):
    """An id the index does not hold."""

    code = "unknown_id"

    def __init__(self, identifier: int) -> None:
        super().__init__(identifier)
        self.identifier = identifier

    def __str__(self) -> str:
        return f"no vector with id {self.identifier}"
