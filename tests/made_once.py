"""What is the same in every test is made once in a process: statements of SQL, routes.

A running site opens one engine and one application; tests open hundreds. Each would translate the
same statements and the same routes anew, which took a fifth of a page's test.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from matchmaker.models import database

#: More statements than all tests send.
STATEMENTS = 5000


@contextmanager
def statements_and_routes() -> Iterator[None]:
    """For as long as it lasts, engines share their statements and applications their routes."""
    with pytest.MonkeyPatch.context() as patch:
        # A statement is kept by its dialect: two of one kind are taken for the same.
        patch.setattr(DefaultDialect, "__eq__", _same_kind)
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        patch.setattr(database, "create_engine", _with_one_cache())
        patch.setattr(Rule, "_compile_builder", _remembered(Rule._compile_builder))
        yield


def _same_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


def _with_one_cache() -> Callable[..., Engine]:
    kept: LRUCache[Any, Any] = LRUCache(STATEMENTS)

    def create_engine(*words: Any, **options: Any) -> Engine:
        engine = sqlalchemy.create_engine(*words, **options)
        engine._compiled_cache = kept
        return engine

    return create_engine


def _remembered(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    """The function that builds a rule's address, by all that it is made of."""
    kept: dict[object, Any] = {}

    def remembered(rule: Rule, append_unknown: bool = True) -> Any:
        key = (append_unknown, rule.rule, repr(rule.defaults), tuple(rule._trace))
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    return remembered
