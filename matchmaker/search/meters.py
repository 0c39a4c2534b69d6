"""Counters of this process for machines that watch. Labels are words of ours, never a record's.

Several processes add up their counters in the folder that PROMETHEUS_MULTIPROC_DIR names: the
library reads it when it is first imported. No counter is touched before something happened, so
that a command leaves no file behind.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SHARED = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if SHARED:
    Path(SHARED).mkdir(parents=True, exist_ok=True)

from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: E402 - wants the folder
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

from embeddings import Encoder, Role, Vectors  # noqa: E402

_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_OWN = CollectorRegistry()

requests = Histogram(
    "matchmaker_request_seconds", "Requests answered, by endpoint, method and class of status.",
    ("endpoint", "method", "status"), buckets=_SECONDS, registry=_OWN,
)  # fmt: skip
searches = Histogram(
    "matchmaker_search_seconds", "Searches: words typed by people, or the ranking of a record.",
    ("kind",), buckets=_SECONDS, registry=_OWN,
)  # fmt: skip
encoded = Counter(
    "matchmaker_encoded_texts", "Texts turned into vectors.", ("role",), registry=_OWN
)
encoding = Counter(
    "matchmaker_encoding_seconds", "Seconds spent turning texts into vectors.", ("role",),
    registry=_OWN,
)  # fmt: skip


def registry() -> CollectorRegistry:
    """What to read the counters from: those of all processes, or of this one where it is alone."""
    if not SHARED:
        return _OWN
    shared = CollectorRegistry()
    MultiProcessCollector(shared, path=SHARED)  # type: ignore[no-untyped-call]
    return shared


@contextmanager
def searching(kind: str) -> Iterator[None]:
    """Count one search and its time, also where it fails."""
    with searches.labels(kind).time():
        yield


class Metered:
    """An encoder that counts what it is given; everything else is the other one's."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dim(self) -> int:
        return self._encoder.dim

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        began = time.perf_counter()
        vectors = self._encoder.encode(texts, role=role)
        if texts:
            encoded.labels(str(role)).inc(len(texts))
            encoding.labels(str(role)).inc(time.perf_counter() - began)
        return vectors
