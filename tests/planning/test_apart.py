"""A plan is the same when made apart, and a solver that dies costs no more than a second try."""

import os
import signal
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import pytest

from matchmaker.domain.rounds.batch import Batch
from matchmaker.planning import Limits, Plan, apart, make_plan, plan_apart
from tests.planning.batches import batch


def dies_once(found: Batch, limits: Limits | None) -> Plan:
    marker = Path(os.environ["TEST_DIED"])
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGSEGV)
    return make_plan(found, limits)


def dies(found: Batch, limits: Limits | None) -> Plan:
    del found, limits
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_apart_gives_the_same_plan_after_a_crash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TEST_DIED", str(tmp_path / "died"))
    monkeypatch.setattr(apart, "make_plan", dies_once)
    found = batch({(1, 1): 0.9, (1, 2): 0.4, (2, 2): 0.7})

    plan = plan_apart(found)

    assert (tmp_path / "died").exists()
    assert plan.meetings
    assert replace(plan, seconds=0.0) == replace(make_plan(found), seconds=0.0)


def test_apart_tells_of_a_solver_that_always_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "make_plan", dies)

    with pytest.raises(BrokenProcessPool):
        plan_apart(batch({(1, 1): 0.9}))
