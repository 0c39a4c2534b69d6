"""Commands run as an administrator types them, on a small place of their own."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from matchmaker.cli import main
from matchmaker.config import Settings
from matchmaker.models import Member, Need, Solution
from matchmaker.services.catalogue import Catalogue
from tests.web.people import MakeNeed, MakeSolution

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests reaches the commands."""
    for name in [n for n in os.environ if n.startswith("MATCHMAKER_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def run(settings: Settings) -> Run:
    """Run a command; settings that differ are given by name: `run("db", "current", MODEL="x")`."""

    def run(*words: str, **changed: str) -> Result:
        values = {"DATA_DIR": str(settings.data_dir), "MODEL": "hashing"} | changed
        environ = {f"MATCHMAKER_{name}": value for name, value in values.items()}
        return CliRunner(env=environ).invoke(main, list(words))

    return run


@dataclass(frozen=True)
class Shop:
    """One need, and solutions from the nearest to the farthest."""

    need: Need
    near: Solution
    other: Solution
    far: Solution


@pytest.fixture
def shop(
    session: Session, engine: Engine, catalogue: Catalogue, alice: Member, bob: Member,
    carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> Shop:  # fmt: skip
    """A published need and three solutions, indexed; the database is let go."""
    need = make_need(alice, curator=carol)
    near = make_solution(bob, curator=carol)
    other = make_solution(
        bob, curator=carol, title="Máy phân loại màu hạt điều",
        summary="Phân loại nhân điều theo màu bằng máy ảnh.",
        description="Máy ảnh đếm nhân điều vỡ và thổi riêng từng hạt.",
    )  # fmt: skip
    far = make_solution(
        bob, curator=carol, title="Phần mềm quản lý lớp học",
        summary="Điểm danh và lịch học trực tuyến.",
        description="Phần mềm chạy trên điện thoại của giáo viên.",
        industries=("62",), fields=("102",),
    )  # fmt: skip
    catalogue.drain(engine)
    session.close()
    return Shop(need, near, other, far)
