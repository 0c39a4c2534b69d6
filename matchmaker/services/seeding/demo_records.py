"""What the demonstration files hold, as plain values: drafts like those that forms make."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from matchmaker.domain.drafts import ExpertDraft, NeedDraft, OrganisationDraft, SolutionDraft
from matchmaker.domain.vocabulary import Language, RecordStatus, RelationKind, Role, Ruling


@dataclass(frozen=True)
class SeedOrganisation:
    key: str
    draft: OrganisationDraft


@dataclass(frozen=True)
class SeedExpert:
    key: str
    org: str
    draft: ExpertDraft


@dataclass(frozen=True)
class SeedRecord:
    """A need or a solution; `experts` of a solution's draft are keys until it is loaded."""

    key: str
    org: str
    draft: NeedDraft | SolutionDraft
    status: RecordStatus
    #: Days from the day of loading; a solution has no day for interest.
    interest_days: int | None
    valid_days: int

    def draft_on(self, today: date) -> NeedDraft | SolutionDraft:
        """The draft with its days counted from `today`."""
        until = today + timedelta(days=self.valid_days)
        if isinstance(self.draft, SolutionDraft) or self.interest_days is None:
            return dataclasses.replace(self.draft, valid_until=until)
        interest = today + timedelta(days=self.interest_days)
        return dataclasses.replace(self.draft, valid_until=until, interest_until=interest)


@dataclass(frozen=True)
class SeedAccount:
    email: str
    name: str
    role: Role
    locale: Language
    org: str | None


@dataclass(frozen=True)
class SeedRelation:
    """What `other` is to `org`, as an officer noted it."""

    org: str
    other: str
    kind: RelationKind
    note: str


@dataclass(frozen=True)
class SeedExclusion:
    """Organisations that the owner of a need or a solution does not want it brought to."""

    record: str
    orgs: tuple[str, ...]


@dataclass(frozen=True)
class SeedPlacing:
    """A solution that the curator pinned or hid in a need's list."""

    need: str
    solution: str
    ruling: Ruling
    note: str


@dataclass(frozen=True)
class DemoFiles:
    """Everything of the demo, by key."""

    organisations: Mapping[str, SeedOrganisation]
    experts: Mapping[str, SeedExpert]
    records: Mapping[str, SeedRecord]
    accounts: tuple[SeedAccount, ...]
    relations: tuple[SeedRelation, ...] = ()
    exclusions: tuple[SeedExclusion, ...] = ()
    placings: tuple[SeedPlacing, ...] = ()

    @property
    def needs(self) -> list[SeedRecord]:
        return [r for r in self.records.values() if isinstance(r.draft, NeedDraft)]

    @property
    def solutions(self) -> list[SeedRecord]:
        return [r for r in self.records.values() if isinstance(r.draft, SolutionDraft)]
