import json
import os
from pathlib import Path

import numpy as np
import pytest
from tiny_model import write_tiny_model
from tokenizers import Tokenizer

from embeddings import ModelStoreError, WeightsError
from embeddings.tokenizer import build_tokenizer
from embeddings.unpack import unpack
from embeddings.weights import read_weights


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "tiny.bin")


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__")
    assert start % 8 == 0
    assert max(entry["data_offsets"][1] for entry in header.values()) == len(content) - start
    return {
        name: np.frombuffer(content[start:][slice(*entry["data_offsets"])], "<f4").reshape(
            entry["shape"]
        )
        for name, entry in header.items()
    }


def test_unpack_writes_every_weight(tmp_path: Path, source: Path) -> None:
    unpack(tmp_path / "model", weights=source)
    weights = read_weights(source)
    found = read_safetensors(tmp_path / "model" / "model.safetensors")
    assert len(found) == 7 + 2 * 16
    np.testing.assert_array_equal(
        found["encoder.layer.1.output.dense.weight"], weights.matrix("l1.fo.w", 64, 128)
    )
    np.testing.assert_array_equal(
        found["encoder.layer.0.attention.output.LayerNorm.bias"], weights.plain("l0.aln.b", 64)
    )
    assert found["embeddings.word_embeddings.weight"].shape == (len(weights.pieces), 64)


def test_unpack_describes_the_model(tmp_path: Path, source: Path) -> None:
    unpack(tmp_path / "model", weights=source)
    described = {path.name: path for path in (tmp_path / "model").iterdir()}
    config = json.loads(described["config.json"].read_text())
    assert (config["model_type"], config["num_hidden_layers"]) == ("bert", 2)
    assert json.loads(described["config_sentence_transformers.json"].read_text())["prompts"] == {
        "query": "query: ",
        "document": "passage: ",
    }
    tokenizer = Tokenizer.from_file(str(described["tokenizer.json"]))
    expected = build_tokenizer(read_weights(source)).encode("máy abc").ids
    assert tokenizer.encode("máy abc").ids == expected


def test_unpack_takes_an_empty_directory_and_no_other(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "model"
    target.mkdir()
    unpack(target, weights=source)
    before = {path.name for path in target.iterdir()}
    for taken in (target, source):
        with pytest.raises(ModelStoreError, match="not an empty directory"):
            unpack(taken, weights=source)
    assert {path.name for path in target.iterdir()} == before


def test_unpack_refuses_damaged_weights(tmp_path: Path, source: Path) -> None:
    source.write_bytes(source.read_bytes()[:-1])
    with pytest.raises(WeightsError):
        unpack(tmp_path / "model", weights=source)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.bin"]


@pytest.mark.parametrize("turn", [0, 3, 9])
def test_failed_unpack_leaves_nothing(
    tmp_path: Path, source: Path, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, real = iter(range(1_000)), os.write

    def fail_in_turn(descriptor: int, content: memoryview) -> int:
        if next(calls) == turn:
            raise OSError(28, "No space left on device")
        return real(descriptor, content)

    monkeypatch.setattr(os, "write", fail_in_turn)
    with pytest.raises(ModelStoreError, match="No space"):
        unpack(tmp_path / "model", weights=source)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.bin"]
    unpack(tmp_path / "model", weights=source)
