"""Code lists from `seed_data/vocabularies`, one file per scheme, into terms."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Scheme
from matchmaker.models import Term
from matchmaker.services import audit, clocks
from matchmaker.services.seeding import tables
from matchmaker.services.seeding.errors import SeedError

COLUMNS = ("code", "label_vi", "label_en", "plain_vi", "plain_en", "broader")
Code = tuple[Scheme, str]


def read_vocabularies() -> dict[Code, dict[str, Any]]:
    """Every term of every file: the values of a Term by scheme and code.

    Raises SeedError for a code that comes twice, has no label, or stands below an unknown one.
    """
    found: dict[Code, dict[str, Any]] = {}
    for path in sorted((tables.seed_folder() / "vocabularies").glob("*.csv")):
        scheme = Scheme(path.stem)
        for position, row in enumerate(tables.read(path, COLUMNS), start=1):
            code = row.pop("code")
            if not code or (scheme, code) in found:
                raise SeedError(path.name, code, "code", "missing or there twice")
            if not (row["label_vi"] and row["label_en"]):
                raise SeedError(path.name, code, "label", "missing")
            found[scheme, code] = {**row, "broader": row["broader"] or None, "position": position}
    for (scheme, code), values in found.items():
        if values["broader"] and (scheme, values["broader"]) not in found:
            raise SeedError(f"{scheme}.csv", code, "broader", f"no code {values['broader']}")
    return found


def load_vocabularies(session: Session, *, now: datetime) -> dict[str, int]:
    """Bring the terms up to date with the files; the caller commits.

    Returns how many were added, changed and ended. A code that left its file is ended, never
    deleted: records keep it. Running it again changes nothing.
    """
    wanted = read_vocabularies()
    today = now.astimezone(clocks.LOCAL).date()
    schemes = {scheme for scheme, _ in wanted}
    known = {(t.scheme, t.code): t for t in session.scalars(select(Term)) if t.scheme in schemes}
    counts = {"added": 0, "changed": 0, "ended": 0}
    for (scheme, code), values in wanted.items():
        term = known.get((scheme, code))
        if term is None:
            session.add(Term(scheme=scheme, code=code, **values))
            counts["added"] += 1
        elif _changed(term, {**values, "valid_to": None}):
            counts["changed"] += 1
    for key, term in known.items():
        if key not in wanted and term.valid_to is None:
            term.valid_to = today
            counts["ended"] += 1
    if any(counts.values()):
        audit.record(session, "seed.vocabularies", now=now, actor_id=None, detail=counts)
    return counts


def _changed(term: Term, values: dict[str, Any]) -> bool:
    """Set what differs; whether anything did."""
    different = {name: value for name, value in values.items() if getattr(term, name) != value}
    for name, value in different.items():
        setattr(term, name, value)
    return bool(different)
