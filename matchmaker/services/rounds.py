"""Rounds as people keep them: setting up, fixing pairs, telling the owners, noting what came."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.errors import InvalidError, NotAllowedError, Problem, WrongStateError
from matchmaker.domain.identity import new_public_id
from matchmaker.domain.rounds.settings import NAME_MAX, VENUE_MAX, RoundSettings
from matchmaker.domain.vocabulary import (
    Fix,
    MeetingState,
    NoticeCode,
    RecordKind,
    RoundKind,
    RoundState,
)
from matchmaker.models import (
    Match,
    Meeting,
    Member,
    Organisation,
    Round,
    RoundAbsence,
    RoundFix,
)
from matchmaker.services import audit, clocks, locks, notices
from matchmaker.services.numbering import next_code
from matchmaker.services.round_plans import OPEN

OUTCOME_MAX = 1000
ABSENCES_MAX = 200


def create(
    session: Session, curator: Member, *, name: str, kind: RoundKind, venue: str,
    settings: RoundSettings, now: datetime, key: str | None = None,
) -> Round:  # fmt: skip
    """Set up a round; raises NotAllowedError or InvalidError.

    `key` becomes its public id: a form sent twice with one key sets up one round.
    """
    _may(curator)
    if key and (made := _made(session, key)):
        if made.officer_id != curator.id:
            raise NotAllowedError("reuse the key of another round")
        return made
    _must_be_right(name, venue, settings, now)
    round_ = Round(
        public_id=key or new_public_id(), code=next_code(session, "DOT", clocks.local_year(now)),
        name=name, kind=kind, venue=venue, settings=settings.as_json(), officer_id=curator.id,
        created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(round_)
    session.flush()
    _note(session, round_, curator, "round.create", now, to_state=round_.state)
    return round_


def _made(session: Session, key: str) -> Round | None:
    locks.hold(session, f"submission {key}")
    return session.scalars(select(Round).where(Round.public_id == key)).one_or_none()


def change(
    session: Session, round_: Round, curator: Member, *, name: str, kind: RoundKind, venue: str,
    settings: RoundSettings, now: datetime,
) -> None:  # fmt: skip
    """Change what is planned by; meetings already planned stay until the next plan."""
    _may(curator, round_)
    _must_be_right(name, venue, settings, now)
    round_.name, round_.kind, round_.venue = name, kind, venue
    round_.settings = settings.as_json()
    round_.updated_at = now
    _note(session, round_, curator, "round.change", now)


def fix(
    session: Session, round_: Round, curator: Member, match: Match, what: Fix | None, *,
    now: datetime,
) -> None:  # fmt: skip
    """Pin or forbid a pair, or leave it to the plan again (None).

    A pinned meeting keeps the time and table it has; a forbidden one is gone at once.
    """
    _may(curator, round_)
    key = (match.need_id, match.solution_id)
    met = next((m for m in round_.meetings if (m.need_id, m.solution_id) == key), None)
    for old in [f for f in round_.fixes if (f.need_id, f.solution_id) == key]:
        round_.fixes.remove(old)
    session.flush()
    if what is not None:
        pinned = met if what is Fix.PIN else None
        round_.fixes.append(
            RoundFix(
                need_id=match.need_id,
                solution_id=match.solution_id,
                fix=what,
                starts_at=pinned.starts_at if pinned else None,
                table_number=pinned.table_number if pinned else None,
                member_id=curator.id,
                made_at=now,
            )
        )
    if what is Fix.FORBID and met is not None:
        session.delete(met)
        session.flush()
        session.expire(round_, ["meetings"])
    round_.updated_at = now
    _note(
        session, round_, curator, f"round.{what or 'unfix'}", now,
        detail={"match": match.public_id},
    )  # fmt: skip


def mark_absent(
    session: Session, round_: Round, curator: Member, organisation: Organisation, *,
    from_at: datetime, to_at: datetime, now: datetime,
) -> None:  # fmt: skip
    """An organisation misses part of a round; the next plan keeps to it."""
    _may(curator, round_)
    if from_at >= to_at:
        raise InvalidError([Problem("to_at", "hours_order")])
    if len(round_.absences) >= ABSENCES_MAX:
        raise InvalidError([Problem("organisation", "too_many", {"most": ABSENCES_MAX})])
    round_.absences.append(
        RoundAbsence(
            organisation_id=organisation.id,
            from_at=from_at,
            to_at=to_at,
            member_id=curator.id,
            made_at=now,
        )
    )
    round_.updated_at = now
    detail = {"organisation": organisation.public_id}
    _note(session, round_, curator, "round.absent", now, detail=detail)


def mark_present(
    session: Session, round_: Round, curator: Member, absence: RoundAbsence, *, now: datetime
) -> None:
    """Take an absence back."""
    _may(curator, round_)
    round_.absences.remove(absence)
    round_.updated_at = now
    detail = {"organisation": absence.organisation.public_id}
    _note(session, round_, curator, "round.present", now, detail=detail)


def waive(session: Session, round_: Round, curator: Member, *, now: datetime) -> int:
    """Lift the minimums that the last run could not keep; returns how many there were.

    A person decides it: no plan lifts a rule by itself.
    """
    _may(curator, round_)
    liftable = [(s["rule"], s["code"]) for s in (round_.runs[0].short if round_.runs else ())]
    if not liftable:
        raise WrongStateError(RecordKind.ROUND, round_.state, "waive")
    settings = RoundSettings.of(round_.settings).without(liftable)
    round_.settings = settings.as_json()
    round_.updated_at = now
    _note(session, round_, curator, "round.waive", now, detail={"rules": len(liftable)})
    return len(liftable)


def publish(session: Session, round_: Round, curator: Member, *, now: datetime) -> int:
    """Tell both owners of every meeting when and where; returns how many meetings there are."""
    _may(curator)
    if round_.state is not RoundState.PLANNED or not round_.meetings:
        raise WrongStateError(RecordKind.ROUND, round_.state, "publish")
    round_.state = RoundState.PUBLISHED
    round_.published_at = round_.updated_at = now
    for met in round_.meetings:
        tell(session, round_, met, NoticeCode.MEETING_PLANNED, now)
    _note(
        session, round_, curator, "round.publish", now, from_state=RoundState.PLANNED,
        to_state=RoundState.PUBLISHED, detail={"meetings": len(round_.meetings)},
    )  # fmt: skip
    return len(round_.meetings)


def mark(
    session: Session, round_: Round, met: Meeting, curator: Member, state: MeetingState, *,
    outcome: str, now: datetime,
) -> None:  # fmt: skip
    """Note what came of a meeting; both owners are told of one that is cancelled."""
    _may(curator)
    if round_.state is not RoundState.PUBLISHED or state is MeetingState.PLANNED:
        raise WrongStateError(RecordKind.ROUND, round_.state, state)
    if len(outcome) > OUTCOME_MAX:
        facts = {"most": OUTCOME_MAX, "has": len(outcome)}
        raise InvalidError([Problem("outcome", "too_long", facts)])
    before = met.state
    met.state, met.outcome, met.updated_at = state, outcome, now
    audit.record(
        session, "meeting.mark", now=now, actor_id=curator.id, kind=RecordKind.MEETING,
        public_id=met.public_id, from_state=before, to_state=state,
    )  # fmt: skip
    if state is MeetingState.CANCELLED and before is not state:
        tell(session, round_, met, NoticeCode.MEETING_CANCELLED, now)


def close(session: Session, round_: Round, curator: Member, *, now: datetime) -> None:
    """End a round once something was noted about every meeting."""
    _may(curator)
    open_ones = [m for m in round_.meetings if m.state is MeetingState.PLANNED]
    if round_.state is not RoundState.PUBLISHED or open_ones:
        raise WrongStateError(RecordKind.ROUND, round_.state, "close")
    round_.state = RoundState.CLOSED
    round_.closed_at = round_.updated_at = now
    _note(
        session, round_, curator, "round.close", now, from_state=RoundState.PUBLISHED,
        to_state=RoundState.CLOSED,
    )  # fmt: skip


def organisation_by_code(session: Session, code: str) -> Organisation:
    """An organisation as officers name it; raises InvalidError at the form's field."""
    wanted = code.strip().split(" ", 1)[0].upper()
    found = session.scalars(select(Organisation).where(Organisation.code == wanted)).one_or_none()
    if found is None:
        raise InvalidError([Problem("organisation", "unknown_organisation", {"name": code})])
    return found


