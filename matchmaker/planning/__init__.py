"""Plans of rounds by OR-Tools: the best set of meetings, then their slots. Knows values only."""

from matchmaker.planning.apart import plan_apart
from matchmaker.planning.plan import Limits, Placed, Plan, make_plan

__all__ = ["Limits", "Placed", "Plan", "make_plan", "plan_apart"]
