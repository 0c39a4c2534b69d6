"""Real worker processes, on either database."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from matchmaker.config import Settings

ROOT = Path(__file__).parents[2]


class Crew:
    """Workers in processes of their own; all of them are dead when the test is over."""

    def __init__(self, server: "subprocess.Popen[str]", url: str, place: Path) -> None:
        self._server = server
        self._url = url
        self.place = place
        self._log = place / "encoded"
        self.alive: list[int] = []

    def hire(self) -> int:
        """One more worker; returns the number of its process."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(f"{json.dumps([self._url, str(self.place)])}\n")
        self._server.stdin.flush()
        self.alive.append(pid := int(self._server.stdout.readline()))
        return pid

    def kill(self, pid: int) -> None:
        self._end(pid, signal.SIGKILL)

    def dismiss(self, pid: int) -> None:
        """Ask a worker to stop, and wait until it has."""
        self._end(pid, signal.SIGTERM)

    def encoded(self) -> list[str]:
        """The texts encoded by any of them, with the model's width before each."""
        return self._log.read_text().splitlines() if self._log.exists() else []

    def _end(self, pid: int, number: signal.Signals) -> None:
        os.kill(pid, number)
        self.alive.remove(pid)
        wait_for(lambda: not Path(f"/proc/{pid}").exists(), f"process {pid} is still there")


@pytest.fixture(scope="session")
def office() -> "Iterator[subprocess.Popen[str]]":
    """The process that forks workers; it reads all modules once for all tests."""
    line = [sys.executable, "-m", "tests.jobs.crew"]
    with subprocess.Popen(  # noqa: S603 - our own command
        line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    ) as server:  # fmt: skip
        yield server


@pytest.fixture
def crew(settings: Settings, office: "subprocess.Popen[str]") -> Iterator[Crew]:
    crew = Crew(office, settings.url, settings.data_dir)
    try:
        yield crew
    finally:
        for pid in list(crew.alive):
            crew.kill(pid)


def wait_for(holds: Callable[[], bool], otherwise: str, seconds: float = 60) -> None:
    """Look again and again until something holds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, otherwise
        time.sleep(0.02)
