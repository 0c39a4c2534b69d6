"""The people who fit a need best, with the texts that speak for them."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.ranking import experts as ranking
from matchmaker.domain.ranking.experts import Fit, Item
from matchmaker.domain.vocabulary import Level, RecordKind
from matchmaker.models import Need, Organisation, Solution
from matchmaker.queries import disclosed, records
from matchmaker.queries import experts as found_experts
from matchmaker.queries.disclosed import View
from matchmaker.services.catalogue import Catalogue

#: How many experts and solutions are looked at; the rest has nothing to do with the need.
WIDTH = 200
MOST = 3


@dataclass(frozen=True)
class Proof:
    """One text that speaks for an expert; a solution as its reader may see it, else None."""

    kind: RecordKind
    solution: View | None = None


@dataclass(frozen=True)
class Suggested:
    """An expert as the reader may see him, and why."""

    view: View
    proofs: list[Proof]


def best(
    session: Session, catalogue: Catalogue, viewer: Viewer, need: Need, *,
    of: Organisation | None = None, most: int = MOST,
) -> list[Suggested]:  # fmt: skip
    """The experts who fit a need, best first; only those of one organisation where `of` is given.

    Nobody of the need's own or a related organisation. All are compared even where one
    organisation is asked about: whoever is clear of its own average only is not named.
    """
    fits = {fit.id: fit for fit in ranking.worth_naming(rank(session, catalogue, need), WIDTH)}
    people = {
        one.id: one for one in found_experts.of_ids(session, list(fits), of=of.id if of else None)
    }
    chosen = [fit for fit in fits.values() if fit.id in people][:most]
    shown = {
        one.id: one
        for one in records.by_ids(
            session, Solution, viewer,
            [i.id for fit in chosen for i in fit.items if i.kind is RecordKind.SOLUTION],
        )
    }  # fmt: skip
    introduced = disclosed.introduced_to(session, viewer)
    return [
        Suggested(
            disclosed.view(viewer, people[fit.id], introduced),
            [
                Proof(
                    item.kind,
                    disclosed.view(viewer, shown[item.id], introduced)
                    if item.kind is RecordKind.SOLUTION
                    else None,
                )
                for item in fit.items
                if item.kind is not RecordKind.SOLUTION or item.id in shown
            ],
        )
        for fit in chosen
    ]


def rank(session: Session, catalogue: Catalogue, need: Need) -> list[Fit]:
    """All experts near a need in order, by the members' texts."""
    return ranking.rank(items_of(session, catalogue, need))


def items_of(session: Session, catalogue: Catalogue, need: Need) -> dict[int, list[Item]]:
    """The texts that speak for each expert near a need, with its scores on them."""
    catalogue.catch_up(session)
    kinds = (RecordKind.EXPERT, RecordKind.SOLUTION, RecordKind.ORGANISATION)
    shelves = {kind: catalogue.shelf(kind, Level.MEMBERS) for kind in kinds}
    query = catalogue.ask_as(session, need, Level.MEMBERS, shelves[RecordKind.SOLUTION])
    near = {c.id: c for c in shelves[RecordKind.SOLUTION].search(query, limit=WIDTH)}
    named = found_experts.named_by(session, list(near))
    ids = {c.id for c in shelves[RecordKind.EXPERT].search(query, limit=WIDTH)} | set(named)
    people = found_experts.of_ids(session, sorted(ids), without=_too_close(session, need))
    own = {c.id: c for c in shelves[RecordKind.EXPERT].score(query, [p.id for p in people])}
    homes = {
        c.id: c
        for c in shelves[RecordKind.ORGANISATION].score(query, {p.organisation_id for p in people})
    }
    items: dict[int, list[Item]] = {}
    for person in people:
        texts = [
            (RecordKind.EXPERT, own.get(person.id)),
            *((RecordKind.SOLUTION, near[i]) for i in named.get(person.id, [])),
            (RecordKind.ORGANISATION, homes.get(person.organisation_id)),
        ]
        items[person.id] = [Item(kind, c.id, c.dense, c.words) for kind, c in texts if c]
    return items


def _too_close(session: Session, need: Need) -> list[int]:
    """The need's own organisation and those related to it."""
    own = need.organisation
    return list(
        session.scalars(
            select(Organisation.id).where(
                or_(
                    Organisation.id == own.id,
                    Organisation.parent_id == own.id,
                    Organisation.id == own.parent_id,
                    (Organisation.parent_id == own.parent_id) & Organisation.parent_id.is_not(None),
                )
            )
        )
    )
