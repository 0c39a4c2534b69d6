"""Officers note which organisations are related: those are never proposed to one another."""

from datetime import datetime

from sqlalchemy.orm import Session

from matchmaker.domain.errors import InvalidError, NotAllowedError, Problem
from matchmaker.domain.vocabulary import RecordKind, RelationKind
from matchmaker.models import Member, Organisation, Relation
from matchmaker.queries import records, relations
from matchmaker.services import audit, exclusions

NOTE_MAX = 300


def add(
    session: Session, organisation: Organisation, curator: Member, *, named: str,
    kind: RelationKind, note: str, now: datetime,
) -> Relation:  # fmt: skip
    """Note what the organisation `named` by code or name is to this one; the caller commits.

    Raises NotAllowedError, or InvalidError where it is not found, is the same one, or is noted
    already.
    """
    if not curator.viewer.is_curator:
        raise NotAllowedError("relate organisations")
    if not named.strip():
        raise InvalidError([Problem("other", "required")])
    if len(note) > NOTE_MAX:
        raise InvalidError([Problem("note", "too_long", {"most": NOTE_MAX, "has": len(note)})])
    [found] = exclusions.read(session, curator.viewer, [named], field="other")
    other = records.get(session, Organisation, curator.viewer, found)
    if other.id == organisation.id:
        raise InvalidError([Problem("other", "same_organisation")])
    for known in relations.of(session, organisation.id):
        if known.kind is kind and other.id in {known.organisation_id, known.other_id}:
            raise InvalidError([Problem("other", "related_already")])
    relation = Relation(
        organisation=organisation, other=other, kind=kind, note=note, noted_by=curator, made_at=now
    )
    session.add(relation)
    session.flush()
    _note(session, "organisation.relate", relation, curator, now)
    return relation


def remove(session: Session, relation: Relation, curator: Member, *, now: datetime) -> None:
    """Take a relation back; the audit chain keeps that it was there."""
    if not curator.viewer.is_curator:
        raise NotAllowedError("unrelate organisations")
    _note(session, "organisation.unrelate", relation, curator, now)
    session.delete(relation)


def _note(
    session: Session, action: str, relation: Relation, curator: Member, now: datetime
) -> None:
    audit.record(
        session, action, now=now, actor_id=curator.id, kind=RecordKind.ORGANISATION,
        public_id=relation.organisation.public_id,
        detail={"other": relation.other.public_id, "kind": str(relation.kind)},
    )  # fmt: skip
