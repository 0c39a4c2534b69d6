"""When the demonstration records were posted and answered, so that the lists look lived in."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from matchmaker.domain.vocabulary import RecordStatus
from matchmaker.services import clocks
from matchmaker.services.seeding.demo_records import DemoFiles, SeedRecord

#: The records are spread over so many days before the day of loading.
SPAN_DAYS = 40
_OFFICE_OPENS, _OFFICE_MINUTES = time(8), 9 * 60


@dataclass(frozen=True)
class Event:
    """Something that happened to a record on its way to the state it has in the file."""

    at: datetime
    status: RecordStatus
    record: SeedRecord


def events(demo: DemoFiles, new: list[SeedRecord], now: datetime) -> list[Event]:
    """Everything that happens to the new records, in order of time."""
    return sorted(_lives(demo, new, now), key=lambda event: event.at)


def _lives(demo: DemoFiles, new: list[SeedRecord], now: datetime) -> Iterator[Event]:
    """The life of each new record: posted and answered in the past, or waiting since today."""
    # The order is that of a hash, so that the topics of the files come mixed.
    everything = sorted(demo.records.values(), key=lambda r: _number(r.key))
    places = {r.key: i / len(everything) for i, r in enumerate(everything)}
    waiting = {RecordStatus.DRAFT, RecordStatus.SUBMITTED}
    for index, record in enumerate(new):
        if record.status in waiting:
            yield Event(now - timedelta(minutes=40 * (index % 5 + 1)), record.status, record)
            continue
        # Two days at least: one to be answered in, one for the sun to come up.
        age = SPAN_DAYS - int(places[record.key] * (SPAN_DAYS - 1))
        if record.status is RecordStatus.WITHDRAWN:
            age = SPAN_DAYS
        posted = _in_office(now, age, record.key)
        answered = _in_office(now, age - 1, record.key + "!")
        yield Event(posted, RecordStatus.SUBMITTED, record)
        yield Event(answered, RecordStatus.PUBLISHED, record)
        if record.status is RecordStatus.WITHDRAWN:
            yield Event(_in_office(now, age - 9, record.key), RecordStatus.WITHDRAWN, record)


def _in_office(now: datetime, days_ago: int, key: str) -> datetime:
    """Some minute of the working day so many days ago."""
    day = now.astimezone(clocks.LOCAL).date() - timedelta(days=days_ago)
    opens = datetime.combine(day, _OFFICE_OPENS, clocks.LOCAL)
    return (opens + timedelta(minutes=_number(key) % _OFFICE_MINUTES)).astimezone(UTC)


def _number(key: str) -> int:
    return int(hashlib.sha256(key.encode()).hexdigest(), 16)
