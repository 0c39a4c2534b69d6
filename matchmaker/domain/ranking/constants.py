"""Every constant of the pipeline, with what was traded for what.

Figures are nDCG@10 on the public collections; `docs/matching.md` tells how they were measured.
"""

from typing import Any

#: Weight of word coverage beside the cosine. 0.1 to 0.3 are within noise of each other; 0 loses
#: .10 on short English needs and .5 on Vietnamese typed without diacritics.
WORDS = 0.2
#: What a pair of neighbouring words counts for beside single words: at 1, English needs lose .01
#: (.025 by words alone), at 0 Vietnamese questions lose .02 by words alone.
PAIRS = 0.5
#: Share of the best passage beside the whole text: 0.3 to 0.5 gain .03 across languages and .005
#: to .01 in Vietnamese; passages alone lose that again.
PASSAGE = 0.5
#: A term that a question names n times counts (REPEATS + 1)·n / (REPEATS + n) times (BM25's k3),
#: and of a long question only its MOST_TERMS heaviest terms are asked for. Together they gain .023
#: on English needs, where repeats alone gain .010 and heaviest terms without repeats .005; 2 to 8
#: and 48 to 200 are within .005 of each other. Few short questions name anything twice, and none
#: has so many terms.
REPEATS = 2.0
MOST_TERMS = 128
#: Ceiling of the coverage's denominator, in nats of idf: without it long needs lose .07.
COVERAGE_CAP = 120.0
#: The same for concepts across languages: even a long need names few that the lexicon knows. Over
#: 30 to 120 public questions across languages move by .002 (without concepts they lose .004 from
#: Vietnamese to English); long needs gain the more the lower it is, short ones lose from 30 down.
CONCEPT_CAP = 40.0
#: tantivy's fixed BM25 parameters, written down because they shape every score.
BM25_K1, BM25_B = 1.2, 0.75
#: How many hits each of the two ways brings in before both are scored once together.
WIDTH = 200
#: Share of a language's mean that is taken off before comparing across languages. 0.7 to 0.9 are
#: within .005 of each other; all of it loses .01 where the mean comes from other texts.
MEAN_SHARE = 0.8
#: How much of the gap between the cosines that a question has with texts of its own and of the
#: other language, over the whole shelf, is taken for bias. Of the gap in words all of it is: no
#: word of another language could be met. At 0.5 mixed pools gain .012 and answers that exist in
#: the other language only .03; at 0 or 1 one side loses what the other gains.
BIAS_SHARE = 0.5
#: Texts of a shelf that are scored to learn how a question does in general, of each language.
BACKGROUND = 200
#: Fewer say nothing: scores are left as they are, and no hit is called strong or weak by them.
ENOUGH_FOR_BACKGROUND = 10
#: Texts of both languages that a shelf needs before it estimates means for a model that none were
#: shipped for: means of fewer wander.
ENOUGH_FOR_A_MEAN = 40
#: Shelves up to this size are rebuilt when something is removed, so that word statistics are as
#: if it had never been there; larger ones are when a tenth of them is gone.
REBUILD_BELOW = 5_000
REBUILD_SHARE = 0.1


def as_table() -> dict[str, Any]:
    """All constants by name: what a run's settings hash is made of."""
    return {name: value for name, value in globals().items() if name.isupper()}
