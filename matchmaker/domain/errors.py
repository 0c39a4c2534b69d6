"""What can go wrong by the rules of the house. Codes and facts; the words live at the edge."""

import dataclasses
from collections.abc import Mapping, Sequence


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing wrong with one field: a code for the phrase book and the facts it needs."""

    field: str
    code: str
    facts: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


class MatchmakerError(Exception):
    """The family; `code` finds the words, and `web/errors.py` the status."""

    code = "error"


class NotFoundError(MatchmakerError):
    """Nothing is there, or nothing this asker may know of."""

    code = "not_found"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"no {kind} {key}")
        self.kind = kind
        self.key = key


class NotAllowedError(MatchmakerError):
    code = "not_allowed"

    def __init__(self, step: str) -> None:
        super().__init__(f"not allowed: {step}")
        self.step = step


class WrongStateError(MatchmakerError):
    """The thing is there, but its state does not allow this step."""

    code = "wrong_state"

    def __init__(self, thing: str, state: str, step: str) -> None:
        super().__init__(f"{thing} is {state}: cannot {step}")
        self.thing = thing
        self.state = state
        self.step = step


class InvalidError(MatchmakerError):
    """What was handed in breaks rules; nothing was written."""

    code = "invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.field}: {p.code}" for p in problems))
        self.problems = tuple(problems)


class ConflictError(MatchmakerError):
    """Somebody else changed the record meanwhile; `changes` maps a field to (theirs, yours)."""

    code = "conflict"

    def __init__(self, kind: str, key: str, changes: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(f"{kind} {key} was changed meanwhile: {', '.join(changes)}")
        self.kind = kind
        self.key = key
        self.changes = dict(changes)


class SignInError(MatchmakerError):
    code = "sign_in"


class TooManyTriesError(MatchmakerError):
    code = "too_many_tries"
