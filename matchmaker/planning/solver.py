"""OR-Tools as it is run here: one worker, a fixed seed, effort counted so that a run repeats."""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from matchmaker.domain.vocabulary import PlanStatus

SEED = 2026


@dataclass(frozen=True)
class Limits:
    """How much effort a timetable may cost.

    Effort is counted in the solver's own steps, some seconds each, and is the same on every
    machine: a run that ends by it gives the same plan again. The clock is only a safety net for
    a machine that is far too slow; a run that ends by it may differ from the next one.
    """

    #: For choosing and placing in one model, where a choice does not fit into the hours.
    effort: float = 4.0
    #: For putting meetings closer together, once all have a slot.
    polish: float = 1.0
    clock: float = 20.0


def load() -> Any:
    """CP-SAT: takes a second and 70 MB, so it is imported on first use."""
    from ortools.sat.python import cp_model  # noqa: PLC0415

    return cp_model


def load_flow() -> Any:
    """Min-cost flow, likewise."""
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415

    return min_cost_flow


def name() -> str:
    """Which solver made a plan."""
    return f"ortools {version('ortools')}"


def run(model: Any, *, effort: float, clock: float) -> tuple[Any, PlanStatus]:
    """Solve; returns the solver with its values, and how it ended."""
    cp = load()
    solver = cp.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    solver.parameters.max_deterministic_time = effort
    solver.parameters.max_time_in_seconds = clock
    ended = solver.solve(model)
    return solver, {
        cp.OPTIMAL: PlanStatus.OPTIMAL,
        cp.FEASIBLE: PlanStatus.FEASIBLE,
        cp.INFEASIBLE: PlanStatus.INFEASIBLE,
    }.get(ended, PlanStatus.UNKNOWN)
