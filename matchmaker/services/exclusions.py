"""Organisations as people name them, by code or by name: those excluded, those related."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import InvalidError, Problem
from matchmaker.models import Organisation
from matchmaker.queries import records

MOST = 50
_CODE = re.compile(r"TC-\d{4}-\d{5}\b")


def read(
    session: Session, viewer: Viewer, lines: Sequence[str], *, known: Sequence[str] = (),
    field: str = "excluded",
) -> tuple[str, ...]:  # fmt: skip
    """The public ids of the organisations named, one on each line.

    Only those can be named that the viewer may know of, or that are excluded already: `known`.
    A line is a code, a code followed by anything, or a whole name in either language. Raises
    InvalidError, at `field`, with the first line that names none, or more than one.
    """
    if not lines:
        return ()
    if len(lines) > MOST:
        raise InvalidError([Problem(field, "too_many", {"most": MOST})])
    by_code, by_name = _readable(session, viewer, known)
    found: list[str] = []
    for line in lines:
        code = _CODE.match(line.upper())
        ids = by_code[code[0]] if code else by_name[line.casefold()]
        if len(ids) != 1:
            problem = "several_organisations" if ids else "unknown_organisation"
            raise InvalidError([Problem(field, problem, {"name": line})])
        found += ids
    return tuple(dict.fromkeys(found))


def named(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Code and name of organisations by public id, each a line that `read` reads."""
    query = select(Organisation.public_id, Organisation.code, Organisation.name_vi)
    rows = session.execute(query.where(Organisation.public_id.in_(list(ids))))
    return {public_id: f"{code} {name}" for public_id, code, name in rows}


def _readable(
    session: Session, viewer: Viewer, known: Sequence[str]
) -> tuple[defaultdict[str, set[str]], defaultdict[str, set[str]]]:
    """Public ids by code, and by every name in small letters."""
    by_code: defaultdict[str, set[str]] = defaultdict(set)
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    query = select(
        Organisation.public_id, Organisation.code, Organisation.name_vi, Organisation.name_en,
        Organisation.short_name,
    ).where(
        or_(records.visible(Organisation, viewer), Organisation.public_id.in_(known))
    )  # fmt: skip
    for public_id, code, *names in session.execute(query):
        by_code[code].add(public_id)
        for name in filter(None, names):
            by_name[name.casefold()].add(public_id)
    return by_code, by_name
