"""Texts to measure with: the demonstration's, cut into sentences and put together anew."""

import random
import re
from dataclasses import dataclass
from functools import cache

from matchmaker.domain import text
from matchmaker.domain.drafts import NeedDraft, SolutionDraft
from matchmaker.domain.vocabulary import Language
from matchmaker.services.seeding.demo_files import read_demo

_NUMBER = re.compile(r"\d+")
#: Sentences of a made text: some of its topic, the others of any topic of its language.
_OWN, _OTHERS = 4, 2
_LONGEST_TITLE, _LONGEST_SUMMARY = 80, 300


@dataclass(frozen=True)
class Topic:
    """A solution of the demonstration: what texts of its kind are made of."""

    language: Language
    title: str
    summary: str
    sentences: tuple[str, ...]
    draft: SolutionDraft


@dataclass(frozen=True)
class World:
    """All topics, and the needs as (title, summary) that are asked of them."""

    topics: tuple[Topic, ...]
    needs: tuple[NeedDraft, ...]

    @property
    def asked(self) -> list[tuple[str, str]]:
        return [(need.title, need.summary) for need in self.needs]


@dataclass(frozen=True)
class Made:
    """A solution that never was: its topic, its texts, and the sentences they were made of."""

    topic: int
    title: str
    summary: str
    description: str
    #: Where each sentence of the description came from: (topic, place), for its vector.
    sources: tuple[tuple[int, int], ...]


@cache
def read() -> World:
    """The demonstration's solutions and needs, as they ship with the product."""
    demo = read_demo()
    topics, needs = [], []
    for record in demo.records.values():
        draft = record.draft
        if isinstance(draft, NeedDraft):
            needs.append(draft)
            continue
        whole = f"{draft.description}\n{draft.problem_solved}\n{draft.advantage}"
        sentences = tuple(s.text for s in text.sentences(whole))
        if len(sentences) >= _OWN:
            topics.append(Topic(draft.language, draft.title, draft.summary, sentences, draft))
    return World(tuple(topics), tuple(needs))


def make(world: World, number: int) -> Made:
    """The solution of this number, the same in every run."""
    dice = random.Random(number)  # noqa: S311 - texts, no secrets
    at = number % len(world.topics)
    topic = world.topics[at]
    alike = [i for i, t in enumerate(world.topics) if t.language is topic.language]
    own = sorted(dice.sample(range(len(topic.sentences)), _OWN))
    sources = [(at, place) for place in own]
    for _ in range(_OTHERS):
        other = dice.choice(alike)
        sources.append((other, dice.randrange(len(world.topics[other].sentences))))
    sentences = [
        _NUMBER.sub(lambda found: _another(found[0], dice), world.topics[t].sentences[place])
        for t, place in sources
    ]
    # A name of its own gives every text words that no other has, as real ones do.
    name = f"MX{number:x}"
    title = f"{topic.title[: _LONGEST_TITLE - len(name) - 1]} {name}"
    return Made(at, title, topic.summary[:_LONGEST_SUMMARY], " ".join(sentences), tuple(sources))


def _another(figure: str, dice: random.Random) -> str:
    """Another figure of as many digits."""
    low = 10 ** (len(figure) - 1)
    return str(dice.randrange(low, 10 * low)) if low > 1 else str(dice.randrange(10))
