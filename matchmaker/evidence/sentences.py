"""Clauses of a sentence: what one negation can reach. Sentences come from `domain.text`."""

import re

_CLAUSE = re.compile(
    r"(?:[,;:()]\s|[()]|\s[–—-]\s|\s(?:nhưng|tuy nhiên|song|nhung|tuy nhien|but|however|while|whereas"
    r"|although)\s)"
)


def clause_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each clause, in order; a decimal comma splits nothing."""
    spans: list[tuple[int, int]] = []
    at = 0
    for match in _CLAUSE.finditer(text):
        if match.start() > at:
            spans.append((at, match.start()))
        at = match.end()
    if len(text) > at:
        spans.append((at, len(text)))
    return spans
