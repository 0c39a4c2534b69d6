"""Moving one meeting of a round whose owners were told: both sides are told of the new time."""

from datetime import datetime

from sqlalchemy.orm import Session

from matchmaker.domain.errors import InvalidError, NotAllowedError, Problem, WrongStateError
from matchmaker.domain.rounds.places import Place, open_places
from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.domain.vocabulary import MeetingState, NoticeCode, RecordKind, RoundState
from matchmaker.models import Meeting, Member, Round
from matchmaker.services import audit, clocks, round_inputs
from matchmaker.services.rounds import tell

#: A meeting that was held, or waited for in vain, stays where it was.
MOVABLE = frozenset({MeetingState.PLANNED, MeetingState.CANCELLED})


def may_move(round_: Round, met: Meeting) -> bool:
    """Whether owners were told of it, and nobody noted yet what came of it."""
    return round_.state is RoundState.PUBLISHED and met.state in MOVABLE


def places(round_: Round, met: Meeting, *, now: datetime) -> list[Place]:
    """The times to come at which both sides and a table are free, in order of time."""
    settings = RoundSettings.of(round_.settings)
    slots = [slot for slot in settings.slots(clocks.LOCAL) if slot.starts > now]
    sides = _sides(met)
    away = round_inputs.away(round_, slots)
    others = [m for m in round_.meetings if m is not met]
    standing = [m for m in others if m.state is not MeetingState.CANCELLED]
    here = {met.starts_at} if met.state is MeetingState.PLANNED else set()
    missed = {s.starts for s in slots if any(s.number in away[side] for side in sides)}
    return open_places(
        slots,
        settings.tables,
        busy=here | missed | {m.starts_at for m in standing if sides & _sides(m)},
        held={(m.starts_at, m.table_number) for m in standing},
        given_up={(m.starts_at, m.table_number) for m in others if m not in standing},
        table=met.table_number,
    )


def move(
    session: Session, round_: Round, met: Meeting, curator: Member, starts_at: datetime | None, *,
    now: datetime,
) -> None:  # fmt: skip
    """Move a meeting to a time that is free for it; a cancelled one takes place again.

    Raises NotAllowedError, WrongStateError, and InvalidError at `starts_at` for any other time.
    """
    if not curator.viewer.is_curator:
        raise NotAllowedError("keep a round")
    if not may_move(round_, met):
        raise WrongStateError(RecordKind.MEETING, met.state, "move")
    place = next((p for p in places(round_, met, now=now) if p.slot.starts == starts_at), None)
    if place is None:
        raise InvalidError([Problem("starts_at", "place_taken")])
    before, from_at = met.state, met.starts_at
    met.starts_at, met.ends_at = place.slot.starts, place.slot.ends
    met.table_number = place.table
    met.state, met.updated_at = MeetingState.PLANNED, now
    # Who moves another meeting of the round at the same moment looked at an older one.
    round_.updated_at = now
    audit.record(
        session, "meeting.move", now=now, actor_id=curator.id, kind=RecordKind.MEETING,
        public_id=met.public_id, from_state=before, to_state=met.state,
        detail={"from": from_at.isoformat(), "to": met.starts_at.isoformat()},
    )  # fmt: skip
    tell(session, round_, met, NoticeCode.MEETING_MOVED, now)


def _sides(met: Meeting) -> set[int]:
    return {met.need.organisation_id, met.solution.organisation_id}
