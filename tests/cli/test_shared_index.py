"""The index commands where PostgreSQL holds the shelves."""

import pytest
from sqlalchemy import Engine, select

from embeddings import HashingEncoder
from matchmaker.config import Settings
from matchmaker.models.database import writing
from matchmaker.search.shared import tables
from matchmaker.search.shared.tables import SHELF
from tests.cli.conftest import Run, Shop

pytestmark = pytest.mark.postgres


@pytest.fixture
def backend() -> str:
    """These tests are about PostgreSQL alone."""
    return "postgresql"


def test_verify_finds_what_is_wrong_and_rebuild_mends_it(
    run: Run, settings: Settings, engine: Engine, shop: Shop
) -> None:
    url = settings.url
    assert run("index", "verify", DATABASE_URL=url).stdout == (
        "missing 0, extra 0, stale 0, waiting 0\n"
    )
    with writing(engine) as session:
        number = session.scalar(
            select(SHELF.c.id).where(SHELF.c.kind == "solution", SHELF.c.level == 0)
        )
        assert number is not None
        entry = tables.of(number, HashingEncoder().dim).entry
        session.execute(entry.delete().where(entry.c.record_id == shop.near.id))
        session.execute(entry.update().where(entry.c.record_id == shop.far.id).values(change=0))
        session.execute(
            entry.update().where(entry.c.record_id == shop.other.id).values(record_id=999)
        )
    broken = run("index", "verify", DATABASE_URL=url)
    assert broken.exit_code == 1
    assert broken.stdout == "missing 2, extra 1, stale 1, waiting 0\n"

    rebuilt = run("index", "rebuild", DATABASE_URL=url)

    assert rebuilt.exit_code == 0, rebuilt.stderr
    assert "solution-0: 3\n" in rebuilt.stdout
    assert run("index", "verify", DATABASE_URL=url).exit_code == 0
    assert not list((settings.data_dir / "index").rglob("*"))  # no file holds any of it
