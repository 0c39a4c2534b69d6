"""Work that is done by the clock, for those who would rather start it themselves."""

import click

from matchmaker.cli import model
from matchmaker.cli.context import catalogue_for, ready, say, settings
from matchmaker.models import utc_now
from matchmaker.services import newcomers as floor
from matchmaker.services.learning import nightly


@click.group()
def jobs() -> None:
    """Daily work, done now."""


@jobs.command()
def calibrate() -> None:
    """Fit the bands again if people judged something new; a worker does it every night."""
    chosen = settings()
    engine = ready(chosen)
    made = nightly.calibrate(engine, catalogue_for(chosen), now=utc_now())
    if made is None:
        say("Nothing to do: no new judgements, or too few.")
        return
    click.echo(model.line(made))
    say(model.why(made))


@jobs.command()
def newcomers() -> None:
    """Show every newcomer in some need's list this month, or keep why not."""
    chosen = settings()
    counts = floor.run(ready(chosen), catalogue_for(chosen), now=utc_now())
    for outcome, count in sorted(counts.items()):
        click.echo(f"{outcome}: {count}")
