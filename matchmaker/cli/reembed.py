"""Changing over to another embedding model while the site goes on."""

import sys
import time

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from matchmaker.cli.context import catalogue_for, ready, say, settings
from matchmaker.config import Settings
from matchmaker.domain.vocabulary import IndexRole, ModelKind
from matchmaker.models import utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services import index_models, reembedding
from matchmaker.services.catalogue import Catalogue, worker_name
from matchmaker.services.learning import versions
from matchmaker.services.reembedding import Progress

#: Seconds between two looks while workers do the rest.
PAUSE = 0.5


@click.command()
@click.option("--to", "wanted", help="A model as MATCHMAKER_MODEL names it.")
@click.option("--later", is_flag=True, help="Leave the work to the workers.")
@click.option("--stop", is_flag=True, help="Stay with the model in use.")
def reembed(wanted: str | None, later: bool, stop: bool) -> None:
    """Change over to another model: the tuned one that is live, else that of the settings.

    The site goes on with the old model until every record has vectors of the new one, and
    changes over at once then. Cut off, it goes on where it was.
    """
    chosen = settings()
    engine, catalogue = ready(chosen), catalogue_for(chosen)
    if stop:
        with writing(engine) as session:
            say("Stopped." if reembedding.abandon(session) else "No change was going on.")
        return
    with reading(engine) as session:
        wanted = wanted or wanted_model(session, chosen)
        if reembedding.is_served(session, wanted, catalogue):
            say(f"The index is searched by {wanted} already.")
            return
    with writing(engine) as session:
        reembedding.begin(session, wanted, now=utc_now())
    if not later:
        change_over(engine, catalogue)


@click.command()
def progress() -> None:
    """Show which model the index is searched by, and how far a change to another one is."""
    with reading(ready(settings())) as session:
        served = index_models.in_role(session, IndexRole.SERVING)
        going = reembedding.progress(session, now=utc_now())
    click.echo(f"searched by {named(served.opener) if served else 'nothing yet'}")
    if going is not None:
        click.echo(line(going))


def change_over(engine: Engine, catalogue: Catalogue) -> None:
    """Work on the change behind a progress bar until the next model is in use."""
    name, total = worker_name(), 1
    with click.progressbar(length=1, label="Embedding", file=sys.stderr) as bar:
        while (going := _look(engine)) is not None:
            bar.length = total = max(going.total, 1)
            bar.update(min(going.done, total) - bar.pos)
            if not reembedding.step(engine, catalogue, name):
                _stop_if_stuck(_look(engine))
                time.sleep(PAUSE)
        bar.update(total - bar.pos)
    while reembedding.step(engine, catalogue, name):
        pass  # the old vectors
    with reading(engine) as session:
        catalogue.follow(session)


def tell_model(engine: Engine, catalogue: Catalogue, chosen: Settings) -> None:
    """Say when the index is searched by another model than the settings name."""
    with reading(engine) as session:
        catalogue.follow(session)
        served = index_models.in_role(session, IndexRole.SERVING)
        going = reembedding.progress(session, now=utc_now())
        wanted = wanted_model(session, chosen)
    if going is not None:
        say(f"A change of model is going on: {line(going)}.")
    elif served is not None and catalogue.is_wordless:
        say(f"The index was made with {named(served.opener)}, which cannot be opened here: only "
            "words are searched by; to change over: matchmaker index reembed")  # fmt: skip
    elif served is not None and served.opener not in {"", wanted}:
        say(f"The index is searched by {named(served.opener)}, not by {wanted}; "
            "to change over: matchmaker index reembed")  # fmt: skip


def wanted_model(session: Session, chosen: Settings) -> str:
    """The tuned model that is live, else that of the settings."""
    live = versions.live(session, ModelKind.ENCODER)
    return str(live.payload["name"]) if live else chosen.model


def line(going: Progress) -> str:
    told = (
        f"to {named(going.opener)}: {going.done} of {going.total} records, "
        f"{going.per_minute} a minute"
    )
    if going.set_aside:
        told += f", {going.set_aside} set aside"
    return told + (f", cannot be opened: {going.error}" if going.error else "")


def named(opener: str) -> str:
    return opener or "the model of the settings"


def _look(engine: Engine) -> Progress | None:
    with reading(engine) as session:
        return reembedding.progress(session, now=utc_now())


def _stop_if_stuck(going: Progress | None) -> None:
    if going is not None and (going.error or going.set_aside):
        raise click.ClickException(f"the change of model is stuck: {line(going)}")
