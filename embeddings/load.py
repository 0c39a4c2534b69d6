"""From a setting to an encoder."""

from pathlib import Path
from typing import Final

from embeddings.bundled import BundledEncoder
from embeddings.encoder import Encoder
from embeddings.errors import UnknownModelError
from embeddings.hashing import HashingEncoder
from embeddings.sentence import SentenceEncoder

_SENTENCE: Final = "st:"


def load_encoder(
    setting: str, *, data_dir: Path, threads: int = 0, allow_download: bool = False
) -> Encoder:
    """Return the encoder a setting names; its model is read on first use.

    "bundled" is the model of the wheel, "st:NAME-OR-PATH" any sentence-transformers model,
    "hashing" the one for tests. Compiled and downloaded models are kept under `data_dir`.
    Raises UnknownModelError for anything else.
    """
    if setting == "bundled":
        return BundledEncoder(data_dir, threads=threads)
    if setting == "hashing":
        return HashingEncoder()
    name = setting.removeprefix(_SENTENCE).strip()
    if setting.startswith(_SENTENCE) and name:
        return SentenceEncoder(
            name, data_dir=data_dir, threads=threads, allow_download=allow_download
        )
    raise UnknownModelError(setting)
