"""Changing over to another model from the command line."""

import pytest
from sqlalchemy import Engine, update

from matchmaker.models import Embedding, IndexModel
from matchmaker.models.database import reading, writing
from matchmaker.services import indexing, reembedding
from tests.cli.conftest import Run, Shop
from tests.conftest import NOON

GONE = "st:/nowhere/at-all"
WHOLE = "missing 0, extra 0, stale 0, waiting 0\n"


@pytest.fixture
def foreign(shop: Shop, engine: Engine) -> None:
    """The index was made by a model that is no longer there."""
    with writing(engine) as session:
        session.execute(update(Embedding).values(fingerprint="gone"))
        session.execute(update(IndexModel).values(fingerprint="gone", opener=GONE))


def test_model_in_use_is_told_and_not_made_again(run: Run, shop: Shop) -> None:
    assert run("index", "progress").output == "searched by the model of the settings\n"

    answer = run("index", "reembed")

    assert answer.exit_code == 0
    assert answer.stderr == "The index is searched by hashing already.\n"


def test_words_alone_until_the_index_is_changed_over(
    run: Run, shop: Shop, engine: Engine, foreign: None
) -> None:
    assert run("index", "progress").output == f"searched by {GONE}\n"
    once = run("worker", "--once")
    assert "only words are searched by; to change over: matchmaker index reembed" in once.stderr
    assert once.exit_code == 0

    answer = run("index", "reembed")

    assert answer.exit_code == 0, answer.output
    assert run("index", "progress").output == "searched by hashing\n"
    assert run("index", "verify").output == WHOLE
    assert run("worker", "--once").stderr == ""


def test_left_to_the_workers_they_do_it(run: Run, shop: Shop, foreign: None) -> None:
    assert run("index", "reembed", "--later").exit_code == 0

    told = run("index", "progress").output
    assert told.startswith(f"searched by {GONE}\nto hashing: 0 of 6 records, 0 a minute")
    assert "A change of model is going on" in run("worker", "--once").stderr

    assert run("index", "progress").output == "searched by hashing\n"
    assert run("index", "verify").output == WHOLE


def test_a_model_that_is_not_there_is_refused_before_anything_begins(run: Run, shop: Shop) -> None:
    answer = run("index", "reembed", "--to", GONE)

    assert answer.exit_code == 1
    assert "no such directory" in answer.stderr
    assert run("index", "progress").output == "searched by the model of the settings\n"


def test_a_change_that_is_stuck_says_so_and_can_be_stopped(
    run: Run, shop: Shop, engine: Engine
) -> None:
    with writing(engine) as session:
        reembedding.begin(session, GONE, now=NOON)

    assert run("worker", "--once").exit_code == 0

    told = run("index", "progress").output
    assert f"to {GONE}: 0 of 6 records, 0 a minute, cannot be opened" in told
    assert run("index", "reembed", "--stop").stderr == "Stopped.\n"
    assert run("index", "reembed", "--stop").stderr == "No change was going on.\n"
    assert run("index", "verify").output == WHOLE
    with reading(engine) as session:
        assert indexing.pending(session) == 0
