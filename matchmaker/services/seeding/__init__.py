"""Filling an empty database: vocabularies, the public directory, demonstration records, gold."""

from matchmaker.services.seeding.demo import DemoAccount, DemoResult, load_demo
from matchmaker.services.seeding.errors import SeedError
from matchmaker.services.seeding.vocabularies import load_vocabularies

__all__ = ["DemoAccount", "DemoResult", "SeedError", "load_demo", "load_vocabularies"]
