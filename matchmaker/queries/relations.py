"""Which organisations are related; the pages that show it are the staff's."""

from sqlalchemy import or_, select, union
from sqlalchemy.orm import Session, selectinload

from matchmaker.domain.errors import NotFoundError
from matchmaker.models import Organisation, Relation


def of(session: Session, organisation_id: int) -> list[Relation]:
    """Every relation of an organisation, whichever side it was noted at."""
    query = (
        select(Relation)
        .where(
            or_(Relation.organisation_id == organisation_id, Relation.other_id == organisation_id)
        )
        .options(
            selectinload(Relation.organisation), selectinload(Relation.other),
            selectinload(Relation.noted_by),
        )
        .order_by(Relation.id)
    )  # fmt: skip
    return list(session.scalars(query))


def get(session: Session, organisation_id: int, public_id: str) -> Relation:
    """One relation of this organisation; raises NotFoundError for any other."""
    for relation in of(session, organisation_id):
        if relation.public_id == public_id:
            return relation
    raise NotFoundError("relation", public_id)


def related_to(session: Session, organisation: Organisation) -> frozenset[str]:
    """Public ids of all related organisations: noted pairs, parent, children and their children."""
    own = organisation.id
    pairs = union(
        select(Relation.other_id).where(Relation.organisation_id == own),
        select(Relation.organisation_id).where(Relation.other_id == own),
    ).subquery()
    family = [Organisation.parent_id == own]
    if organisation.parent_id is not None:
        family += [
            Organisation.id == organisation.parent_id,
            Organisation.parent_id == organisation.parent_id,
        ]
    query = select(Organisation.public_id).where(
        or_(Organisation.id.in_(select(pairs.c[0])), *family), Organisation.id != own
    )
    return frozenset(session.scalars(query))
