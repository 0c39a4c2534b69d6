"""Answers kept while what they were found in stays as it is."""

from matchmaker.services.remembered import Remembered


def asked(remembered: Remembered[str], key: str, state: int) -> tuple[str, bool]:
    """The answer, and whether it had to be looked up."""
    looked: list[str] = []

    def find() -> str:
        looked.append(key)
        return f"{key}{state}"

    return remembered.get(key, state, find), bool(looked)


def test_an_answer_is_looked_up_once_in_each_state() -> None:
    remembered: Remembered[str] = Remembered()
    assert asked(remembered, "a", 1) == ("a1", True)
    assert asked(remembered, "a", 1) == ("a1", False)
    assert asked(remembered, "b", 1) == ("b1", True)
    assert asked(remembered, "a", 2) == ("a2", True)
    assert asked(remembered, "a", 1) == ("a1", True)


def test_what_was_not_asked_for_the_longest_is_forgotten() -> None:
    remembered: Remembered[str] = Remembered(most=2)
    for key in ("a", "b", "a", "c"):
        asked(remembered, key, 1)
    assert [asked(remembered, key, 1)[1] for key in ("a", "c", "b")] == [False, False, True]


def test_nothing_found_is_an_answer_too() -> None:
    remembered: Remembered[dict[int, float]] = Remembered()
    calls: list[int] = []

    def find() -> dict[int, float]:
        calls.append(1)
        return {}

    for _ in range(2):
        assert remembered.get("a", 1, find) == {}
    assert calls == [1]
