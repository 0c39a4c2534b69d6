"""Needs of several firms that are one problem: whom to tell that others share it."""

from collections.abc import Mapping

NAME_MAX, NOTE_MAX = 80, 1000
#: A group of one is none.
LEAST = 2


def newly_shared(before: Mapping[int, int], now: Mapping[int, int]) -> set[int]:
    """The needs (need → owner) that share a group with another owner's only from now on.

    An owner alone in a group with his own needs shares his problem with nobody.
    """
    return _shared(now) - _shared(before)


def _shared(owners: Mapping[int, int]) -> set[int]:
    return {need for need, owner in owners.items() if any(o != owner for o in owners.values())}
