"""SentenceEncoder: with a stand-in for the library and, where it is installed, the real one."""

import importlib.util
import logging
import shutil
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings import BundledEncoder, ModelNotFoundError, Role, SentenceEncoder
from embeddings.unpack import unpack

Prompts = dict[str, str | None]
HAS_LIBRARY = importlib.util.find_spec("sentence_transformers") is not None


class FakeModel:
    """Keeps what it was asked, and answers by the length of what it read."""

    prompts: Prompts

    def __init__(self, name: str, **options: object) -> None:
        logger = logging.getLogger("transformers.tokenization_utils_tokenizers")
        logger.warning("The tokenizer you are loading has an incorrect regex pattern: obey!")
        logger.warning("something true")
        if name == "broken":
            raise OSError("no file named model.safetensors")
        self.options = options
        self.asked: list[tuple[str, list[str]]] = []

    def float(self) -> "FakeModel":
        return self

    def eval(self) -> "FakeModel":
        return self

    def encode_query(self, texts: list[str], **options: object) -> np.ndarray:
        return self._encode("query", texts, **options)

    def encode_document(self, texts: list[str], **options: object) -> np.ndarray:
        return self._encode("document", texts, **options)

    def _encode(self, path: str, texts: list[str], *, prompt: str, **options: object) -> np.ndarray:
        assert options["normalize_embeddings"] is True
        self.asked.append((path, [prompt + text for text in texts]))
        return np.eye(5)[[len(text) % 5 for text in texts]]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Callable[[Prompts], None]:
    def install(prompts: Prompts) -> None:
        fake = types.ModuleType("sentence_transformers")
        model = type("Model", (FakeModel,), {"prompts": prompts})
        fake.SentenceTransformer = model  # type: ignore[attr-defined]
        quiet = types.ModuleType("transformers.utils.logging")
        quiet.disable_progress_bar = lambda: None  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "sentence_transformers", fake)
        monkeypatch.setitem(sys.modules, "transformers.utils.logging", quiet)
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    return install


@pytest.mark.parametrize(
    ("prompts", "query", "document"),
    [
        ({}, "", ""),
        ({"query": None, "document": None}, "", ""),
        ({"query": "query: ", "document": "passage: "}, "query: ", "passage: "),
        ({"query": "q: ", "document": "", "passage": "p: "}, "q: ", "p: "),
    ],
)
def test_sentence_encoder_uses_the_models_own_prompts(
    library: Callable[[Prompts], None],
    tmp_path: Path,
    prompts: Prompts,
    query: str,
    document: str,
) -> None:
    library(prompts)
    encoder = SentenceEncoder("a-model", data_dir=tmp_path)
    rows = encoder.encode(["máy\x00", " sấy  lúa "], role=Role.QUERY)
    encoder.encode(["kho"], role=Role.DOCUMENT)
    assert rows.dtype == np.float32
    assert rows.argmax(axis=1).tolist() == [3, 2]
    assert encoder._model.asked == [
        ("query", [query + "máy", query + "sấy lúa"]),
        ("document", [document + "kho"]),
    ]
    assert encoder.dim == 5
    assert encoder.encode([], role=Role.QUERY).shape == (0, 5)


@pytest.mark.parametrize("allowed", [False, True])
def test_sentence_encoder_downloads_only_when_allowed(
    library: Callable[[Prompts], None], tmp_path: Path, allowed: bool
) -> None:
    library({})
    encoder = SentenceEncoder("a-model", data_dir=tmp_path, allow_download=allowed)
    assert encoder._model.options == {
        "cache_folder": str(tmp_path / "models" / "hub"),
        "local_files_only": not allowed,
    }


