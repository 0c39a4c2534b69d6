"""Experts, found only while their organisation may be."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from matchmaker.domain.vocabulary import LISTED
from matchmaker.models import Expert, Organisation, Solution
from matchmaker.models.solution import solution_expert
from matchmaker.queries import records


def of_ids(
    session: Session, ids: Collection[int], *, without: Collection[int] = (),
    of: int | None = None,
) -> list[Expert]:  # fmt: skip
    """The listed experts of these ids: none of the organisations `without`, only those of `of`."""
    query = (
        select(Expert)
        .join(Organisation, Expert.organisation_id == Organisation.id)
        .options(joinedload(Expert.organisation))
        .where(
            Expert.id.in_(ids), records.listed(Organisation),
            Expert.organisation_id.not_in(without),
        )
    )  # fmt: skip
    if of is not None:
        query = query.where(Expert.organisation_id == of)
    return list(session.scalars(query.order_by(Expert.id)))


def named_by(session: Session, ids: Collection[int]) -> dict[int, list[int]]:
    """The listed solutions among these ids that name an expert, by expert."""
    rows = session.execute(
        select(solution_expert.c.expert_id, Solution.id)
        .join(Solution, Solution.id == solution_expert.c.solution_id)
        .where(Solution.id.in_(ids), Solution.status.in_(LISTED))
        .order_by(Solution.id)
    )
    found: dict[int, list[int]] = {}
    for expert, solution in rows:
        found.setdefault(expert, []).append(solution)
    return found
