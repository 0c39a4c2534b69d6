"""The one door of this floor: requirements and passages in, one assessment a requirement out."""

from collections.abc import Sequence

from matchmaker.evidence.kinds import Assessment, Passage, Requirement, Similarity
from matchmaker.evidence.measured import assess_measured
from matchmaker.evidence.needs import understand
from matchmaker.evidence.statements import statements
from matchmaker.evidence.worded import assess_worded


def assess(
    requirements: Sequence[Requirement],
    passages: Sequence[Passage],
    *,
    similarity: Similarity | None = None,
) -> list[Assessment]:
    """Assess every requirement against what the passages say, in order.

    Only sentences of the passages are quoted, word for word. `similarity` gives one row of cosines
    per requirement over all sentences; it can turn "not said" into "partly" for requirements in
    words, never into "met": a model that finds two texts alike has not checked what they say.
    """
    said = statements(passages)
    wanted = [understand(r) for r in requirements]
    rows: list[Sequence[float] | None] = [None] * len(wanted)
    worded = [i for i, w in enumerate(wanted) if w.limit is None]
    if similarity is not None and worded and said:
        texts = [wanted[i].requirement.text for i in worded]
        for i, row in zip(worded, similarity(texts, [s.text for s in said]), strict=True):
            rows[i] = row
    return [
        assess_measured(w, said, w.limit) if w.limit else assess_worded(w, said, row)
        for w, row in zip(wanted, rows, strict=True)
    ]
