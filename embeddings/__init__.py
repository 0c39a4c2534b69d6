"""Texts in, neighbours out. Knows nothing of needs, people or the web."""

from embeddings.bundled import BundledEncoder
from embeddings.encoder import Encoder, Role, Vectors
from embeddings.errors import (
    EmbeddingError,
    ModelNotFoundError,
    ModelStoreError,
    UnknownIdError,
    UnknownModelError,
    VectorError,
    WeightsError,
)
from embeddings.exact import ExactIndex
from embeddings.flat import FlatIndex
from embeddings.graph import GraphIndex
from embeddings.growing import GrowingIndex
from embeddings.hashing import HashingEncoder
from embeddings.index import Hits, Ids, VectorIndex
from embeddings.load import load_encoder
from embeddings.packed import Packed
from embeddings.sentence import SentenceEncoder
from embeddings.text import MAX_CHARACTERS, NORMALISER, normalise

__all__ = [
    "MAX_CHARACTERS",
    "NORMALISER",
    "BundledEncoder",
    "EmbeddingError",
    "Encoder",
    "ExactIndex",
    "FlatIndex",
    "GraphIndex",
    "GrowingIndex",
    "HashingEncoder",
    "Hits",
    "Ids",
    "ModelNotFoundError",
    "ModelStoreError",
    "Packed",
    "Role",
    "SentenceEncoder",
    "UnknownIdError",
    "UnknownModelError",
    "VectorError",
    "VectorIndex",
    "Vectors",
    "WeightsError",
    "load_encoder",
    "normalise",
]
