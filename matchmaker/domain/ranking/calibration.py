"""INTERIM."""

from collections.abc import Sequence
from typing import Any


def probabilities(candidates: Sequence[Any], query: Any) -> list[float]:
    """One probability per candidate, in the order given (best first)."""
    return [max(0.0, min(1.0, (c.fused - 0.78) * 6)) for c in candidates]


def band(probability: float) -> str:
    return "strong" if probability >= 0.7 else "plausible" if probability >= 0.35 else "weak"
