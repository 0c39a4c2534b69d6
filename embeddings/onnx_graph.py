"""Writes the packed model as one ONNX file: words stay in 4 bits, the layers are unpacked.

The words are four fifths of the model and only looked up. The matrices of the layers (85 MB) are
multiplied for every token: packed, each would be unpacked again for each batch, at half the speed.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, numpy_helper

from embeddings.model_store import INPUTS, OUTPUT
from embeddings.weights import BLOCK, Weights

_MICROSOFT: Final = "com.microsoft"
_OPSET: Final = 18
_IR_VERSION: Final = 9


def build_model(weights: Weights) -> bytes:
    """Return the ONNX file: token ids and mask (texts, tokens) in, unit rows (texts, dim) out.

    Raises WeightsError when a tensor is missing or of another size.
    """
    return bytes(_Graph(weights).model().SerializeToString())


class _Graph:
    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.shape = weights.shape
        ids = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in INPUTS
        ]
        vectors = helper.make_tensor_value_info(
            OUTPUT, TensorProto.FLOAT, ["texts", self.shape.hidden]
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        # Filled where it lies: graphs handed over are copied, 140 MB each time.
        self._model = helper.make_model(
            helper.make_graph([], "e5", ids, [vectors]),
            opset_imports=opsets,
            ir_version=_IR_VERSION,
        )

    def model(self) -> ModelProto:
        states = self.embed()
        self.op("Cast", ["attention_mask"], "lengths_mask", to=TensorProto.INT32)
        for layer in range(self.shape.layers):
            states = self.layer(f"l{layer}", states)
        self.pool(states)
        return self._model

    def embed(self) -> str:
        """Gather each token's packed row, unpack it in the graph, add its position."""
        hidden, blocks = self.shape.hidden, self.shape.hidden // BLOCK
        scales, halves = self.weights.packed("emb.word", self.shape.vocabulary, hidden)
        rows = self.constant("words", halves.reshape(self.shape.vocabulary, hidden // 2))
        self.op("Gather", [rows, "input_ids"], "word_bytes")
        self.op("Gather", [self.constant("word_scales", scales), "input_ids"], "scales16")
        low_bits = self.constant("low_bits", np.uint8(15))
        self.op("BitwiseAnd", ["word_bytes", low_bits], "low_flat")
        four = self.constant("four", np.uint8(4))
        self.op("BitShift", ["word_bytes", four], "high_flat", direction="RIGHT")
        in_blocks = self.constant("in_blocks", np.array([0, 0, blocks, BLOCK // 2], np.int64))
        self.op("Reshape", ["low_flat", in_blocks], "low")
        self.op("Reshape", ["high_flat", in_blocks], "high")
        self.op("Concat", ["low", "high"], "levels8", axis=-1)
        self.op("Cast", ["levels8"], "levels", to=TensorProto.FLOAT)
        self.op("Sub", ["levels", self.constant("eight", np.float32(8))], "centred")
        self.op("Cast", ["scales16"], "scales", to=TensorProto.FLOAT)
        self.op("Unsqueeze", ["scales", self.constant("last", np.array([-1], np.int64))], "scale")
        self.op("Mul", ["centred", "scale"], "word_blocks")
        whole = self.constant("whole", np.array([0, 0, hidden], np.int64))
        self.op("Reshape", ["word_blocks", whole], "word_states")

        positions = self.weights.plain("emb.pos", self.shape.positions * hidden)
        kind = self.weights.plain("emb.type", hidden)  # every token is of the first kind
        table = self.constant("positions", positions.reshape(-1, hidden) + kind)
        zero = self.constant("zero", np.array([0], np.int64))
        self.op("Shape", ["input_ids"], "length", start=1, end=2)
        self.op("Slice", [table, zero, "length", zero], "position_states")
        self.op("Add", ["word_states", "position_states"], "embedded")
        return self.norm("emb.ln", "embedded")

    def layer(self, name: str, states: str) -> str:
        """One BERT layer, normalised after each sum (Devlin et al., 2019, arXiv:1810.04805)."""
        hidden, wide = self.shape.hidden, self.shape.feed_forward
        heads = [self.linear(f"{name}.{part}", states, hidden, hidden) for part in "qkv"]
        mixed = self.op(
            "MultiHeadAttention",
            [*heads, "", "lengths_mask"],
            f"{name}.mixed",
            domain=_MICROSOFT,
            num_heads=self.shape.heads,
        )
        attended = self.linear(f"{name}.ao", mixed, hidden, hidden)
        seen = self.norm(f"{name}.aln", self.op("Add", [states, attended], f"{name}.sum1"))
        product = self.multiply(f"{name}.fi", seen, wide, hidden)
        bias = self.constant(f"{name}.fi.bias", self.weights.plain(f"{name}.fi.b", wide))
        active = self.op("BiasGelu", [product, bias], f"{name}.active", domain=_MICROSOFT)
        thought = self.linear(f"{name}.fo", active, hidden, wide)
        return self.norm(f"{name}.oln", self.op("Add", [seen, thought], f"{name}.sum2"))

    def pool(self, states: str) -> None:
        """Average the real tokens' states and bring the mean to unit length."""
        one = self.constant("one", np.array([1], np.int64))
        self.op("Cast", ["attention_mask"], "mask_flat", to=TensorProto.FLOAT)
        self.op("Unsqueeze", ["mask_flat", "last"], "mask")
        self.op("Mul", [states, "mask"], "real_states")
        self.op("ReduceSum", ["real_states", one], "total", keepdims=0)
        self.op("ReduceSum", ["mask", one], "count", keepdims=0)
        self.op("Div", ["total", "count"], "mean")
        self.op("LpNormalization", ["mean"], OUTPUT, axis=-1, p=2)

    def linear(self, name: str, states: str, rows: int, columns: int) -> str:
        product = self.multiply(name, states, rows, columns)
        bias = self.constant(f"{name}.bias", self.weights.plain(f"{name}.b", rows))
        return self.op("Add", [product, bias], f"{name}.out")

    def multiply(self, name: str, states: str, rows: int, columns: int) -> str:
        matrix = self.weights.matrix(f"{name}.w", rows, columns)
        return self.op("MatMul", [states, self.constant(name, matrix.T)], f"{name}.product")

    def norm(self, name: str, states: str) -> str:
        hidden = self.shape.hidden
        gain = self.constant(f"{name}.gain", self.weights.plain(f"{name}.w", hidden))
        bias = self.constant(f"{name}.bias", self.weights.plain(f"{name}.b", hidden))
        return self.op(
            "LayerNormalization",
            [states, gain, bias],
            f"{name}.out",
            axis=-1,
            epsilon=self.shape.epsilon,
        )

    def constant(self, name: str, value: npt.ArrayLike) -> str:
        tensor = numpy_helper.from_array(np.ascontiguousarray(value), name)
        self._model.graph.initializer.append(tensor)
        return name

    def op(
        self, kind: str, inputs: Sequence[str], output: str, domain: str = "", **facts: Any
    ) -> str:
        node = helper.make_node(kind, inputs, [output], domain=domain, **facts)
        self._model.graph.node.append(node)
        return output
