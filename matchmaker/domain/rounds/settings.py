"""What a round is planned by: its days and hours, its tables, and the rules of the choice."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Self

from matchmaker.domain.errors import Problem
from matchmaker.domain.ranking.calibration import PLAUSIBLE

NAME_MAX = 120
VENUE_MAX = 200
#: Bounds of every figure. The product of the largest still plans on two cores.
DAYS_MAX, TABLES_MAX, SLOTS_MAX, MEETINGS_MAX = 12, 40, 160, 20
SLOT_MINUTES, BREAK_MINUTES = (10, 120), (0, 60)
_HOURS = ("opens", "closes", "pause_from", "pause_to")


@dataclass(frozen=True)
class Slot:
    """One time at which every table can hold a meeting; a sitting is a run without a pause."""

    number: int
    sitting: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class RoundSettings:
    """Everything a person can set about a round; the defaults suit a day of six tables."""

    days: tuple[date, ...] = ()
    opens: time = time(8, 0)
    closes: time = time(16, 30)
    pause_from: time = time(11, 30)
    pause_to: time = time(13, 30)
    slot_minutes: int = 25
    break_minutes: int = 5
    tables: int = 6
    #: Meetings of a need that has somebody to meet: at least, at most.
    need_least: int = 1
    need_most: int = 3
    solution_most: int = 3
    #: Meetings an organisation gives as provider; its own capacity may be less.
    organisation_most: int = 8
    #: The lowest probability of a meeting, in percent.
    floor: int = round(PLAUSIBLE * 100)
    #: Every newcomer's solution that is plausible for somebody gets a meeting.
    newcomers: bool = True
    #: Rules a person lifted for one need or solution: (rule, code).
    waived: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values to keep in a row and to hash."""
        values = asdict(self)
        values["days"] = [day.isoformat() for day in self.days]
        values |= {name: f"{values[name]:%H:%M}" for name in _HOURS}
        values["waived"] = sorted([rule, code] for rule, code in self.waived)
        return values

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """The settings a row keeps."""
        read = dict(values)
        read["days"] = tuple(date.fromisoformat(day) for day in values["days"])
        read |= {name: time.fromisoformat(values[name]) for name in _HOURS}
        read["waived"] = tuple((rule, code) for rule, code in values["waived"])
        return cls(**read)

    def without(self, rules: Iterable[tuple[str, str]]) -> Self:
        """The same with these rules lifted too."""
        return replace(self, waived=tuple(sorted({*self.waived, *rules})))

    def problems(self, today: date | None = None) -> list[Problem]:
        """What keeps a round from being planned; `today` also refuses days gone by."""
        found = [
            *_between("slot_minutes", self.slot_minutes, *SLOT_MINUTES),
            *_between("break_minutes", self.break_minutes, *BREAK_MINUTES),
            *_between("tables", self.tables, 1, TABLES_MAX),
            *_between("need_least", self.need_least, 0, MEETINGS_MAX),
            *_between("need_most", self.need_most, 1, MEETINGS_MAX),
            *_between("solution_most", self.solution_most, 1, MEETINGS_MAX),
            *_between("organisation_most", self.organisation_most, 1, SLOTS_MAX),
            *_between("floor", self.floor, 1, 99),
        ]
        if not self.days:
            found.append(Problem("days", "required"))
        elif len(self.days) > DAYS_MAX:
            found.append(Problem("days", "too_many", {"most": DAYS_MAX}))
        elif today and min(self.days) < today:
            found.append(Problem("days", "in_the_past"))
        if self.need_least > self.need_most:
            found.append(Problem("need_most", "below_lower"))
        if not self.opens <= self.pause_from <= self.pause_to <= self.closes:
            found.append(Problem("closes", "hours_order"))
        if not found:
            slots = len(self.slots(UTC))
            if not slots:
                found.append(Problem("closes", "no_slot"))
            elif slots > SLOTS_MAX:
                found.append(Problem("slot_minutes", "too_many_slots", {"most": SLOTS_MAX}))
        return found

    def slots(self, zone: tzinfo) -> tuple[Slot, ...]:
        """Every slot in order of time, in UTC; `zone` is that of the hours typed."""
        found: list[Slot] = []
        sitting = 0
        step = timedelta(minutes=self.slot_minutes)
        for day in sorted(set(self.days)):
            for opens, closes in ((self.opens, self.pause_from), (self.pause_to, self.closes)):
                at = datetime.combine(day, opens, zone)
                end = datetime.combine(day, closes, zone)
                while at + step <= end:
                    found.append(
                        Slot(len(found), sitting, at.astimezone(UTC), (at + step).astimezone(UTC))
                    )
                    at += step + timedelta(minutes=self.break_minutes)
                sitting += 1
        return tuple(found)


def _between(field: str, value: int, low: int, high: int) -> list[Problem]:
    return (
        [] if low <= value <= high else [Problem(field, "out_of_range", {"low": low, "high": high})]
    )
