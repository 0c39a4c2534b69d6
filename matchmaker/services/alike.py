"""Records that read alike: to browse, to join firms with one problem, to find duplicates."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchmaker.domain import disclosure, likeness, recipe
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.drafts import NeedDraft, SolutionDraft
from matchmaker.domain.ranking import fusion
from matchmaker.domain.vocabulary import Level, RecordKind, RecordStatus
from matchmaker.models import Embedding, Need, Organisation, Solution
from matchmaker.queries import disclosed, records
from matchmaker.queries.disclosed import Record, View
from matchmaker.search.query import Query
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.discovery import level_for
from matchmaker.services.stored import vectors_of

#: How many of the nearest are looked at.
NEAREST = 12
#: Below so many deviations over what the record scores in general, nothing is alike.
FLOOR = 1.0
#: A record taken back or refused is no second posting.
_GONE = {RecordStatus.REJECTED, RecordStatus.WITHDRAWN}
_WAITING = {RecordStatus.SUBMITTED, RecordStatus.UNDER_REVIEW, RecordStatus.CHANGES_REQUESTED}


@dataclass(frozen=True)
class Alike:
    """Another record as its reader may see it, and what the two have in common."""

    view: View
    #: Phrases both texts hold, as the other writes them.
    words: list[str]
    fields: list[str]
    industries: list[str]
    #: Probably the same record posted twice, or one problem of two firms.
    is_same: bool
    #: Sentences of the record asked about that stand in the other too, and their share of all.
    sentences: list[str]
    share: float
    #: Whether it belongs to the reader's own organisation.
    is_own: bool = False


@dataclass(frozen=True)
class _Asked:
    """What is compared with others: a record, or what is about to become one."""

    kind: RecordKind
    text: str
    values: dict[str, Any]
    level: Level
    #: The record itself, which is never its own duplicate.
    id: int | None = None


def similar(
    session: Session, catalogue: Catalogue, viewer: Viewer, record: Record, limit: int = 4
) -> list[Alike]:
    """Listed records of the same kind that read alike, by the text the viewer may see.

    Each comes with what the two have in common; one of which nothing can be said is left out.
    """
    asked = _of_record(record, level_for(viewer))
    near = _near(session, catalogue, asked, record)
    table: Any = type(record)
    found: list[Alike] = []
    ids = list(near)
    while ids and len(found) < limit:
        # Nearly all that is near has something in common: few are read in vain.
        others = records.by_ids(session, table, viewer, ids[:limit])
        compared = _compared(session, viewer, asked, others, near)
        found += [one for one in compared if one.words or one.fields or one.industries]
        ids = ids[limit:]
    return found[:limit]


def duplicates(
    session: Session, catalogue: Catalogue, viewer: Viewer, record: Need | Solution
) -> list[Alike]:
    """Records that probably are this one posted twice, for those who may read it whole.

    Staff are shown those that wait for review and their owners' drafts as well.
    """
    asked = _of_record(record, Level.MEMBERS)
    query = _question(session, catalogue, asked, record)
    return _duplicates(session, catalogue, viewer, asked, query, record.organisation_id)


def duplicates_of_draft(
    session: Session, catalogue: Catalogue, viewer: Viewer, draft: NeedDraft | SolutionDraft,
    *, itself: int | None = None,
) -> list[Alike]:  # fmt: skip
    """What is probably the same as a draft about to be sent.

    The owner's own records of any state, and others that are public; `itself` is the draft's own
    row, if it has one.
    """
    kind = RecordKind.NEED if isinstance(draft, NeedDraft) else RecordKind.SOLUTION
    values = disclosure.readable(kind, vars(draft), Level.MEMBERS)
    asked = _Asked(kind, recipe.compose(kind, values).text, values, Level.MEMBERS, itself)
    catalogue.catch_up(session)
    query = catalogue.ask(asked.text, catalogue.shelf(kind, Level.MEMBERS))
    return _duplicates(session, catalogue, viewer, asked, query, viewer.organisation_id)


def _duplicates(
    session: Session, catalogue: Catalogue, viewer: Viewer, asked: _Asked, query: Query,
    organisation_id: int | None,
) -> list[Alike]:  # fmt: skip
    table: Any = records.TABLES[asked.kind]
    shelf = catalogue.shelf(asked.kind, Level.MEMBERS)
    near = {c.id: c.dense for c in shelf.search(query, limit=NEAREST)}
    others: list[Any] = list(records.by_ids(session, table, viewer, list(near)))
    unlisted = _unlisted(session, table, viewer, organisation_id, [o.id for o in others])
    near |= _dense(session, catalogue.encoder.fingerprint, asked.kind, query, unlisted)
    found = _compared(session, viewer, asked, [*others, *unlisted], near)
    same = [one for one in found if one.is_same]
    return sorted(same, key=lambda one: (-one.share, -len(one.words)))


def _of_record(record: Record, level: Level) -> _Asked:
    values = disclosed.view_at(record, level)
    told = recipe.compose(record.record_kind, values)
    return _Asked(record.record_kind, told.text, values, level, record.id)


def _question(session: Session, catalogue: Catalogue, asked: _Asked, record: Record) -> Query:
    catalogue.catch_up(session)
    shelf = catalogue.shelf(asked.kind, asked.level)
    return catalogue.ask_as(session, record, asked.level, shelf)


def _near(
    session: Session, catalogue: Catalogue, asked: _Asked, record: Record
) -> dict[int, float]:
    """The nearest others on the record's own shelf and their cosines, the nearest first."""
    catalogue.catch_up(session)

    def search() -> dict[int, float]:
        shelf = catalogue.shelf(asked.kind, asked.level)
        query = catalogue.ask_as(session, record, asked.level, shelf)
        return {
            c.id: c.dense
            for c in shelf.search(query, limit=NEAREST)
            if c.id != record.id and (c.standing is None or c.standing >= FLOOR)
        }

    return catalogue.remembered.get((asked.kind, record.id, asked.level), catalogue.state, search)


