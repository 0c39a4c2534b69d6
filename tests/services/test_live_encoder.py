"""A tuned encoder goes live: everything is embedded again, and two models never meet."""

import numpy as np
import pytest
from sqlalchemy import select

from embeddings import HashingEncoder
from embeddings.unpack import unpack
from matchmaker.domain.vocabulary import ModelKind, VersionReason, VersionState
from matchmaker.jobs.worker import Worker
from matchmaker.models import Embedding
from matchmaker.models.database import writing
from matchmaker.services import upkeep
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.learning import encoders, labels, versions
from matchmaker.services.learning.versions import Outcome
from tests.conftest import NOON
from tests.embeddings.tiny_model import write_tiny_model

TUNED = HashingEncoder(dim=64)


@pytest.fixture
def follower(settings):
    """A catalogue as the site has it: another model may take the encoder's place."""

    def make() -> Catalogue:
        return Catalogue(
            HashingEncoder(), settings.data_dir, opens={"tuned-x": TUNED}.__getitem__,
            opener="hashing",
        )  # fmt: skip

    return make


@pytest.fixture
def stocked(session, engine, follower, alice, bob, carol, make_need, make_solution):
    make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    follower().drain(engine)


def go_live(engine) -> None:
    outcome = Outcome(
        ModelKind.ENCODER, {"name": "tuned-x", "model": TUNED.fingerprint}, VersionState.LIVE,
        VersionReason.WON, 300, 300,
    )  # fmt: skip
    with writing(engine) as session:
        versions.keep(session, outcome, made_by=None, now=NOON)


def fingerprints(session) -> set[str]:
    session.rollback()
    return set(session.scalars(select(Embedding.fingerprint)))


def test_every_process_changes_over_and_all_records_are_embedded_again(
    stocked, session, engine, follower
):
    old, worker = follower(), Worker(engine, follower())
    old.catch_up(session)
    before = old.sizes()
    assert fingerprints(session) == {HashingEncoder().fingerprint}

    go_live(engine)
    while worker.step():
        pass

    assert fingerprints(session) == {TUNED.fingerprint}
    old.catch_up(session)
    assert old.encoder is TUNED
    assert old.sizes() == before
    assert upkeep.verify(session, old).is_whole

    with writing(engine) as own:
        versions.revert(own, ModelKind.ENCODER, by=None, now=NOON)
    while worker.step():
        pass

    assert fingerprints(session) == {HashingEncoder().fingerprint}
    old.catch_up(session)
    assert (old.encoder.dim, old.sizes()) == (256, before)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_tuned_encoder_without_a_sure_gain_leaves_nothing_on_the_disk(
    judged, session, engine, settings, tmp_path
):
    """A real training of a few weights; nothing tells it from the one in use on so few needs."""
    pytest.importorskip("sentence_transformers")
    unpack(tmp_path / "base", weights=write_tiny_model(tmp_path / "tiny.bin"))
    catalogue = Catalogue(HashingEncoder(), settings.data_dir)
    catalogue.drain(engine)
    found = labels.read(session)

    outcome = encoders.fine_tune(
        session, catalogue, found, setting=f"st:{tmp_path / 'base'}", threads=1
    )

    assert (outcome.state, outcome.reason) == (VersionState.REFUSED, VersionReason.NO_GAIN)
    assert 0 < outcome.payload["pairs"] < len(found.each)
    assert outcome.payload["model"] not in {"", catalogue.encoder.fingerprint}
    assert not encoders.folder(settings.data_dir, outcome.payload["name"]).exists()


def test_without_a_way_to_open_it_a_tuned_model_changes_nothing(stocked, session, engine, settings):
    plain = Catalogue(HashingEncoder(), settings.data_dir)
    go_live(engine)

    assert not plain.follow(session)
    assert plain.encoder.dim == 256
    assert np.isfinite(plain.ask("hạt điều").vectors).all()
