"""Posting and changing needs and solutions."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain import lifecycle
from matchmaker.domain.drafts import NeedDraft, SolutionDraft
from matchmaker.domain.errors import ConflictError, InvalidError, NotAllowedError, Problem
from matchmaker.domain.lifecycle import Step
from matchmaker.domain.vocabulary import NoticeCode, RecordStatus, Scheme
from matchmaker.models import Expert, Member, Need, PerformanceRow, RequirementRow, Solution, Term
from matchmaker.queries import desk, disclosed, records
from matchmaker.services import audit, clocks, locks, notices
from matchmaker.services.numbering import next_code

Draft = NeedDraft | SolutionDraft

_NEED_CODES = {
    "help": Scheme.HELP,
    "cooperation": Scheme.COOPERATION,
    "industries": Scheme.INDUSTRY,
    "fields": Scheme.FIELD,
    "sdgs": Scheme.SDG,
}
_SOLUTION_CODES = {
    "ip_statuses": Scheme.IP_STATUS,
    "transfer_methods": Scheme.TRANSFER_METHOD,
    "cooperation": Scheme.COOPERATION,
    "industries": Scheme.INDUSTRY,
    "fields": Scheme.FIELD,
    "sdgs": Scheme.SDG,
}
_ELSEWHERE = {"requirements", "performances", "experts", *_NEED_CODES, *_SOLUTION_CODES}
_MAY_BE_INCOMPLETE = {
    RecordStatus.DRAFT,
    RecordStatus.WITHDRAWN,
    RecordStatus.CHANGES_REQUESTED,
}
_PREFIX = {Need: "NC", Solution: "GP"}


def lifecycle_of(
    record: Need | Solution,
) -> Mapping[tuple[RecordStatus, Step], RecordStatus]:
    return lifecycle.NEED if isinstance(record, Need) else lifecycle.SOLUTION


def post_need(
    session: Session, member: Member, draft: NeedDraft, *, key: str | None, submit: bool,
    now: datetime, excluded: tuple[str, ...] = (),
) -> Need:  # fmt: skip
    """Keep a new need, and send it for review when `submit` says so; the caller commits.

    `excluded` are public ids of organisations whose solutions are never suggested for it. The
    same `key` again gives the record made the first time. Raises InvalidError.
    """
    need: Need = _post(session, Need, member, draft, key=key, submit=submit, now=now)
    if need.created_at == now:
        need.excluded = list(excluded)
    return need


def post_solution(
    session: Session, member: Member, draft: SolutionDraft, *, key: str | None, submit: bool,
    now: datetime, excluded: tuple[str, ...] = (),
) -> Solution:  # fmt: skip
    """Keep a new solution; as `post_need`.

    `excluded` are public ids of organisations it is never proposed to.
    """
    solution: Solution = _post(session, Solution, member, draft, key=key, submit=submit, now=now)
    if solution.created_at == now:
        solution.excluded = list(excluded)
    return solution


def revise(
    session: Session, record: Need | Solution, member: Member, draft: Draft, *, version: int,
    submit: bool, now: datetime, excluded: tuple[str, ...] | None = None,
) -> None:  # fmt: skip
    """Change a record that was read at `version`; a published one goes back to review.

    `excluded` replaces the organisations it is never brought together with; None leaves them.
    Raises ConflictError with what changed meanwhile, InvalidError or WrongStateError.
    """
    _must_own(record, member)
    complete = submit or record.status not in _MAY_BE_INCOMPLETE
    _must_be_right(session, draft, complete=complete, now=now)
    changes = differences(record, draft, excluded)
    if record.version != version and changes:
        raise ConflictError(record.record_kind, record.public_id, changes)
    before = record.status
    record.status = lifecycle.after(lifecycle_of(record), record.record_kind, before, Step.REVISE)
    fill(session, record, draft)
    if excluded is not None:
        record.excluded = list(excluded)
    record.updated_at = now
    audit.record(
        session, f"{record.record_kind}.revise", now=now, actor_id=member.id,
        kind=record.record_kind, public_id=record.public_id, from_state=before,
        to_state=record.status, detail={"fields": sorted(changes)},
    )  # fmt: skip
    if submit and record.status is not RecordStatus.SUBMITTED:
        send(session, record, member, now=now)
    elif record.status is RecordStatus.SUBMITTED and before is not RecordStatus.SUBMITTED:
        _await_review(session, record, now=now)


def send(session: Session, record: Need | Solution, member: Member, *, now: datetime) -> None:
    """Hand a draft to the curators."""
    _must_own(record, member)
    _must_be_right(session, draft_of(record), complete=True, now=now)
    _move(session, record, Step.SUBMIT, member, now=now)
    _await_review(session, record, now=now)


def withdraw(session: Session, record: Need | Solution, member: Member, *, now: datetime) -> None:
    """Take a record back; it leaves every list and every index at once."""
    _must_own(record, member)
    _move(session, record, Step.WITHDRAW, member, now=now)


def pause(session: Session, solution: Solution, member: Member, *, now: datetime) -> None:
    """Take a solution off the lists for a while."""
    _must_own(solution, member)
    _move(session, solution, Step.PAUSE, member, now=now)


def resume(session: Session, solution: Solution, member: Member, *, now: datetime) -> None:
    _must_own(solution, member)
    _move(session, solution, Step.RESUME, member, now=now)


def draft_of(record: Need | Solution) -> Draft:
    """The draft a record would be edited as."""
    plain = (NeedDraft if isinstance(record, Need) else SolutionDraft).__dataclass_fields__
    values: dict[str, Any] = {
        name: getattr(record, name) for name in plain if name not in _ELSEWHERE
    }
    values["keywords"] = tuple(record.keywords)
    values["translation"] = dict(record.translation)
    values |= {name: record.codes(scheme) for name, scheme in _codes_of(record).items()}
    if isinstance(record, Need):
        return NeedDraft(**values, requirements=disclosed.requirements_of(record))
    return SolutionDraft(
        **values,
        performances=disclosed.performances_of(record),
        experts=tuple(e.public_id for e in record.experts),
    )


def differences(
    record: Need | Solution, draft: Draft, excluded: tuple[str, ...] | None = None
) -> dict[str, tuple[str, str]]:
    """Fields in which a record and a draft differ, as (theirs, yours) in plain text."""
    theirs, yours = asdict(draft_of(record)), asdict(draft)
    if excluded is not None:
        theirs["excluded"], yours["excluded"] = sorted(record.excluded), sorted(excluded)
    return {
        name: (_plain(theirs[name]), _plain(yours[name]))
        for name in theirs
        if _plain(theirs[name]) != _plain(yours[name])
    }


def fill(session: Session, record: Need | Solution, draft: Draft) -> None:
    """Write a draft's values into a record."""
    for name, value in vars(draft).items():
        if name not in _ELSEWHERE:
            setattr(record, name, list(value) if isinstance(value, tuple) else value)
    for name, scheme in _codes_of(record).items():
        record.set_codes(scheme, getattr(draft, name))
    if isinstance(record, Need) and isinstance(draft, NeedDraft):
        rows = [RequirementRow(position=i, **vars(r)) for i, r in enumerate(draft.requirements)]
        record.requirements[:] = rows
    elif isinstance(record, Solution) and isinstance(draft, SolutionDraft):
        record.performances[:] = [
            PerformanceRow(position=i, **vars(r)) for i, r in enumerate(draft.performances)
        ]
        record.experts[:] = _experts(session, record.organisation_id, draft.experts)


