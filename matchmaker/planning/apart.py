"""A plan made in a process of its own.

The solver is a large native library that would hold 180 MB for good. Apart, the memory goes back
with the process, and a fault of it costs one plan instead of the site.
"""

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from matchmaker.domain.rounds.batch import Batch
from matchmaker.planning.plan import Plan, make_plan
from matchmaker.planning.solver import Limits

#: A fault met once by chance is not met again; one that comes back is told.
ATTEMPTS = 2


def plan_apart(batch: Batch, limits: Limits | None = None) -> Plan:
    """`make_plan` in a fresh process; the same plan, a second or two later.

    Raises BrokenProcessPool when the process died each time.
    """
    for attempt in range(1, ATTEMPTS + 1):
        # A child by fork would inherit the threads' locks, the model's among them.
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
            try:
                return pool.submit(make_plan, batch, limits).result()
            except BrokenProcessPool:
                if attempt == ATTEMPTS:
                    raise
    raise AssertionError("unreachable")
