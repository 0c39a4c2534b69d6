"""One query and a batch through three engines that run the same weights.

Each engine runs in a process of its own, one after another, and they take turns: a busy moment of
the machine then meets all of them. The wheel's engine must stand apart in any case: some texts
make it abort its process, and it hangs after a fork.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from matchmaker.bench import texts

#: How many queries are timed in a turn, how many texts make the batch, and how many turns.
QUERIES, BATCH, TURNS = 20, 64, 3
ENGINES = ("onnx", "wheel", "sentence-transformers")
_LIMIT = 600
#: Figures of which less is better, and of which more is.
_LESS, _MORE = ("query_ms", "query_cpu_ms"), ("texts_per_s", "texts_per_cpu_s")


class EngineError(Exception):
    """An engine that died or cannot be run; the message says what it last told."""


@dataclass(frozen=True)
class Job:
    """What a process is to measure; `place` is its data folder."""

    engine: str
    threads: int
    place: str

    def words(self) -> list[str]:
        return [sys.executable, "-m", "matchmaker.bench.engine", self.engine, self.place]


def compare(
    place: Path, threads: Sequence[int], *, turns: int = TURNS, engines: Sequence[str] = ENGINES,
    on_step: Callable[[str], None] = lambda _: None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The best of some turns of every engine, and how many times as fast the product's is."""
    rows = []
    for count in threads:
        best: dict[str, dict[str, Any]] = {}
        for turn in range(turns):
            for engine in engines:
                on_step(f"{engine}, {count} threads, turn {turn + 1}")
                _keep_better(best, engine, _run(Job(engine, count, str(place))))
        rows += [
            {"engine": engine, "threads": count, **found, **_ratios(best, found)}
            for engine, found in best.items()
        ]
    return rows


def available() -> list[str]:
    """The engines that are installed here."""
    extra = find_spec("torch") and find_spec("sentence_transformers")
    return [e for e in ENGINES if e != "sentence-transformers" or extra]


def sample() -> tuple[list[str], list[str]]:
    """The queries and the batch, of the demonstration's own texts, the same in every engine."""
    world = texts.read()
    needs = [title for title, _ in world.asked]
    queries = [needs[i % len(needs)] + f" {i}" for i in range(QUERIES)]
    pool = [sentence for topic in world.topics for sentence in topic.sentences]
    return queries, pool[:: max(1, len(pool) // BATCH)][:BATCH]


def _run(job: Job) -> dict[str, Any]:
    """Measure in a fresh process, with its threads set before any library is loaded."""
    limits = {"OMP_NUM_THREADS": str(job.threads), "MATCHMAKER_BENCH_THREADS": str(job.threads)}
    told = subprocess.run(  # noqa: S603 - this very interpreter and module
        job.words(), env=dict(os.environ) | limits, capture_output=True, text=True, check=False,
        timeout=_LIMIT,
    )  # fmt: skip
    lines = told.stdout.strip().splitlines()
    if told.returncode or not lines:
        last = (told.stderr.strip().splitlines() or ["nothing said"])[-1]
        raise EngineError(f"{job.engine} ended with {told.returncode}: {last}")
    row: dict[str, Any] = json.loads(lines[-1])
    return row


def _keep_better(best: dict[str, dict[str, Any]], engine: str, row: dict[str, Any]) -> None:
    kept = best.setdefault(engine, row)
    for name in _LESS:
        kept[name] = min(kept[name], row[name])
    for name in _MORE:
        kept[name] = max(kept[name], row[name])


def _ratios(best: dict[str, dict[str, Any]], found: dict[str, Any]) -> dict[str, Any]:
    """How many times as fast the product's engine is, by the clock and by processor time."""
    ours = best.get("onnx")
    if ours is None:
        return {}
    told = {f"{name}_ratio": round(found[name] / ours[name], 2) for name in _LESS}
    return told | {f"{name}_ratio": round(ours[name] / found[name], 2) for name in _MORE}
