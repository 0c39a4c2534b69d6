"""The commands that work in the background, as a service manager runs and stops them."""

import os
import socket
import subprocess
import sys

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matchmaker.config import Settings
from matchmaker.models import Embedding, IndexTask, JobRun, Member
from tests.jobs.conftest import ROOT, wait_for
from tests.web.people import MakeSolution


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.mark.parametrize(
    "words", [("worker",), ("serve", "--port", "")], ids=lambda words: words[0]
)
def test_it_works_until_it_is_asked_to_stop_and_leaves_nothing_in_its_hands(
    settings: Settings, engine: Engine, session: Session, bob: Member, carol: Member,
    make_solution: MakeSolution, words: tuple[str, ...],
) -> None:  # fmt: skip
    made = make_solution(bob, curator=carol)
    session.close()
    own = {
        "MATCHMAKER_MODEL": "hashing",
        "MATCHMAKER_DATA_DIR": str(settings.data_dir),
        "PYTHONPATH": str(ROOT),
    }

    def is_indexed() -> bool:
        session.rollback()
        return made.id in session.scalars(select(Embedding.record_id)).all()

    command = [sys.executable, "-m", "matchmaker", *(word or free_port() for word in words)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, env=os.environ | own, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        while "stop with Ctrl-C" not in (line := process.stderr.readline()):
            assert line, "it ended before it was at work"
        wait_for(is_indexed, "it does nothing")
        process.terminate()
        _, told = process.communicate(timeout=60)

    assert process.returncode == 0, told
    assert "Traceback" not in told
    session.rollback()
    assert session.scalars(select(IndexTask).where(IndexTask.claimed_by != "")).all() == []
    assert session.scalars(select(JobRun).where(JobRun.claimed_until.is_not(None))).all() == []
