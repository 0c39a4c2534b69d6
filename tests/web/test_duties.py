"""The order of what the desk has to do."""

from datetime import date, timedelta

import pytest

from matchmaker.domain.vocabulary import RecordKind, WaitingFor
from matchmaker.web.duties import Agenda, Duty, agenda

TODAY = date(2026, 11, 27)


def duty(days: int | None, *waiting: WaitingFor, code: str = "NC-1") -> Duty:
    due = None if days is None else TODAY + timedelta(days=days)
    return Duty(RecordKind.NEED, "x", code, "Việc", "review", waiting, due)


@pytest.mark.parametrize(
    ("one", "group"),
    [
        (duty(-1, WaitingFor.OFFICER), "overdue"),
        (duty(-1, WaitingFor.NEED_OWNER), "overdue"),
        (duty(0, WaitingFor.OFFICER), "today"),
        (duty(None, WaitingFor.OFFICER), "today"),
        (duty(0, WaitingFor.NEED_OWNER), "others"),
        (duty(1, WaitingFor.OFFICER), "later"),
        (duty(1, WaitingFor.NEED_OWNER, WaitingFor.SOLUTION_OWNER), "others"),
    ],
)
def test_duty_stands_in_exactly_one_group(one: Duty, group: str) -> None:
    found = agenda([one], TODAY)

    assert {name: len(getattr(found, name)) for name in Agenda.__dataclass_fields__} == {
        name: int(name == group) for name in Agenda.__dataclass_fields__
    }


def test_duties_are_in_order_of_their_dates() -> None:
    late, later, latest = (duty(days, WaitingFor.OFFICER, code=f"NC-{days}") for days in (3, 5, 9))

    assert agenda([latest, late, later], TODAY).later == [late, later, latest]