def test_sentence_encoder_silences_only_the_false_alarm(
    library: Callable[[Prompts], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library({})
    SentenceEncoder("a-model", data_dir=tmp_path).encode(["a"], role=Role.QUERY)
    assert caplog.messages == ["something true"]


def test_sentence_encoder_names_a_broken_model(
    library: Callable[[Prompts], None], tmp_path: Path
) -> None:
    library({})
    with pytest.raises(ModelNotFoundError, match=r"'broken'.*no file named"):
        SentenceEncoder("broken", data_dir=tmp_path).encode(["a"], role=Role.QUERY)


def test_sentence_encoder_fingerprint_follows_the_files(
    library: Callable[[Prompts], None], tmp_path: Path
) -> None:
    model = tmp_path / "model"
    (model / "1_Pooling").mkdir(parents=True)
    (model / "model.safetensors").write_bytes(b"weights")

    def fingerprint() -> str:
        return SentenceEncoder(model, data_dir=tmp_path).fingerprint

    library({})
    prints = [fingerprint()]
    (model / "README.md").write_text("says nothing about vectors")
    assert fingerprint() == prints[0]
    (model / "model.safetensors").write_bytes(b"weightz")
    prints.append(fingerprint())
    (model / "1_Pooling" / "config.json").write_text("{}")
    prints.append(fingerprint())
    library({"query": "query: "})
    prints.append(fingerprint())
    assert len(set(prints)) == 4
    # The same files elsewhere are the same model.
    moved = model.rename(tmp_path / "moved")
    assert SentenceEncoder(moved, data_dir=tmp_path).fingerprint == prints[-1]


@pytest.mark.parametrize("name", ["/no/such/directory", "./nor/this", "../nor/that"])
def test_missing_directory_is_named(tmp_path: Path, name: str) -> None:
    encoder = SentenceEncoder(name, data_dir=tmp_path)
    for use in (
        lambda: encoder.encode(["a"], role=Role.QUERY),
        lambda: encoder.dim,
        lambda: encoder.fingerprint,
    ):
        with pytest.raises(ModelNotFoundError, match="no such directory"):
            use()


@pytest.mark.skipif(HAS_LIBRARY, reason="sentence-transformers is installed")
def test_missing_library_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="needs torch and sentence-transformers"):
        SentenceEncoder("a-model", data_dir=tmp_path).encode(["a"], role=Role.QUERY)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SentenceEncoder]:
    directory = tmp_path_factory.mktemp("unpacked") / "e5"
    unpack(directory)
    yield SentenceEncoder(directory, data_dir=directory.parent)
    shutil.rmtree(directory)  # pytest would keep three of them, each 479 MB


@pytest.mark.slow
@pytest.mark.skipif(not HAS_LIBRARY, reason="needs torch and sentence-transformers")
@pytest.mark.filterwarnings("default")
class TestRealLibrary:
    @pytest.mark.parametrize("role", list(Role))
    def test_unpacked_model_is_the_bundled_one(
        self, unpacked: SentenceEncoder, bundled: BundledEncoder, needs: list[str], role: Role
    ) -> None:
        texts = [*needs, "", "ngắn", " ".join(needs * 8)]
        rows = unpacked.encode(texts, role=role)
        assert (rows * bundled.encode(texts, role=role)).sum(axis=1).min() >= 0.999
        # One by one is slow: every fourth, and the longest, which pads all the others.
        few = [*range(0, len(texts), 4), len(texts) - 1]
        alone = np.concatenate([unpacked.encode([texts[at]], role=role) for at in few])
        assert (rows[few] * alone).sum(axis=1).min() >= 0.9999
        assert (unpacked.dim, rows.shape) == (384, (len(texts), 384))
        assert unpacked.fingerprint != bundled.fingerprint

    def test_absent_model_is_not_fetched(self, tmp_path: Path) -> None:
        for name in ("no-such-model", "nobody/no-such-model"):
            encoder = SentenceEncoder(name, data_dir=tmp_path)
            with pytest.raises(ModelNotFoundError, match=name):
                encoder.encode(["a"], role=Role.QUERY)

    def test_empty_directory_is_no_model(self, tmp_path: Path) -> None:
        with pytest.raises(ModelNotFoundError):
            _ = SentenceEncoder(tmp_path, data_dir=tmp_path).dim
