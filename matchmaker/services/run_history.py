"""The lists of a need's last runs, and what changed from one to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.ranking.calibration import band
from matchmaker.domain.ranking.changes import Change, Placed, changes
from matchmaker.domain.vocabulary import LISTED
from matchmaker.models import Match, MatchRun, MatchRunItem, Need, Solution
from matchmaker.queries import disclosed, matches
from matchmaker.queries.disclosed import View

#: A row of a run's list: solution, score, probability; best first.
Row = tuple[int, float, float]


@dataclass(frozen=True)
class Told:
    """One change, with the solution as its reader may see it."""

    change: Change
    solution: View
    #: Whether anybody may still find the solution.
    is_listed: bool


@dataclass(frozen=True)
class Since:
    """What changed from one list to the next; empty when they are the same to this reader."""

    before: datetime
    now: datetime
    changes: list[Told]


def keep(session: Session, run: MatchRun, rows: Iterable[Row]) -> None:
    """Write down a run's list, and drop what no comparison needs any more.

    A run that lists the same as the one before takes its place, so that the last change stays in
    view however often the machine looks again; beyond the list before it nothing is kept.
    """
    items = [
        MatchRunItem(
            run_id=run.id, solution_id=solution, rank=rank, score=round(score, 6),
            band=band(chance),
        )
        for rank, (solution, score, chance) in enumerate(rows, 1)
    ]  # fmt: skip
    kept = _kept_runs(session, run.need_id)
    if kept and _placed(session, kept[0]) == [Placed(i.solution_id, i.band) for i in items]:
        stale = [kept[0], *kept[2:]]
    else:
        stale = kept[1:]
    session.execute(delete(MatchRunItem).where(MatchRunItem.run_id.in_([one.id for one in stale])))
    session.add_all(items)


def since_last(session: Session, viewer: Viewer, need: Need) -> Since | None:
    """What changed between the two last lists of a need; None while there is only one.

    Ranks count only what this reader may know of: an owner is not told what curators dismissed
    or what is no longer public.
    """
    kept = _kept_runs(session, need.id)
    if len(kept) < 2:
        return None
    lists = [_placed(session, run) for run in kept[:2]]
    known = _known(session, viewer, need, {place.id for places in lists for place in places})
    now, before = ([p for p in places if p.id in known] for places in lists)
    introduced = disclosed.introduced_to(session, viewer)
    told = [
        Told(
            change, disclosed.view(viewer, known[change.id], introduced),
            known[change.id].status in LISTED,
        )
        for change in changes(before, now)
    ]  # fmt: skip
    return Since(kept[1].finished_at, kept[0].finished_at, told)


def _kept_runs(session: Session, need_id: int | None) -> list[MatchRun]:
    """The runs whose lists are kept, the latest first."""
    query = (
        select(MatchRun)
        .where(
            MatchRun.need_id == need_id,
            MatchRun.id.in_(select(MatchRunItem.run_id)),
        )
        .order_by(MatchRun.id.desc())
    )
    return list(session.scalars(query))


def _placed(session: Session, run: MatchRun) -> list[Placed]:
    query = select(MatchRunItem).where(MatchRunItem.run_id == run.id).order_by(MatchRunItem.rank)
    return [Placed(item.solution_id, item.band) for item in session.scalars(query)]


def _known(session: Session, viewer: Viewer, need: Need, ids: set[int]) -> Mapping[int, Solution]:
    """The solutions of these this reader may know to be ranked for his need."""
    query = (
        select(Solution)
        .join(Match, Match.solution_id == Solution.id)
        .join(Need, Match.need_id == Need.id)
        .where(Match.need_id == need.id, Solution.id.in_(ids), matches.visible(viewer))
    )
    return {solution.id: solution for solution in session.scalars(query)}
