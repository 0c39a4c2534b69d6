"""What judgements teach, and that what is tested on was never learned from."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.domain.labels import MISFIT, Label, Verdict, fold_of, split, verdict
from matchmaker.domain.vocabulary import Reason, Ruling, Side, Stage

quick = settings(max_examples=40, deadline=None)


@dataclass(frozen=True)
class Said:
    side: Side
    ruling: Ruling
    reason: Reason | None = None


def staff(ruling: Ruling, reason: Reason | None = None) -> Said:
    return Said(Side.STAFF, ruling, reason)


YES_NEED = Said(Side.NEED, Ruling.ACCEPT)
YES_SOLUTION = Said(Side.SOLUTION, Ruling.ACCEPT)
PROPOSED = staff(Ruling.PROPOSE)


def test_every_reason_is_either_of_the_fit_or_not():
    assert set(MISFIT) == set(Reason)
    assert all(0 <= weight <= 1 for weight in MISFIT.values())


@pytest.mark.parametrize(
    "reason",
    [
        Reason.PRICE, Reason.TIMING, Reason.CAPACITY, Reason.ALREADY_SOLVED, Reason.TERMS,
        Reason.CONFLICT_OF_INTEREST, Reason.OTHER, Reason.ROUTE_UNCLEAR,
    ],
)  # fmt: skip
def test_a_no_over_other_things_than_the_fit_teaches_nothing(reason):
    assert verdict([staff(Ruling.DISMISS, reason)]) is None
    kept = verdict([PROPOSED, Said(Side.NEED, Ruling.DECLINE, reason)])
    assert kept is not None
    assert (kept.fits, kept.basis) == (True, "propose")


@pytest.mark.parametrize("reason", [Reason.MISSES_MUST_HAVE, Reason.NOT_OUR_FIELD])
def test_an_owners_no_over_the_fit_outweighs_the_curator(reason):
    found = verdict([PROPOSED, YES_SOLUTION, Said(Side.NEED, Ruling.DECLINE, reason)])
    assert found == Verdict(False, 1.0, str(reason))


def test_the_further_a_match_went_the_more_it_counts():
    steps = [
        verdict([staff(Ruling.SHORTLIST)]),
        verdict([staff(Ruling.SHORTLIST), PROPOSED]),
        verdict([PROPOSED, YES_NEED]),
        verdict([PROPOSED, YES_NEED, YES_SOLUTION]),
        verdict([PROPOSED, YES_NEED, YES_SOLUTION], Stage.AGREEMENT),
    ]
    assert all(step is not None and step.fits for step in steps)
    weights = [step.weight for step in steps if step]
    assert weights == sorted(set(weights))


def test_what_was_taken_back_was_never_said():
    dismissed = staff(Ruling.DISMISS, Reason.NOT_OUR_FIELD)
    assert verdict([dismissed, staff(Ruling.RESTORE)]) is None
    again = verdict([dismissed, staff(Ruling.RESTORE), staff(Ruling.SHORTLIST)])
    assert again is not None
    assert again.fits


def test_a_case_that_ended_without_agreement_still_fitted():
    found = verdict([PROPOSED, YES_NEED, YES_SOLUTION], Stage.NO_AGREEMENT)
    assert found is not None
    assert found.fits


labels = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 12), st.booleans()), min_size=1, max_size=120
).map(lambda rows: [Label(n, s, Verdict(fits, 1.0, "x")) for n, s, fits in dict.fromkeys(rows)])


@quick
@given(labels, st.integers(0, 4))
def test_no_record_is_both_learned_from_and_tested_on(each, held_back):
    folds = {label.need: fold_of(str(label.need), 5) for label in each}

    train, test = split(each, folds, held_back)

    assert not {one.need for one in train} & {one.need for one in test}
    assert not {one.solution for one in train} & {one.solution for one in test}
    assert {one.need for one in test} == {n for n, fold in folds.items() if fold == held_back}


@quick
@given(labels)
def test_every_label_is_tested_on_once(each):
    folds = {label.need: fold_of(str(label.need), 5) for label in each}

    tested = [one for fold in range(5) for one in split(each, folds, fold)[1]]

    assert sorted(tested, key=repr) == sorted(each, key=repr)
