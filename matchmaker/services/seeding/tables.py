"""The comma-separated seed files: where they lie and how their rows are read."""

import csv
from pathlib import Path

from matchmaker import resources
from matchmaker.services.seeding.errors import SeedError

Row = dict[str, str]


def seed_folder() -> Path:
    return resources.folder("seed_data")


def read(path: Path, columns: tuple[str, ...]) -> list[Row]:
    """The rows of a file that has exactly these columns; raises SeedError."""
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != columns:
            raise SeedError(path.name, "header", ",".join(columns), "columns differ")
        rows = list(reader)
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise SeedError(path.name, f"line {number}", "", "cells missing or left over")
    return rows
