"""A short real training: pairs come nearer, and the result is a model of its own."""

from pathlib import Path

import numpy as np
import pytest
from tiny_model import write_tiny_model

from embeddings import ModelStoreError, Role, SentenceEncoder, load_encoder
from embeddings.tune import Pair, tune
from embeddings.unpack import unpack

pytest.importorskip("sentence_transformers")
pytestmark = pytest.mark.slow

PAIRS = [
    Pair("abc", "xyz", ("mno",)), Pair("def", "uvw"), Pair("ghi", "rst"), Pair("jkl", "opq"),
]  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tune")
    unpack(folder / "base", weights=write_tiny_model(folder / "tiny.bin"))
    return folder / "base"


def right_first(encoder: object, pairs: list[Pair]) -> float:
    """The share of questions whose own answer is the nearest."""
    asked = encoder.encode([p.question for p in pairs], role=Role.QUERY)  # type: ignore[attr-defined]
    told = encoder.encode([p.answer for p in pairs], role=Role.DOCUMENT)  # type: ignore[attr-defined]
    return float((np.argmax(asked @ told.T, axis=1) == np.arange(len(pairs))).mean())


def test_training_brings_pairs_together_and_makes_a_model_of_its_own(
    base: Path, tmp_path: Path
) -> None:
    before = SentenceEncoder(base, data_dir=tmp_path, threads=1)
    first = right_first(before, PAIRS)
    result = tmp_path / "models" / "tuned"

    tune(
        SentenceEncoder(base, data_dir=tmp_path, threads=1), PAIRS, result, epochs=60, batch=4,
        rate=3e-3,
    )  # fmt: skip

    after = load_encoder(f"st:{result}", data_dir=tmp_path, threads=1)
    assert right_first(after, PAIRS) == 1.0 > first
    assert after.fingerprint != before.fingerprint
    with pytest.raises(ModelStoreError, match="is there already"):
        tune(SentenceEncoder(base, data_dir=tmp_path), PAIRS, result)


def test_one_pair_has_nothing_to_be_told_from(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least two"):
        tune(SentenceEncoder(base, data_dir=tmp_path), PAIRS[:1], tmp_path / "tuned")
