"""The model's forward pass in plain numpy and full precision, to measure the compiled one by."""

import math
from collections.abc import Sequence

import numpy as np

from embeddings import Vectors
from embeddings.weights import Weights


def embed(weights: Weights, tokens: Sequence[int]) -> Vectors:
    """Return the unit vector of one text's tokens (Devlin et al., 2019, and a mean)."""
    shape, hidden = weights.shape, weights.shape.hidden
    words = weights.matrix("emb.word", shape.vocabulary, hidden)[list(tokens)]
    places = weights.plain("emb.pos", shape.positions * hidden).reshape(-1, hidden)
    states = words + places[: len(tokens)] + weights.plain("emb.type", hidden)
    states = _norm(weights, "emb.ln", states)
    for layer in range(shape.layers):
        states = _layer(weights, f"l{layer}", states)
    mean = states.mean(axis=0)
    return mean / np.linalg.norm(mean)


def _layer(weights: Weights, name: str, states: Vectors) -> Vectors:
    hidden, wide = weights.shape.hidden, weights.shape.feed_forward
    count, size = weights.shape.heads, hidden // weights.shape.heads
    queries, keys, values = (
        _linear(weights, f"{name}.{part}", states, hidden).reshape(-1, count, size)
        for part in "qkv"
    )
    scores = np.einsum("ihd,jhd->hij", queries, keys) / math.sqrt(size)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    mixed = np.einsum("hij,jhd->ihd", shares, values).reshape(-1, hidden)
    states = _norm(weights, f"{name}.aln", states + _linear(weights, f"{name}.ao", mixed, hidden))
    inner = _linear(weights, f"{name}.fi", states, wide)
    active = 0.5 * inner * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
    return _norm(weights, f"{name}.oln", states + _linear(weights, f"{name}.fo", active, hidden))


def _linear(weights: Weights, name: str, states: Vectors, rows: int) -> Vectors:
    matrix = weights.matrix(f"{name}.w", rows, states.shape[1])
    return states @ matrix.T + weights.plain(f"{name}.b", rows)


def _norm(weights: Weights, name: str, states: Vectors) -> Vectors:
    hidden = states.shape[1]
    centred = states - states.mean(axis=1, keepdims=True)
    spread = np.sqrt(states.var(axis=1, keepdims=True) + weights.shape.epsilon)
    gain, bias = weights.plain(f"{name}.w", hidden), weights.plain(f"{name}.b", hidden)
    return centred / spread * gain + bias
