"""Builds the model's own Unigram tokenizer from its packed pieces."""

from typing import Final

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from embeddings.weights import Weights

#: Longest input of the model, in tokens, the two special ones included.
MAX_TOKENS: Final = 512

_SPACE: Final = "\u2581"
_DROPPED: Final = r"[\u0000-\u0008\u000b\u000e-\u001f\u007f\u200b\ufeff\u00ad]"


def build_tokenizer(weights: Weights) -> Tokenizer:
    """Return the tokenizer that gives the model the tokens it was trained on.

    Kudo, "Subword Regularization", ACL 2018 (the Unigram model). Its normaliser repeats what
    SentencePiece did in training, for users of unpacked weights; our encoders have done more
    before.
    """
    shape = weights.shape
    pieces = list(zip(weights.pieces, weights.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=shape.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_DROPPED), ""),
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(left=False, right=True),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(_SPACE, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", shape.bos), ("</s>", shape.eos)],
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer
