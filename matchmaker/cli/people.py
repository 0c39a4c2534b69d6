"""Accounts."""

import click

from matchmaker.cli.context import ready, say, settings
from matchmaker.domain.vocabulary import Role
from matchmaker.models import Organisation, utc_now
from matchmaker.models.database import writing
from matchmaker.queries import records
from matchmaker.services import accounts


@click.group()
def members() -> None:
    """People who sign in."""


@members.command()
@click.argument("email")
@click.option("--name", required=True, help="The person's name as others see it.")
@click.option(
    "--role", type=click.Choice([str(r) for r in Role]), default="member", show_default=True
)
@click.option("--organisation", help="Code of the organisation, e.g. TC-2026-00012.")
@click.password_option(help="At least 15 characters; asked for when left out.")
def add(email: str, name: str, role: str, organisation: str | None, password: str) -> None:
    """Make an account for EMAIL."""
    with writing(ready(settings())) as session:
        owner = records.by_code(session, Organisation, organisation) if organisation else None
        member = accounts.add_member(
            session, email=email, name=name, password=password, role=Role(role),
            organisation=owner, now=utc_now(),
        )  # fmt: skip
    say(f"{member.email} can sign in as {member.role}.")
