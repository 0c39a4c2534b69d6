"""Clocks and memory: what every measurement tells."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_MEBI = 1024**2


def timed(work: Callable[..., Any], *given: Any, **named: Any) -> float:
    """Seconds that one call took."""
    started = time.perf_counter()
    work(*given, **named)
    return time.perf_counter() - started


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Least, median and 99th percentile in milliseconds.

    The least is what the work costs when nothing disturbs it; on a busy machine it alone can be
    compared.
    """
    ranked = sorted(seconds)
    last = len(ranked) - 1
    at = {"min_ms": 0, "p50_ms": last // 2, "p99_ms": -(-last * 99 // 100)}
    return {name: round(ranked[place] * 1_000, 2) for name, place in at.items()}


def resident_mib() -> float | None:
    """Memory this process holds; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / _MEBI, 1)
