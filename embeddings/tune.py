"""Fine-tunes a sentence-transformers model on pairs of texts that belong together.

Contrastive with the other pairs of a batch as negatives (Henderson et al., "Efficient Natural
Language Response Suggestion for Smart Reply", 2017), and with texts known to be wrong beside them.
"""

import importlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from embeddings.encoder import Role
from embeddings.errors import ModelStoreError
from embeddings.files import aside, sync_directory
from embeddings.sentence import SentenceEncoder
from embeddings.text import normalise

#: How much a step of cosine counts: what e5 was trained with is 100, the library's own default 20.
_SCALE: Final = 20.0
_WARM_UP: Final = 0.1
_CLIP: Final = 1.0


@dataclass(frozen=True)
class Pair:
    """A question and a text that answers it; `wrong` are texts known not to."""

    question: str
    answer: str
    wrong: tuple[str, ...] = ()


def tune(
    base: SentenceEncoder, pairs: Sequence[Pair], directory: Path, *, epochs: int = 2,
    batch: int = 16, rate: float = 2e-5, seed: int = 0,
) -> None:  # fmt: skip
    """Train `base` on pairs and save the result in a new directory, whole or not at all.

    The encoder handed in is trained in place: it is not to be used afterwards. Raises ValueError
    for fewer than two pairs, ModelNotFoundError when the model or torch is not on this machine,
    ModelStoreError when the directory is there already or cannot be written.
    """
    if len(pairs) < 2:
        raise ValueError("a pair is told from others: at least two are needed")
    if directory.exists():
        raise ModelStoreError(directory, "is there already")
    model, prompts = base.trainable()
    torch = importlib.import_module("torch")
    torch.manual_seed(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate)
    batches = _batches(pairs, batch, epochs, seed)
    model.train()
    for step, each in enumerate(batches):
        for group in optimiser.param_groups:
            group["lr"] = rate * _share(step, len(batches))
        loss = _loss(torch, model, prompts, each)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), _CLIP)
        optimiser.step()
    model.eval()
    try:
        with aside(directory) as scratch:
            model.save(str(scratch / "new"), create_model_card=False)
            sync_directory(scratch / "new")
            (scratch / "new").replace(directory)
            sync_directory(directory.parent)
    except OSError as error:
        raise ModelStoreError(directory, f"cannot be written: {error}") from error


def _loss(torch: Any, model: Any, prompts: dict[Role, str], each: Sequence[Pair]) -> Any:
    told = [p.answer for p in each] + [text for p in each for text in p.wrong]
    asked = _encoded(torch, model, prompts[Role.QUERY], [p.question for p in each])
    answers = _encoded(torch, model, prompts[Role.DOCUMENT], told)
    scores = _SCALE * asked @ answers.T
    # The same answer to another question of the batch is no wrong one.
    for row, pair in enumerate(each):
        for column, text in enumerate(told):
            if column != row and text == pair.answer:
                scores[row, column] = -torch.inf
    return torch.nn.functional.cross_entropy(scores, torch.arange(len(each)))


def _encoded(torch: Any, model: Any, prompt: str, texts: Sequence[str]) -> Any:
    # Newer versions of the library call it otherwise.
    read = getattr(model, "preprocess", None) or model.tokenize
    features = read([prompt + normalise(text) for text in texts])
    return torch.nn.functional.normalize(model(features)["sentence_embedding"], dim=1)


def _batches(pairs: Sequence[Pair], batch: int, epochs: int, seed: int) -> list[Sequence[Pair]]:
    """The pairs in another order each epoch; a last one by itself has nothing to be told from."""
    order = random.Random(seed)  # noqa: S311 - the same pairs give the same model
    found: list[Sequence[Pair]] = []
    for _ in range(epochs):
        mixed = order.sample(pairs, len(pairs))
        cut = [mixed[at : at + batch] for at in range(0, len(mixed), batch)]
        found += [each for each in cut if len(each) > 1]
    return found


def _share(step: int, steps: int) -> float:
    """Of the learning rate: up over the first tenth, then down to nought."""
    warm = max(1, round(_WARM_UP * steps))
    return (step + 1) / warm if step < warm else (steps - step) / max(1, steps - warm)
