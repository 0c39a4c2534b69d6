"""What is wrong with a seed file: which file, which record, which key."""

from matchmaker.domain.errors import MatchmakerError


class SeedError(MatchmakerError):
    """A seed file does not hold what it should; nothing of it may be loaded."""

    code = "seed"

    def __init__(self, file: str, record: str, key: str, problem: str) -> None:
        super().__init__(f"{file}: {record}: {key}: {problem}")
        self.file = file
        self.record = record
        self.key = key
        self.problem = problem
