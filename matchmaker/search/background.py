"""What a question scores on a shelf in general: the measure that single hits are held against."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from matchmaker.domain.ranking import constants, fusion
from matchmaker.domain.ranking.fusion import Spread

_LEAST = constants.ENOUGH_FOR_BACKGROUND


class Background:
    """Spreads by language, from the (dense, words) scores of a sample of the shelf."""

    def __init__(self, asked: str, scores: Mapping[str, Sequence[tuple[float, float]]]) -> None:
        spreads = {
            language: Spread.of(rows) for language, rows in scores.items() if len(rows) >= _LEAST
        }
        own = spreads.pop(asked, None)
        self._levelling = (
            {language: fusion.levelling(own, other) for language, other in spreads.items()}
            if own
            else {}
        )
        each = [
            self.level(fusion.fused(*row), language)
            for language, rows in scores.items()
            for row in rows
        ]
        self._enough = len(each) >= _LEAST
        self._mean = fmean(each) if each else 0.0
        self._deviation = max(fusion.deviation(each), fusion.LEAST_SPREAD) if each else 1.0

    def level(self, score: float, language: str) -> float:
        """The score on the scale of the question's own language, where there is enough of both."""
        slope, offset = self._levelling.get(language, (1.0, 0.0))
        return score * slope + offset

    def standing(self, score: float) -> float | None:
        """How many deviations above the shelf's mean a levelled score lies."""
        return round((score - self._mean) / self._deviation, 4) if self._enough else None


def sample(languages: Mapping[int, str]) -> dict[str, list[int]]:
    """Ids of each language, evenly spaced in order: the same shelf gives the same ones."""
    found: dict[str, list[int]] = {}
    for key in sorted(languages):
        found.setdefault(languages[key], []).append(key)
    return {language: [keys[at] for at in places(len(keys))] for language, keys in found.items()}


def places(texts: int) -> list[int]:
    """The places of a language's sample among so many texts in order of id, counted from 0."""
    most = min(texts, constants.BACKGROUND)
    return [at * texts // most for at in range(most)]
