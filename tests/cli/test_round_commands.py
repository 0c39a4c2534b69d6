"""Planning from the command line."""

from datetime import date

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.domain.vocabulary import RoundKind
from matchmaker.models import Meeting, Member, Round
from matchmaker.services import rounds
from tests.cli.conftest import Run, Shop
from tests.conftest import NOON


def test_round_is_planned_and_listed(run: Run, shop: Shop, engine: Engine, carol: Member) -> None:
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        settings = RoundSettings(days=(date(2030, 12, 12),), floor=1)
        made = rounds.create(
            session, session.merge(carol), name="Ngày kết nối", kind=RoundKind.DAY, venue="",
            settings=settings, now=NOON,
        )  # fmt: skip
        code = made.code

    planned = run("round", "plan", code.lower())

    assert planned.exit_code == 0, planned.output
    assert f"{code}  optimal:" in planned.output
    with Session(engine) as session:
        meetings = session.scalars(select(Meeting)).all()
        assert {m.need_id for m in meetings} == {shop.need.id}
        count = len(meetings)
        assert session.scalars(select(Round)).one().state == "planned"
    assert f"{code}  planned" in run("round", "list").output
    assert f"{count:4d} meetings" in run("round", "list").output


def test_unknown_round_is_said_in_one_sentence(run: Run) -> None:
    answer = run("round", "plan", "DOT-2026-09999")

    assert answer.exit_code == 1
    assert "no round DOT-2026-09999" in answer.output
