"""Answers kept while what they were found in stays as it is."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """The last answers, each with the state it belongs to; any number of threads may ask."""

    def __init__(self, most: int = 4_096) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, tuple[Hashable, Answer]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, state: Hashable, find: Callable[[], Answer]) -> Answer:
        """What was found for `key` in this state, or what `find` finds now.

        `state` must have been read before: what changes meanwhile makes the answer one of an
        earlier state, never the reverse.
        """
        with self._lock:
            told, answer = self._answers.get(key, (None, None))
            if answer is not None and told == state:
                self._answers.move_to_end(key)
                return answer
        found = find()
        with self._lock:
            self._answers[key] = state, found
            self._answers.move_to_end(key)
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return found
