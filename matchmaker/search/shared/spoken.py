"""Putting diacritics back by what the shared shelves count of Vietnamese words."""

from sqlalchemy import Connection, select

from matchmaker.domain.text import looks_unaccented
from matchmaker.search import diacritics
from matchmaker.search.diacritics import Restorer
from matchmaker.search.shared.home import State
from matchmaker.search.shared.tables import any_of


def is_asked(typed: str) -> bool:
    """Whether there is anything to put back, before a connection is taken for it."""
    return looks_unaccented(typed)


def restore(connection: Connection, state: State, typed: str) -> str:
    """Put marks back by the forms of the typed words alone, and the pairs these make."""
    form, pair = state.tables.form.c, state.tables.pair.c
    wanted = select(form.form, form.seen).where(form.folded == any_of(diacritics.asked(typed)))
    forms = {row.form: row.seen for row in connection.execute(wanted) if row.seen > 0}
    beside = select(pair.first, pair.second, pair.seen).where(
        pair.first == any_of(forms), pair.second == any_of(forms)
    )
    pairs = {(row.first, row.second): row.seen for row in connection.execute(beside)}
    return Restorer.of(forms, pairs, state.spoken).restore(typed)
