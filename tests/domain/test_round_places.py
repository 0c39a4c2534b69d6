"""Free places of a round, on made-up timetables."""

from datetime import date, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.rounds.places import open_places
from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.services.clocks import LOCAL

SLOTS = RoundSettings(days=(date(2026, 12, 12),), closes=time(13, 30)).slots(LOCAL)
TABLES = 3
CELLS = [(slot.starts, table) for slot in SLOTS for table in range(1, TABLES + 1)]

Cell = tuple[datetime, int]


@given(
    held=st.sets(st.sampled_from(CELLS)),
    given_up=st.sets(st.sampled_from(CELLS)),
    busy=st.sets(st.sampled_from([slot.starts for slot in SLOTS])),
    table=st.integers(1, TABLES),
)
def test_places_are_free_and_every_free_time_is_offered_once(
    held: set[Cell], given_up: set[Cell], busy: set[datetime], table: int
) -> None:
    found = open_places(SLOTS, TABLES, busy=busy, held=held, given_up=given_up, table=table)

    starts = [place.slot.starts for place in found]
    assert starts == sorted(set(starts))
    assert not {(p.slot.starts, p.table) for p in found} & held
    full = {s.starts for s in SLOTS if all((s.starts, t) in held for t in range(1, TABLES + 1))}
    assert set(starts) == {slot.starts for slot in SLOTS} - busy - full
    for place in found:
        clean = [
            t for t in range(1, TABLES + 1) if (place.slot.starts, t) not in held | given_up
        ]  # fmt: skip
        assert place.table in clean or not clean
        assert place.table == table or table not in clean
