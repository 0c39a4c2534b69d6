"""What officers and owners of the demonstration laid down: relations, exclusions, pins."""

from datetime import datetime

from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Role, Ruling
from matchmaker.models import Match, Member, Need, Organisation, Relation, Solution
from matchmaker.queries import desk, matches, records
from matchmaker.services import candidates, curation
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.seeding.demo_files import read_demo
from matchmaker.services.seeding.demo_records import DemoFiles
from matchmaker.services.seeding.organisations import source_of

_PLACED = {Ruling.PIN, Ruling.HIDE}


def load_relations(
    session: Session, demo: DemoFiles, organisations: dict[str, Organisation],
    noted_by: Member | None, *, now: datetime,
) -> None:  # fmt: skip
    """Note the related pairs; call it only where the organisations are new."""
    for seed in demo.relations:
        session.add(
            Relation(
                organisation=organisations[seed.org], other=organisations[seed.other],
                kind=seed.kind, note=seed.note, noted_by=noted_by, made_at=now,
            )
        )  # fmt: skip
    session.flush()


def excluded_by(
    demo: DemoFiles, organisations: dict[str, Organisation], key: str
) -> tuple[str, ...]:
    """Public ids of the organisations that the owner of a record excludes."""
    return tuple(
        organisations[org].public_id
        for exclusion in demo.exclusions
        if exclusion.record == key
        for org in exclusion.orgs
    )


def place_demo(session: Session, catalogue: Catalogue, *, now: datetime) -> int:
    """Pin and hide as the files say, once the lists are ranked; the caller commits.

    A pair on which that was said before is left alone, whatever was said since.
    """
    demo, count = read_demo(), 0
    staff = [a.email for a in demo.accounts if a.role is Role.CURATOR]
    curator = desk.member_by_email(session, staff[0]) if staff else None
    for seed in demo.placings:
        need = records.by_submission_key(session, Need, source_of(seed.need))
        solution = records.by_submission_key(session, Solution, source_of(seed.solution))
        if curator is None or need is None or solution is None:
            continue
        match = matches.of_pair(session, need.id, solution.id)
        if match is not None and _was_placed(match):
            continue
        if match is None or not match.is_in_list:
            match = candidates.add(session, catalogue, need, solution, curator, now=now)
        curation.judge(session, match, curator, seed.ruling, note=seed.note, now=now)
        count += 1
    return count


def _was_placed(match: Match) -> bool:
    return any(judgement.ruling in _PLACED for judgement in match.judgements)
