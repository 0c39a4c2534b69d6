"""Judgements of the database as labels, with the ranking each pair was judged in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from matchmaker.domain.labels import Label, fold_of, verdict
from matchmaker.models import Engagement, Judgement, Match, Need
from matchmaker.services import matching
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.matching import Placed

FOLDS = 5


@dataclass(frozen=True)
class Labels:
    """All labels, the fold of each need, and up to which judgement they reach."""

    each: tuple[Label, ...]
    folds: dict[int, int]
    #: Judgements there are, whether or not they say anything of the fit.
    judgements: int
    last: int

    @property
    def needs(self) -> int:
        """Judged needs: the first measure of how much there is to learn from."""
        return len({label.need for label in self.each})


def read(session: Session, *, upto: int | None = None) -> Labels:
    """What judgements say of the fit; those after number `upto` are left out."""
    query = (
        select(Match, Engagement.stage, Need.public_id)
        .join(Need, Match.need_id == Need.id)
        .outerjoin(Engagement, Engagement.match_id == Match.id)
        .where(Match.judgements.any())
        .options(selectinload(Match.judgements))
        .order_by(Match.id)
    )
    each, folds, count, last = [], {}, 0, 0
    for match, stage, key in session.execute(query):
        said = [one for one in match.judgements if upto is None or one.id <= upto]
        count += len(said)
        last = max([last, *(one.id for one in said)])
        # What came of an introduction is known only as it stands now.
        found = verdict(said, stage if upto is None else None)
        if found is not None:
            each.append(Label(match.need_id, match.solution_id, found))
            folds[match.need_id] = fold_of(key, FOLDS)
    return Labels(tuple(each), folds, count, last)


def last_judgement(session: Session) -> int:
    """The number of the newest judgement; 0: there is none."""
    return session.scalar(select(func.max(Judgement.id))) or 0


def placed(
    session: Session, catalogue: Catalogue, labels: Iterable[Label], *, now: datetime
) -> dict[tuple[int, int], Placed]:
    """Where each labelled pair stands in the ranking of its need as it is now.

    Pairs whose solution left the shelf meanwhile, or may no longer be proposed, are missing.
    """
    wanted: dict[int, set[int]] = {}
    for label in labels:
        wanted.setdefault(label.need, set()).add(label.solution)
    found = {}
    for need_id, solutions in wanted.items():
        need = session.get_one(Need, need_id)
        for one in matching.profile(session, catalogue, need, solutions, now=now):
            if one.solution in solutions:
                found[need_id, one.solution] = one
    return found


@dataclass(frozen=True)
class Counted:
    """How much was judged: what the page tells without ranking anything."""

    judgements: int
    #: Needs with at least one judgement that says something of the fit.
    needs: int


def count(session: Session) -> Counted:
    found = read(session)
    return Counted(found.judgements, found.needs)
