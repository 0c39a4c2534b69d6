"""Demonstration records, through the same door as people's own."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from matchmaker.domain.drafts import NeedDraft, SolutionDraft
from matchmaker.domain.vocabulary import RecordStatus, ReviewAction, Role
from matchmaker.models import Expert, Member, Need, Notice, Organisation, Solution
from matchmaker.queries import desk
from matchmaker.services import accounts, audit, clocks, records, reviews
from matchmaker.services.seeding.demo_files import read_demo
from matchmaker.services.seeding.demo_records import DemoFiles, SeedRecord
from matchmaker.services.seeding.demo_rules import excluded_by, load_relations
from matchmaker.services.seeding.errors import SeedError
from matchmaker.services.seeding.organisations import load_experts, load_organisations, source_of
from matchmaker.services.seeding.timeline import SPAN_DAYS, Event, events
from matchmaker.services.seeding.vocabularies import load_vocabularies

_BEGIN = timedelta(days=SPAN_DAYS + 5)
#: Notices older than this count as read: nobody starts with a hundred of them.
_FRESH = timedelta(days=3)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class DemoResult:
    """What was added, and the e-mail addresses that may sign in."""

    counts: dict[str, int]
    accounts: tuple[str, ...]


def load_demo(
    session: Session, *, password: str, now: datetime, on_progress: Progress | None = None
) -> DemoResult:
    """Add the demonstration records that are not there yet; the caller commits.

    Everything is marked as demonstration. `on_progress` is told steps done and steps in all.
    Raises SeedError for a faulty file and InvalidError for a password that is too short.
    """
    demo = read_demo()
    load_vocabularies(session, now=now)
    begun = now - _BEGIN
    organisations, new_organisations = load_organisations(session, demo, now=begun)
    experts, new_experts = load_experts(session, demo, organisations, now=begun)
    members, new_members = _load_accounts(session, demo, organisations, password, now=begun)
    if new_organisations:
        curators = [m for m in members.values() if m.role is Role.CURATOR]
        load_relations(session, demo, organisations, curators[0] if curators else None, now=begun)
    new = [r for r in demo.records.values() if not _is_there(session, r)]
    cast = _Cast(session, demo, organisations, experts, members)
    _play(cast, events(demo, new, now), now, on_progress)
    counts = {
        "organisations": new_organisations,
        "experts": new_experts,
        "accounts": new_members,
        "needs": sum(isinstance(r.draft, NeedDraft) for r in new),
        "solutions": sum(isinstance(r.draft, SolutionDraft) for r in new),
    }
    if any(counts.values()):
        audit.record(session, "seed.demo", now=now, actor_id=None, detail=counts)
    return DemoResult(counts, tuple(members))


class _Cast:
    """Who plays: the organisations, their stand-in members, the curator."""

    def __init__(
        self,
        session: Session,
        demo: DemoFiles,
        organisations: dict[str, Organisation],
        experts: dict[str, Expert],
        members: dict[str, Member],
    ) -> None:
        self.session = session
        self.demo = demo
        self.organisations = organisations
        self.experts = experts
        curators = [m for m in members.values() if m.role is Role.CURATOR]
        if not curators:
            raise SeedError("accounts.toml", "accounts", "role", "no curator to publish records")
        self.curator = curators[0]
        owners = {m.organisation_id: m for m in members.values()}
        # Most demonstration organisations have nobody who signs in: a member who is never
        # saved stands in for them, and their records name no author.
        self.authors = {
            key: owners.get(o.id) or Member(role=Role.MEMBER, organisation_id=o.id)
            for key, o in organisations.items()
        }
        self.made: dict[str, Need | Solution] = {}

    def play(self, event: Event, now: datetime) -> None:
        seed, author = event.record, self.authors[event.record.org]
        if event.status is RecordStatus.PUBLISHED:
            reviews.review(
                self.session, self.made[seed.key], self.curator, ReviewAction.PUBLISH, now=event.at
            )
        elif event.status is RecordStatus.WITHDRAWN:
            records.withdraw(self.session, self.made[seed.key], author, now=event.at)
        else:
            submit = event.status is RecordStatus.SUBMITTED
            self.made[seed.key] = self._post(seed, author, submit=submit, at=event.at, now=now)

    def _post(
        self, seed: SeedRecord, author: Member, *, submit: bool, at: datetime, now: datetime
    ) -> Need | Solution:
        draft = seed.draft_on(now.astimezone(clocks.LOCAL).date())
        key = source_of(seed.key)
        excluded = excluded_by(self.demo, self.organisations, seed.key)
        if isinstance(draft, NeedDraft):
            return records.post_need(
                self.session, author, draft, key=key, submit=submit, now=at, excluded=excluded
            )
        ids = tuple(self.experts[expert].public_id for expert in draft.experts)
        draft = dataclasses.replace(draft, experts=ids)
        return records.post_solution(
            self.session, author, draft, key=key, submit=submit, now=at, excluded=excluded
        )


def _play(cast: _Cast, story: list[Event], now: datetime, on_progress: Progress | None) -> None:
    for done, event in enumerate(story, start=1):
        cast.play(event, now)
        if on_progress:
            on_progress(done, len(story))
    cast.session.flush()
    last = {event.record.key: event.at for event in story}
    for key, record in cast.made.items():
        table = type(record)
        # Said in plain SQL: the ORM would stamp the row with the time of loading.
        cast.session.execute(
            update(table).where(table.id == record.id).values(is_demo=True, updated_at=last[key]),
            execution_options={"synchronize_session": "fetch"},
        )
    cast.session.execute(
        update(Notice)
        .where(
            Notice.record_public_id.in_([record.public_id for record in cast.made.values()]),
            Notice.made_at < now - _FRESH,
        )
        .values(read_at=Notice.made_at)
    )


def _is_there(session: Session, record: SeedRecord) -> bool:
    table: type[Need | Solution] = Need if isinstance(record.draft, NeedDraft) else Solution
    query = select(func.count()).where(table.submission_key == source_of(record.key))
    return bool(session.scalar(query))


def _load_accounts(
    session: Session, demo: DemoFiles, organisations: dict[str, Organisation], password: str,
    *, now: datetime,
) -> tuple[dict[str, Member], int]:  # fmt: skip
    """The members by e-mail, and how many are new; one that is there keeps its password."""
    found, added = {}, 0
    for seed in demo.accounts:
        member = desk.member_by_email(session, seed.email)
        if member is None:
            member = accounts.add_member(
                session, email=seed.email, name=seed.name, password=password, role=seed.role,
                organisation=organisations[seed.org] if seed.org else None, now=now,
            )  # fmt: skip
            member.locale = seed.locale
            member.created_at = now
            added += 1
        found[seed.email] = member
    session.flush()
    return found, added