def _post(
    session: Session, table: type[Any], member: Member, draft: Draft, *, key: str | None,
    submit: bool, now: datetime,
) -> Any:  # fmt: skip
    if member.organisation_id is None:
        raise NotAllowedError(f"post a {table.record_kind} without an organisation")
    if key:
        locks.hold(session, f"submission {key}")
    if key and (made := records.by_submission_key(session, table, key)):
        if made.organisation_id != member.organisation_id:
            raise NotAllowedError(f"reuse the key of another {table.record_kind}")
        return made
    _must_be_right(session, draft, complete=submit, now=now)
    record = table(
        code=next_code(session, _PREFIX[table], clocks.local_year(now)),
        submission_key=key,
        organisation_id=member.organisation_id,
        author_id=member.id,
        status=RecordStatus.DRAFT,
        created_at=now,
        updated_at=now,
    )
    with session.no_autoflush:
        fill(session, record, draft)
    session.add(record)
    session.flush()
    session.refresh(record, ["organisation"])
    audit.record(
        session, f"{table.record_kind}.post", now=now, actor_id=member.id, kind=table.record_kind,
        public_id=record.public_id, to_state=record.status,
    )  # fmt: skip
    if submit:
        send(session, record, member, now=now)
    return record


def _await_review(session: Session, record: Need | Solution, *, now: datetime) -> None:
    record.submitted_at = now
    record.review_due_at = clocks.due_after(now, clocks.FIRST_LOOK)
    notices.tell(
        session, desk.curators(session), NoticeCode.RECORD_SUBMITTED, record.record_kind,
        record.public_id, about=record, now=now,
    )  # fmt: skip


