"""Filling an empty database: vocabularies, the public directory, demonstration records, gold."""

from matchmaker.services.seeding.demo import DemoResult, load_demo
from matchmaker.services.seeding.demo_rules import place_demo
from matchmaker.services.seeding.errors import SeedError
from matchmaker.services.seeding.gold import GoldPair, as_collection, gold
from matchmaker.services.seeding.institutions import load_institutions
from matchmaker.services.seeding.vocabularies import load_vocabularies

__all__ = [
    "DemoResult",
    "GoldPair",
    "SeedError",
    "as_collection",
    "gold",
    "load_demo",
    "load_institutions",
    "load_vocabularies",
    "place_demo",
]