def _may(curator: Member, round_: Round | None = None) -> None:
    if not curator.viewer.is_curator:
        raise NotAllowedError("keep a round")
    if round_ is not None and round_.state not in OPEN:
        raise WrongStateError(RecordKind.ROUND, round_.state, "change")


def _must_be_right(name: str, venue: str, settings: RoundSettings, now: datetime) -> None:
    problems: Sequence[Problem] = [
        *([] if name else [Problem("name", "required")]),
        *(
            Problem(field, "too_long", {"most": most, "has": len(text)})
            for field, text, most in (("name", name, NAME_MAX), ("venue", venue, VENUE_MAX))
            if len(text) > most
        ),
        *settings.problems(now.astimezone(clocks.LOCAL).date()),
    ]
    if problems:
        raise InvalidError(problems)


def tell(session: Session, round_: Round, met: Meeting, code: NoticeCode, now: datetime) -> None:
    """Tell both owners of a meeting.

    Each side reads of its own record only; whom it meets is on the page it leads to.
    """
    facts = {
        "when": f"{met.starts_at.astimezone(clocks.LOCAL):%d/%m/%Y %H:%M}",
        "table": str(met.table_number),
        "round": round_.name,
    }
    for record in (met.need, met.solution):
        notices.tell_owner(
            session, record, code, RecordKind.ROUND, round_.public_id, now=now, facts=facts
        )


def _note(
    session: Session, round_: Round, curator: Member, action: str, now: datetime, *,
    from_state: str = "", to_state: str = "", detail: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    audit.record(
        session, action, now=now, actor_id=curator.id, kind=RecordKind.ROUND,
        public_id=round_.public_id, from_state=from_state, to_state=to_state, detail=detail,
    )  # fmt: skip
