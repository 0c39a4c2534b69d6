"""The demonstration files of `seed_data/demo`, checked each and together."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matchmaker.services.seeding import tables
from matchmaker.services.seeding.demo_reader import Reader
from matchmaker.services.seeding.demo_records import (
    DemoFiles,
    SeedAccount,
    SeedExpert,
    SeedOrganisation,
    SeedRecord,
)
from matchmaker.services.seeding.errors import SeedError
from matchmaker.services.seeding.shapes import Values
from matchmaker.services.seeding.vocabularies import read_vocabularies


def read_demo(folder: Path | None = None) -> DemoFiles:
    """All demo files of a folder; raises SeedError for the first fault found."""
    folder = folder or tables.seed_folder() / "demo"
    known = read_vocabularies()
    organisations: dict[str, SeedOrganisation] = {}
    experts: dict[str, SeedExpert] = {}
    records: dict[str, SeedRecord] = {}
    accounts: list[SeedAccount] = []
    for path in sorted(folder.glob("*.toml")):
        reader = Reader(path.name, known)
        for name, values in _rows(path):
            if name == "organisation":
                _put(path.name, organisations, reader.organisation(values))
            elif name == "expert":
                _put(path.name, experts, reader.expert(values))
            elif name == "need":
                _put(path.name, records, reader.need(values))
            elif name == "solution":
                _put(path.name, records, reader.solution(values))
            elif name == "account":
                accounts.append(reader.account(values))
            else:
                raise SeedError(path.name, name, "", "unknown kind of record")
    demo = DemoFiles(organisations, experts, records, tuple(accounts))
    _must_hang_together(demo)
    return demo


def _rows(path: Path) -> Iterator[tuple[str, Values]]:
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SeedError(path.name, "", "", str(error)) from error
    for name, rows in tree.items():
        for row in rows:
            yield name, row


def _put(file: str, records: dict[str, Any], record: Any) -> None:
    if record.key in records:
        raise SeedError(file, record.key, "key", "there twice")
    records[record.key] = record


def _must_hang_together(demo: DemoFiles) -> None:
    """Every record belongs to an organisation there is, and names that one's own experts."""
    owned: list[SeedExpert | SeedRecord] = [*demo.experts.values(), *demo.records.values()]
    for record in owned:
        if record.org not in demo.organisations:
            raise SeedError("demo", record.key, "org", f"unknown: {record.org}")
    for account in demo.accounts:
        if account.org is not None and account.org not in demo.organisations:
            raise SeedError("demo", account.email, "org", f"unknown: {account.org}")
    for solution in demo.solutions:
        for key in getattr(solution.draft, "experts", ()):
            if key not in demo.experts or demo.experts[key].org != solution.org:
                raise SeedError("demo", solution.key, "experts", f"not of {solution.org}: {key}")