def _unlisted(
    session: Session, table: Any, viewer: Viewer, organisation_id: int | None,
    known: Collection[int],
) -> Sequence[Need | Solution]:  # fmt: skip
    """What no shelf holds: the organisation's own records, and for staff all that wait."""
    whose = table.organisation_id == organisation_id
    if viewer.is_staff:
        whose = or_(whose, table.status.in_(_WAITING))
    query = select(table).where(
        whose, records.visible(table, viewer), table.id.not_in(known), table.status.not_in(_GONE)
    )
    return list(session.scalars(query.order_by(table.id)))


def _dense(
    session: Session, fingerprint: str, kind: RecordKind, query: Query,
    others: Iterable[Need | Solution],
) -> dict[int, float]:  # fmt: skip
    """Cosines with records of the same language by their kept vectors, as a shelf tells them."""
    rows = session.scalars(
        select(Embedding).where(
            Embedding.record_kind == kind,
            Embedding.record_id.in_([o.id for o in others]),
            Embedding.level == int(Level.MEMBERS),
            Embedding.fingerprint == fingerprint,
            Embedding.language == query.language,
        )
    )
    found = {}
    for row in rows:
        scores = vectors_of(row) @ query.vectors[0]
        best = scores[1:].max() if len(scores) > 1 else scores[0]
        found[row.record_id] = fusion.dense(float(scores[0]), float(best))
    return found


def _compared(
    session: Session, viewer: Viewer, asked: _Asked, others: Iterable[Record],
    near: dict[int, float],
) -> list[Alike]:  # fmt: skip
    introduced = disclosed.introduced_to(session, viewer)
    found = []
    for other in others:
        if other.id == asked.id:
            continue
        values = disclosed.view_at(other, asked.level)
        theirs = recipe.compose(asked.kind, values).text
        sentences, share = likeness.same_sentences(asked.text, theirs)
        found.append(
            Alike(
                view=disclosed.view(viewer, other, introduced),
                words=likeness.phrases(asked.text, theirs),
                fields=_shared(asked.values, values, "fields"),
                industries=_shared(asked.values, values, "industries"),
                is_same=likeness.is_same(
                    likeness.overlap(asked.text, theirs), near.get(other.id)
                ),
                sentences=sentences,
                share=share,
                is_own=not isinstance(other, Organisation)
                and viewer.belongs_to(other.organisation_id),
            )
        )  # fmt: skip
    return found


def _shared(ours: dict[str, Any], theirs: dict[str, Any], name: str) -> list[str]:
    wanted = set(ours.get(name) or ())
    return [code for code in theirs.get(name) or () if code in wanted]