def _move(
    session: Session, record: Need | Solution, step: Step, member: Member, *, now: datetime
) -> None:
    before = record.status
    record.status = lifecycle.after(lifecycle_of(record), record.record_kind, before, step)
    record.updated_at = now
    audit.record(
        session, f"{record.record_kind}.{step}", now=now, actor_id=member.id,
        kind=record.record_kind, public_id=record.public_id, from_state=before,
        to_state=record.status,
    )  # fmt: skip


def _must_own(record: Need | Solution, member: Member) -> None:
    if not member.viewer.belongs_to(record.organisation_id):
        raise NotAllowedError(f"change another organisation's {record.record_kind}")


def _must_be_right(session: Session, draft: Draft, *, complete: bool, now: datetime) -> None:
    found = draft.problems(complete=complete, today=now.astimezone(clocks.LOCAL).date())
    found += _unknown_codes(session, draft)
    if found:
        raise InvalidError(found)


def _unknown_codes(session: Session, draft: Draft) -> list[Problem]:
    """Codes that no term of their list has; a form cannot send them, an import can."""
    schemes = _NEED_CODES if isinstance(draft, NeedDraft) else _SOLUTION_CODES
    wanted = {(scheme, code): name for name, scheme in schemes.items()
              for code in getattr(draft, name) if scheme is not Scheme.HELP}  # fmt: skip
    if not wanted:
        return []
    rows = session.execute(
        select(Term.scheme, Term.code).where(Term.code.in_({code for _, code in wanted}))
    )
    known = {(scheme, code) for scheme, code in rows}
    return [
        Problem(name, "unknown_code", {"code": code})
        for (scheme, code), name in wanted.items()
        if (scheme, code) not in known
    ]


def _experts(session: Session, organisation_id: int, ids: tuple[str, ...]) -> list[Expert]:
    """The organisation's own experts among these public ids."""
    if not ids:
        return []
    query = select(Expert).where(
        Expert.public_id.in_(ids), Expert.organisation_id == organisation_id
    )
    return list(session.scalars(query.order_by(Expert.id)))


def _codes_of(record: Need | Solution) -> dict[str, Scheme]:
    return _NEED_CODES if isinstance(record, Need) else _SOLUTION_CODES


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{k}: {v}" for k, v in value.items() if v not in (None, "", False))
    if isinstance(value, list | tuple):
        return "\n".join(_plain(v) for v in value)
    return "" if value is None else str(value)
