"""What a solution says about each requirement of a need: a verdict, and the words it rests on.

Pure and deterministic: texts in, assessments out. Numbers are compared after unit conversion; words
by a small bilingual lexicon and, where the caller has one, a dense model's cosines.
"""

from matchmaker.evidence.assess import assess
from matchmaker.evidence.kinds import (
    Assessment,
    Operator,
    Passage,
    QuestionCode,
    Requirement,
    Similarity,
    Verdict,
)

__all__ = [
    "Assessment",
    "Operator",
    "Passage",
    "QuestionCode",
    "Requirement",
    "Similarity",
    "Verdict",
    "assess",
]
