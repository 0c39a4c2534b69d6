"""The longest files first: with whole files dealt out, one that starts last holds all others up."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent
#: Files that take long for how many tests they hold, the longest first; the others keep their
#: order. The two that only wait for the demonstration stand after those that leave it the time.
FIRST = (
    "house/test_wheel.py",
    "models/test_migrations.py",
    "services/test_reembedding.py",
    "embeddings/test_sentence.py",
    "cli/test_demo.py",
    "browser/test_journey.py",
    "web/test_disclosure_canary.py",
    "services/test_indexing.py",
    "browser/test_drafts.py",
    "embeddings/test_bundled.py",
    "jobs/test_job_processes.py",
    "services/test_sharing.py",
)
_PLACE = {name: place for place, name in enumerate(FIRST)}


def pytest_configure(config: pytest.Config) -> None:
    """Have files dealt out in this order, not by how many tests each holds."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if not item.path.is_relative_to(ROOT):
        return len(FIRST)
    return _PLACE.get(item.path.relative_to(ROOT).as_posix(), len(FIRST))
