"""The demonstration files of `seed_data/demo`, checked each and together."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matchmaker.domain.vocabulary import RecordStatus
from matchmaker.services.seeding import tables
from matchmaker.services.seeding.demo_reader import Reader
from matchmaker.services.seeding.demo_records import (
    DemoFiles,
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
    by_key: dict[str, dict[str, Any]] = {
        "organisation": organisations, "expert": experts, "need": records, "solution": records,
    }  # fmt: skip
    in_order: dict[str, list[Any]] = {
        "account": [], "relation": [], "exclusion": [], "placing": [],
    }  # fmt: skip
    for path in sorted(folder.glob("*.toml")):
        reader = Reader(path.name, known)
        for name, values in _rows(path):
            if name in by_key:
                _put(path.name, by_key[name], getattr(reader, name)(values))
            elif name in in_order:
                in_order[name].append(getattr(reader, name)(values))
            else:
                raise SeedError(path.name, name, "", "unknown kind of record")
    demo = DemoFiles(
        organisations, experts, records, tuple(in_order["account"]), tuple(in_order["relation"]),
        tuple(in_order["exclusion"]), tuple(in_order["placing"]),
    )  # fmt: skip
    _must_hang_together(demo)
    _rules_must_hang_together(demo)
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


def _rules_must_hang_together(demo: DemoFiles) -> None:
    """Rules and rulings speak of organisations and published records that there are."""
    named = [(r.org, "org", r.org) for r in demo.relations]
    named += [(r.org, "other", r.other) for r in demo.relations]
    named += [(e.record, "orgs", org) for e in demo.exclusions for org in e.orgs]
    for record, key, org in named:
        if org not in demo.organisations:
            raise SeedError("demo", record, key, f"unknown: {org}")
    listed = {
        kind: {r.key for r in found if r.status is RecordStatus.PUBLISHED}
        for kind, found in (("need", demo.needs), ("solution", demo.solutions))
    }
    for exclusion in demo.exclusions:
        if exclusion.record not in listed["need"] | listed["solution"]:
            raise SeedError("demo", exclusion.record, "record", "not a published record")
    for placing in demo.placings:
        for kind, keys in listed.items():
            if getattr(placing, kind) not in keys:
                name = f"{placing.need} + {placing.solution}"
                raise SeedError("demo", name, kind, f"not published: {getattr(placing, kind)}")
