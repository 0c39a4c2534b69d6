"""Many at once: threads that begin in the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def together(number: int, deed: Callable[[int], T]) -> list[T]:
    """What `number` threads return that begin in the same moment."""
    start = threading.Barrier(number)

    def begin(mine: int) -> T:
        start.wait()
        return deed(mine)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(begin, range(number)))
