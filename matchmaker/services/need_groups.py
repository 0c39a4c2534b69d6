"""Joining firms with one problem.

Curators see who they are; each owner learns only that the problem is shared.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain import grouping
from matchmaker.domain.errors import InvalidError, NotAllowedError, Problem
from matchmaker.domain.vocabulary import NoticeCode, RecordKind
from matchmaker.models import Member, Need, NeedGroup, NeedGroupPlace
from matchmaker.services import audit, notices


def join(
    session: Session, curator: Member, needs: Sequence[Need], *, name: str, note: str = "",
    now: datetime,
) -> NeedGroup:  # fmt: skip
    """Make a group of at least two needs; the caller commits.

    Raises NotAllowedError, or InvalidError: a need stands in one group at most.
    """
    _must_curate(curator)
    needs = list({need.id: need for need in needs}.values())
    problems = _worded(name, note)
    if len(needs) < grouping.LEAST:
        problems.append(Problem("needs", "too_few_needs"))
    _must_be_free(session, needs, problems)
    group = NeedGroup(name=name, note=note, made_by_id=curator.id, made_at=now)
    session.add(group)
    session.flush()
    _place(session, group, curator, needs, now=now)
    return group


def add(
    session: Session, group: NeedGroup, curator: Member, needs: Sequence[Need], *, now: datetime
) -> None:
    """Put more needs into a group; raises NotAllowedError or InvalidError."""
    _must_curate(curator)
    needs = list({need.id: need for need in needs}.values())
    problems = [] if needs else [Problem("needs", "too_few_needs")]
    _must_be_free(session, needs, problems)
    _place(session, group, curator, needs, now=now)


def leave(
    session: Session, group: NeedGroup, curator: Member, need: Need, *, now: datetime
) -> bool:
    """Take a need out; True when the group is gone because only one would be left."""
    _must_curate(curator)
    for place in [p for p in group.places if p.need_id == need.id]:
        group.places.remove(place)
        _note(session, "need.ungroup", group, curator, need, now)
    if len(group.places) >= grouping.LEAST:
        session.flush()
        return False
    for place in group.places:
        _note(session, "need.ungroup", group, curator, place.need, now)
    session.delete(group)
    session.flush()
    return True


def _place(
    session: Session, group: NeedGroup, curator: Member, needs: Sequence[Need], *, now: datetime
) -> None:
    before = {place.need_id: place.need.organisation_id for place in group.places}
    for need in needs:
        group.places.append(
            NeedGroupPlace(need=need, need_id=need.id, added_by_id=curator.id, added_at=now)
        )
        _note(session, "need.group", group, curator, need, now)
    after = {place.need_id: place.need.organisation_id for place in group.places}
    shared = grouping.newly_shared(before, after)
    for place in group.places:
        if place.need_id in shared:
            notices.tell_owner(
                session, place.need, NoticeCode.NEED_SHARED, RecordKind.NEED, place.need.public_id,
                now=now,
            )  # fmt: skip
    session.flush()


def _must_curate(member: Member) -> None:
    if not member.viewer.is_curator:
        raise NotAllowedError("group needs")


def _worded(name: str, note: str) -> list[Problem]:
    problems = []
    if not name.strip():
        problems.append(Problem("name", "required"))
    for field, text, most in (
        ("name", name, grouping.NAME_MAX), ("note", note, grouping.NOTE_MAX),
    ):  # fmt: skip
        if len(text) > most:
            problems.append(Problem(field, "too_long", {"most": most, "has": len(text)}))
    return problems


def _must_be_free(session: Session, needs: Sequence[Need], problems: list[Problem]) -> None:
    query = select(NeedGroupPlace.need_id).where(
        NeedGroupPlace.need_id.in_([need.id for need in needs])
    )
    placed = set(session.scalars(query))
    problems += [
        Problem("needs", "in_another_group", {"code": need.code})
        for need in needs
        if need.id in placed
    ]
    if problems:
        raise InvalidError(problems)


def _note(
    session: Session, action: str, group: NeedGroup, curator: Member, need: Need, now: datetime
) -> None:
    """One line for each need, which names the group and none of the others in it."""
    audit.record(
        session, action, now=now, actor_id=curator.id, kind=RecordKind.NEED,
        public_id=need.public_id, detail={"group": group.public_id},
    )  # fmt: skip
