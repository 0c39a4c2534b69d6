"""Rounds of meetings from the command line."""

import click

from matchmaker.cli.context import catalogue_for, ready, say, settings
from matchmaker.models import utc_now
from matchmaker.models.database import reading, writing
from matchmaker.queries import rounds
from matchmaker.services import round_inputs, round_plans


@click.group("round")
def round_group() -> None:
    """Matchmaking days and quarterly rounds."""


@round_group.command("list")
def list_rounds() -> None:
    """Every round with its state and its number of meetings."""
    with reading(ready(settings())) as session:
        for found, meetings in rounds.everything(session):
            click.echo(f"{found.code}  {found.state:<9}  {meetings:4d} meetings  {found.name}")


@round_group.command()
@click.argument("code")
def plan(code: str) -> None:
    """Plan the round CODE anew; what people pinned or forbade stays."""
    chosen = settings()
    engine = ready(chosen)
    catalogue = catalogue_for(chosen)
    with writing(engine) as session:
        rounds.by_code(session, code)
        round_inputs.rank_missing(session, catalogue, None, now=utc_now())
    with reading(engine) as session:
        found = rounds.by_code(session, code)
        thought = round_plans.prepare(session, catalogue, found, now=utc_now())
    thought = round_plans.think(thought)
    with writing(engine) as session:
        found = rounds.by_code(session, code)
        run = round_plans.keep(session, found, thought, by=None, now=utc_now())
        click.echo(
            f"{found.code}  {run.status}: {run.meetings} meetings for {run.needs} needs"
            f" out of {run.pairs} pairs, in {run.seconds:.1f} s"
        )
        click.echo(
            f"total probability {run.total:.3f}, at most {run.bound:.3f},"
            f" one by one {run.greedy:.3f}"
        )
        for one in run.short:
            told = "; ".join(f"{r['rule']} {' '.join(r['codes'])}".strip() for r in one["reasons"])
            click.echo(f"  {one['rule']} {one['code']}: {one['has']} of {one['wanted']} ({told})")
        if run.unserved:
            say(f"{len(run.unserved)} listed needs meet nobody.")
    if not run.meetings:
        raise click.ClickException("no plan keeps all rules; the former meetings stay as they were")
