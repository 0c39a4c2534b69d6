"""INTERIM."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

SYSTEMS = ("pipeline", "dense", "bm25", "rrf")


@dataclass(frozen=True)
class Result:
    collection: str
    system: str
    metrics: dict[str, tuple[float, float, float]]
    run: list[str]


def evaluate(directory: Path, encoder: Any, *, system: str = "pipeline", limit: int = 100, cache: Path | None = None) -> Result:
    raise NotImplementedError
