"""Settings of a round: slots on the wall clock, problems, and values that keep."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.services.clocks import LOCAL

DAY = RoundSettings(days=(date(2026, 12, 12),))


def test_slots_leave_the_midday_break_free_and_are_in_utc() -> None:
    slots = DAY.slots(LOCAL)

    assert slots[0].starts == datetime(2026, 12, 12, 1, 0, tzinfo=UTC)
    assert len(slots) == 13
    assert all(slot.ends - slot.starts == timedelta(minutes=25) for slot in slots)
    at_noon = [s for s in slots if time(11, 30) < s.ends.astimezone(LOCAL).time() < time(13, 30)]
    assert at_noon == []
    assert {slot.sitting for slot in slots} == {0, 1}


@given(
    st.integers(10, 120), st.integers(0, 60), st.integers(1, 12),
    st.lists(st.integers(0, 40), min_size=1, max_size=4),
)  # fmt: skip
def test_slots_never_overlap(minutes: int, pause: int, hours: int, days: list[int]) -> None:
    settings = RoundSettings(
        days=tuple(date(2026, 12, 1) + timedelta(days=d) for d in days),
        opens=time(6), pause_from=time(6 + hours // 2), pause_to=time(6 + hours // 2),
        closes=time(6 + hours), slot_minutes=minutes, break_minutes=pause,
    )  # fmt: skip

    slots = settings.slots(LOCAL)

    assert all(a.ends <= b.starts for a, b in zip(slots, slots[1:], strict=False))
    assert [slot.number for slot in slots] == list(range(len(slots)))


def test_settings_come_back_from_a_row_as_they_were() -> None:
    settings = replace(DAY, floor=70).without([("need_least", "NC-2026-00001")])

    assert RoundSettings.of(settings.as_json()) == settings


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"days": ()}, "days", "required"),
        ({"days": (date(2026, 11, 1),)}, "days", "in_the_past"),
        ({"days": tuple(date(2026, 12, d) for d in range(1, 20))}, "days", "too_many"),
        ({"tables": 0}, "tables", "out_of_range"),
        ({"need_least": 3, "need_most": 2}, "need_most", "below_lower"),
        ({"closes": time(7)}, "closes", "hours_order"),
        ({"closes": time(13, 40), "pause_from": time(8, 5)}, "closes", "no_slot"),
        ({"days": tuple(date(2026, 12, d) for d in range(1, 13)), "slot_minutes": 10,
          "break_minutes": 0}, "slot_minutes", "too_many_slots"),
        ({"floor": 0}, "floor", "out_of_range"),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_told_at_its_field(
    changes: dict[str, object], field: str, code: str
) -> None:
    problems = replace(DAY, **changes).problems(date(2026, 11, 28))  # type: ignore[arg-type]

    assert [(p.field, p.code) for p in problems] == [(field, code)]


def test_the_defaults_can_be_planned() -> None:
    assert DAY.problems(date(2026, 12, 12)) == []
