"""Which step leads where. A step that is not in the table is refused, whoever asks."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from matchmaker.domain.errors import WrongStateError
from matchmaker.domain.vocabulary import MatchState, Placing, RecordStatus, Ruling, Stage

S = RecordStatus
M = MatchState


class Step(StrEnum):
    """What can be done to a need or a solution."""

    SUBMIT = "submit"
    REVISE = "revise"
    REVIEW = "review"
    PUBLISH = "publish"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    PAUSE = "pause"
    RESUME = "resume"
    ENGAGE = "engage"
    RESOLVE = "resolve"
    MARK_UNMET = "mark_unmet"
    EXPIRE = "expire"


_SHARED: dict[tuple[RecordStatus, Step], RecordStatus] = {
    (S.DRAFT, Step.REVISE): S.DRAFT,
    (S.DRAFT, Step.SUBMIT): S.SUBMITTED,
    (S.DRAFT, Step.WITHDRAW): S.WITHDRAWN,
    (S.SUBMITTED, Step.REVISE): S.SUBMITTED,
    (S.SUBMITTED, Step.REVIEW): S.UNDER_REVIEW,
    (S.SUBMITTED, Step.PUBLISH): S.PUBLISHED,
    (S.SUBMITTED, Step.REQUEST_CHANGES): S.CHANGES_REQUESTED,
    (S.SUBMITTED, Step.REJECT): S.REJECTED,
    (S.SUBMITTED, Step.WITHDRAW): S.WITHDRAWN,
    (S.UNDER_REVIEW, Step.PUBLISH): S.PUBLISHED,
    (S.UNDER_REVIEW, Step.REQUEST_CHANGES): S.CHANGES_REQUESTED,
    (S.UNDER_REVIEW, Step.REJECT): S.REJECTED,
    (S.UNDER_REVIEW, Step.WITHDRAW): S.WITHDRAWN,
    (S.CHANGES_REQUESTED, Step.REVISE): S.CHANGES_REQUESTED,
    (S.CHANGES_REQUESTED, Step.SUBMIT): S.SUBMITTED,
    (S.CHANGES_REQUESTED, Step.WITHDRAW): S.WITHDRAWN,
    # A published text was read by a curator; a new text has to be read again.
    (S.PUBLISHED, Step.REVISE): S.SUBMITTED,
    (S.PUBLISHED, Step.WITHDRAW): S.WITHDRAWN,
    (S.PUBLISHED, Step.EXPIRE): S.EXPIRED,
    (S.EXPIRED, Step.REVISE): S.SUBMITTED,
    (S.WITHDRAWN, Step.REVISE): S.DRAFT,
}

NEED: Mapping[tuple[RecordStatus, Step], RecordStatus] = _SHARED | {
    (S.PUBLISHED, Step.ENGAGE): S.IN_ENGAGEMENT,
    (S.IN_ENGAGEMENT, Step.ENGAGE): S.IN_ENGAGEMENT,
    (S.IN_ENGAGEMENT, Step.RESOLVE): S.RESOLVED,
    (S.IN_ENGAGEMENT, Step.MARK_UNMET): S.UNMET,
    (S.IN_ENGAGEMENT, Step.WITHDRAW): S.WITHDRAWN,
    (S.PUBLISHED, Step.RESOLVE): S.RESOLVED,
    (S.PUBLISHED, Step.MARK_UNMET): S.UNMET,
}

SOLUTION: Mapping[tuple[RecordStatus, Step], RecordStatus] = _SHARED | {
    (S.PUBLISHED, Step.PAUSE): S.PAUSED,
    (S.PAUSED, Step.RESUME): S.PUBLISHED,
    (S.PAUSED, Step.REVISE): S.SUBMITTED,
    (S.PAUSED, Step.WITHDRAW): S.WITHDRAWN,
    (S.PUBLISHED, Step.ENGAGE): S.PUBLISHED,
}

MATCH: Mapping[tuple[MatchState, Ruling], MatchState] = {
    (M.SUGGESTED, Ruling.SHORTLIST): M.SHORTLISTED,
    (M.SUGGESTED, Ruling.DISMISS): M.DISMISSED,
    (M.SUGGESTED, Ruling.PROPOSE): M.PROPOSED,
    (M.SHORTLISTED, Ruling.PROPOSE): M.PROPOSED,
    (M.SHORTLISTED, Ruling.DISMISS): M.DISMISSED,
    (M.SHORTLISTED, Ruling.RESTORE): M.SUGGESTED,
    (M.DISMISSED, Ruling.RESTORE): M.SUGGESTED,
    (M.DISMISSED, Ruling.SHORTLIST): M.SHORTLISTED,
    (M.PROPOSED, Ruling.ACCEPT): M.PROPOSED,
    (M.PROPOSED, Ruling.DECLINE): M.DECLINED,
    (M.LAPSED, Ruling.PROPOSE): M.PROPOSED,
    (M.DECLINED, Ruling.RESTORE): M.SHORTLISTED,
}

#: Pinning and hiding leave the state alone: they say where in the list a match stands.
PLACING: Mapping[tuple[Placing, Ruling], Placing] = {
    (Placing.RANKED, Ruling.PIN): Placing.PINNED,
    (Placing.RANKED, Ruling.HIDE): Placing.HIDDEN,
    (Placing.PINNED, Ruling.UNPIN): Placing.RANKED,
    (Placing.PINNED, Ruling.HIDE): Placing.HIDDEN,
    (Placing.HIDDEN, Ruling.UNHIDE): Placing.RANKED,
}
#: States in which nobody but the staff has decided yet: only then is there a list to stand in.
_IN_LIST = {M.SUGGESTED, M.SHORTLISTED}
_BRINGS_BACK = {Ruling.UNPIN, Ruling.UNHIDE}
#: What cannot be said of a match that is hidden: it has to be shown again first.
_NOT_WHILE_HIDDEN = {Ruling.SHORTLIST, Ruling.PROPOSE}

_ENDED = {Stage.AGREEMENT, Stage.NO_AGREEMENT, Stage.TRANSFERRED, Stage.CLOSED}

#: The order in which an engagement usually moves; any open stage may stall, and come back.
STAGES: Mapping[Stage, frozenset[Stage]] = {
    Stage.OPENED: frozenset({Stage.IN_CONTACT, Stage.STALLED, Stage.NO_AGREEMENT}),
    Stage.IN_CONTACT: frozenset(
        {Stage.EXPLORING, Stage.PROTECTING, Stage.NEGOTIATING, Stage.STALLED, Stage.NO_AGREEMENT}
    ),
    Stage.EXPLORING: frozenset(
        {Stage.PROTECTING, Stage.NEGOTIATING, Stage.STALLED, Stage.NO_AGREEMENT}
    ),
    Stage.PROTECTING: frozenset(
        {Stage.EXPLORING, Stage.NEGOTIATING, Stage.STALLED, Stage.NO_AGREEMENT}
    ),
    Stage.NEGOTIATING: frozenset(
        {Stage.AGREEMENT, Stage.TRANSFERRED, Stage.STALLED, Stage.NO_AGREEMENT}
    ),
    Stage.STALLED: frozenset(
        {Stage.IN_CONTACT, Stage.EXPLORING, Stage.NEGOTIATING, Stage.NO_AGREEMENT}
    ),
    Stage.AGREEMENT: frozenset({Stage.TRANSFERRED, Stage.CLOSED}),
    Stage.NO_AGREEMENT: frozenset({Stage.CLOSED}),
    Stage.TRANSFERRED: frozenset({Stage.CLOSED}),
    Stage.CLOSED: frozenset(),
}

State = TypeVar("State", RecordStatus, MatchState, Placing)
Move = TypeVar("Move", Step, Ruling)


def after(table: Mapping[tuple[State, Move], State], thing: str, state: State, step: Move) -> State:
    """The state that `step` leads to; raises WrongStateError when it leads nowhere."""
    try:
        return table[state, step]
    except KeyError:
        raise WrongStateError(thing, state, step) from None


def allows(table: Mapping[tuple[State, Move], State], state: State, step: Move) -> bool:
    """Whether `step` may be taken from `state`; what a page asks before it shows a button."""
    return (state, step) in table


def allows_ruling(state: MatchState, placing: Placing, ruling: Ruling) -> bool:
    """Whether a ruling may be given on a match that is in this state and stands so in its list."""
    if any(move is ruling for _, move in PLACING):
        in_list = state in _IN_LIST or ruling in _BRINGS_BACK
        return in_list and (placing, ruling) in PLACING
    if placing is Placing.HIDDEN and ruling in _NOT_WHILE_HIDDEN:
        return False
    return (state, ruling) in MATCH


def stage_after(stage: Stage, target: Stage) -> Stage:
    """The engagement's next stage; raises WrongStateError when the move is not foreseen."""
    if target is stage or target in STAGES[stage]:
        return target
    raise WrongStateError("engagement", stage, target)


def is_open(stage: Stage) -> bool:
    """An open engagement needs a next step and a due date."""
    return stage not in _ENDED
