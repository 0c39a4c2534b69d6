"""Accounts from the command line."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Role
from matchmaker.models import Member
from matchmaker.services import accounts
from tests.cli.conftest import Run
from tests.conftest import NOON, PASSWORD

WORDS = ("members", "add", "Erin@School.example", "--name", "Erin")


def test_added_member_signs_in_with_what_was_typed(run: Run, session: Session, bob: Member) -> None:
    assert bob.organisation is not None
    code = bob.organisation.code
    session.commit()

    answer = run(*WORDS, "--organisation", code.lower(), "--password", PASSWORD)
    assert session.bind is not None
    erin = accounts.enter(session.bind.engine, "erin@school.example", PASSWORD, "::1", now=NOON)

    assert (answer.exit_code, answer.stdout) == (0, "")
    assert answer.stderr == "erin@school.example can sign in as member.\n"
    assert (erin.name, erin.role, erin.organisation_id) == (
        "Erin",
        Role.MEMBER,
        bob.organisation_id,
    )
    assert PASSWORD not in erin.password_hash


def test_officer_needs_no_organisation(run: Run, session: Session) -> None:
    answer = run(*WORDS, "--role", "curator", "--password", PASSWORD)

    assert answer.exit_code == 0
    assert session.scalars(select(Member)).one().role is Role.CURATOR


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((*WORDS, "--password", PASSWORD), 1, "organisation: required"),
        ((*WORDS, "--role", "curator", "--password", "too short"), 1, "password: password_length"),
        (
            ("members", "add", "nobody", "--name", "N", "--role", "admin", "--password", PASSWORD),
            1,
            "email: not_an_email",
        ),
        ((*WORDS, "--role", "emperor", "--password", PASSWORD), 2, "emperor"),
        (
            (*WORDS, "--organisation", "TC-2026-09999", "--password", PASSWORD),
            1,
            "no organisation TC-2026-09999",
        ),
    ],
)
def test_refused_account_is_not_made(
    run: Run, session: Session, words: tuple[str, ...], code: int, told: str
) -> None:
    answer = run(*words)

    assert answer.exit_code == code
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr
    assert PASSWORD not in answer.output
    assert session.scalar(select(func.count()).select_from(Member)) == 0


def test_address_is_taken_once_in_any_case(run: Run, session: Session) -> None:
    first = run(*WORDS, "--role", "curator", "--password", PASSWORD)
    second = run(
        "members", "add", "ERIN@school.example", "--name", "E", "--role", "curator",
        "--password", PASSWORD,
    )  # fmt: skip

    assert (first.exit_code, second.exit_code) == (0, 1)
    assert "email: taken" in second.stderr
    assert session.scalar(select(func.count()).select_from(Member)) == 1
