"""Ranking people by the texts that speak for them."""

import pytest

from matchmaker.domain.grouping import newly_shared
from matchmaker.domain.ranking.experts import BEST, Fit, Item, rank, worth_naming
from matchmaker.domain.vocabulary import RecordKind

S, E = RecordKind.SOLUTION, RecordKind.EXPERT


def items(*scores: tuple[float, float]) -> list[Item]:
    return [Item(S, at, dense, words) for at, (dense, words) in enumerate(scores)]


def test_only_the_best_three_items_count():
    few = items((0.9, 0.5), (0.9, 0.5), (0.9, 0.5))
    many = items((0.9, 0.5), (0.9, 0.5), (0.9, 0.5), (0.1, 0.0), (0.1, 0.0))

    first, second, _ = rank({1: few, 2: many, 3: items((0.5, 0.1))})

    assert first.score == second.score
    assert len(second.items) == BEST


def test_meaning_and_words_count_alike_whatever_their_size():
    by_meaning, by_words = items((0.90, 0.0)), items((0.80, 0.9))

    found = {fit.id: fit.score for fit in rank({1: by_meaning, 2: by_words})}

    assert found[1] == pytest.approx(found[2])


def test_one_clearly_better_expert_comes_first_and_alone():
    experts = {i: items((0.80 + i / 1000, 0.1)) for i in range(10)} | {99: items((0.95, 0.8))}

    found = rank(experts)

    assert [fit.id for fit in worth_naming(found, 3)] == [99]


def test_nobody_is_named_where_all_are_alike():
    assert worth_naming(rank({i: items((0.8, 0.1)) for i in range(5)}), 3) == []
    assert worth_naming([], 3) == []
    assert rank({1: []}) == []


def test_proofs_are_the_strongest_items_and_those_nearly_as_strong():
    [fit] = rank({1: [Item(S, 7, 0.92, 0.5), Item(E, 1, 0.90, 0.5), Item(S, 8, 0.80, 0.0)]})

    assert isinstance(fit, Fit)
    assert [(i.kind, i.id) for i in fit.items] == [(S, 7), (E, 1)]


def test_an_owner_alone_with_his_own_needs_shares_with_nobody():
    assert newly_shared({}, {1: 10, 2: 10}) == set()


def test_all_are_told_once_a_second_owner_comes_and_not_again():
    assert newly_shared({1: 10, 2: 10}, {1: 10, 2: 10, 3: 20}) == {1, 2, 3}
    assert newly_shared({1: 10, 3: 20}, {1: 10, 3: 20, 4: 20}) == {4}
