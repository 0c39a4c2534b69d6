"""Plans are the best there are, keep every rule, and say what stands in the way."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings

from matchmaker.domain.rounds.batch import Batch, Pin
from matchmaker.domain.rounds.greedy import greedy, plain
from matchmaker.domain.rounds.reasons import Reason
from matchmaker.domain.rounds.timetable import place
from matchmaker.domain.vocabulary import PlanStatus, RoundRule
from matchmaker.planning import Plan, make_plan
from tests.planning.batches import (
    ALL,
    SLOTS,
    batch,
    batches,
    best_by_trying,
    keeps_rules,
    own_pairs_out,
)


def clashes(found: Batch, plan: Plan) -> list[str]:
    """Everything wrong with a timetable."""
    wrong = []
    tables = Counter((m.slot, m.table) for m in plan.meetings)
    people = Counter(
        (side, m.slot) for m in plan.meetings for side in found.sides((m.need, m.solution))
    )
    wrong += [f"table {key}" for key, n in tables.items() if n > 1]
    wrong += [f"organisation {key}" for key, n in people.items() if n > 1]
    wrong += [f"no such table {m.table}" for m in plan.meetings if not 1 <= m.table <= found.tables]
    wrong += [
        f"away {side}"
        for m in plan.meetings
        for side in found.sides((m.need, m.solution))
        if m.slot not in found.party[side].present
    ]
    return wrong


@settings(max_examples=50, deadline=None)
@given(batches())
def test_plan_is_the_best_of_all_choices_or_there_is_none(found: Batch) -> None:
    assume(own_pairs_out(found))
    best = best_by_trying(found)

    plan = make_plan(found)

    if best is None:
        assert plan.status is PlanStatus.INFEASIBLE
        assert plan.meetings == ()
        assert plan.short
    else:
        assert plan.status is PlanStatus.OPTIMAL
        assert plan.total == pytest.approx(best)
        assert plan.bound == pytest.approx(best)
        keys = tuple((m.need, m.solution) for m in plan.meetings)
        assert keeps_rules(found, keys)
        assert clashes(found, plan) == []


@settings(max_examples=10, deadline=None)
@given(batches())
def test_same_batch_gives_the_same_plan(found: Batch) -> None:
    assume(own_pairs_out(found))
    first, second = make_plan(found), make_plan(replace(found))

    assert replace(first, seconds=0) == replace(second, seconds=0)
    assert found.digest() == replace(found).digest()


@settings(max_examples=30, deadline=None)
@given(batches())
def test_choosing_one_by_one_breaks_no_limit(found: Batch) -> None:
    assume(own_pairs_out(found) and not found.pins)
    lenient = replace(
        found,
        asks=tuple(replace(a, least=0) for a in found.asks),
        offers=tuple(replace(o, least=0) for o in found.offers),
    )

    assert keeps_rules(lenient, tuple(greedy(found)))
    assert keeps_rules(lenient, tuple(plain(found)))


def test_the_best_set_is_more_than_the_best_pairs() -> None:
    """The best pair would take the one place that the second need can use."""
    found = batch({(0, 0): 0.9, (0, 1): 0.8, (1, 0): 0.7}, most=1, solution_most=1)

    plan = make_plan(found)

    assert {(m.need, m.solution) for m in plan.meetings} == {(0, 1), (1, 0)}
    assert plan.total == pytest.approx(1.5)
    assert found.total(plain(found)) == pytest.approx(0.9)


def test_a_minimum_names_the_need_and_the_floor() -> None:
    found = batch({(0, 0): 0.9, (1, 0): 0.8, (1, 1): 0.5}, least=2)

    plan = make_plan(found)

    assert plan.status is PlanStatus.INFEASIBLE
    [short] = plan.short
    assert (short.rule, short.code, short.wanted, short.has) == (
        RoundRule.NEED_LEAST, "NC-0", 2, 1,
    )  # fmt: skip
    assert short.reasons == (Reason(RoundRule.FLOOR),)


def test_a_minimum_names_the_provider_whose_capacity_is_used_up() -> None:
    found = batch({(0, 0): 0.9, (1, 1): 0.8}, least=1, capacity=1, owners={0: 100, 1: 100})

    [short] = make_plan(found).short

    assert short.reasons == (Reason(RoundRule.CAPACITY, ("TC-100",), 1),)


def test_minimums_lifted_as_told_can_be_kept() -> None:
    found = batch({(n, 0): 0.5 + n / 10 for n in range(4)}, least=1, solution_most=2)
    short = {one.code for one in make_plan(found).short}
    assert len(short) == 2

    lifted = tuple(replace(a, least=0) if a.code in short else a for a in found.asks)

    assert make_plan(replace(found, asks=lifted)).status is PlanStatus.OPTIMAL


def test_too_few_places_are_the_reason_where_they_are() -> None:
    found = batch({(n, n): 0.5 for n in range(5)}, least=1, tables=1)

    plan = make_plan(found)

    assert {short.reasons for short in plan.short} == {(Reason(RoundRule.PLACES, (), 4),)}


def test_pinned_meetings_keep_their_time_and_table_and_outweigh_limits() -> None:
    pin = Pin(0, 0, slot=3, table=2)
    found = batch({(0, 0): 0.2, (0, 1): 0.9, (1, 0): 0.9}, most=1, capacity=0, pins=(pin,))

    plan = make_plan(found)

    assert [(m.need, m.solution, m.slot, m.table) for m in plan.meetings] == [(0, 0, 3, 2)]


def test_pins_that_leave_no_time_are_told() -> None:
    pins = tuple(Pin(n, 0, slot=1, table=n + 1) for n in range(2))
    found = batch({(0, 0): 0.5, (1, 0): 0.5}, pins=pins)

    plan = make_plan(found)

    assert plan.status is PlanStatus.INFEASIBLE
    assert [s.rule for s in plan.short] == [RoundRule.CLASH]
    assert plan.short[0].reasons[0].codes == ("GP-0",)


def test_newcomer_meets_although_others_fit_better() -> None:
    pairs = {(0, 0): 0.9, (0, 1): 0.3}

    with_floor = make_plan(batch(pairs, most=1, newcomers=frozenset({1})))
    without = make_plan(batch(pairs, most=1))

    assert [m.solution for m in with_floor.meetings] == [1]
    assert [m.solution for m in without.meetings] == [0]


def test_full_house_is_placed_without_a_solver() -> None:
    """Everybody meets everybody in four slots: only one kind of timetable does it."""
    found = batch(
        {(n, s): 0.5 for n in range(4) for s in range(4)}, most=4, solution_most=4, tables=4
    )

    assert len(place(found, found.pair)) == 16
    plan = make_plan(found)
    assert len(plan.meetings) == 16
    assert clashes(found, plan) == []
    assert plan.waits == 0


def test_people_who_are_away_are_met_when_they_are_there() -> None:
    found = batch(
        {(0, 0): 0.9, (1, 0): 0.9, (2, 0): 0.4}, solution_most=3,
        away={100: ALL - {0, 1}, 0: frozenset({0})},
    )  # fmt: skip

    plan = make_plan(found)

    assert {m.need: m.slot for m in plan.meetings} == {0: 1, 1: 0}
    assert plan.unserved == {2: (Reason(RoundRule.PRESENCE, ("TC-100",), 1),)}


def test_meetings_of_one_side_follow_one_another_at_one_table() -> None:
    found = batch({(n, 0): 0.5 for n in range(2)} | {(n, 1): 0.5 for n in range(2, 4)})

    plan = make_plan(found)

    homes = {s: {m.table for m in plan.meetings if m.solution == s} for s in (0, 1)}
    assert sorted(map(len, homes.values())) == [1, 1]
    assert (plan.waits, plan.waits_proven) == (0, True)
    assert len(SLOTS) == 4
