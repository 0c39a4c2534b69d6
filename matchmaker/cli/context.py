"""What commands share: settings, engine, catalogue, and errors in one sentence."""

import errno
import sys
from typing import Any

import click
from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from embeddings import EmbeddingError
from matchmaker import migrations
from matchmaker.app import catalogue_for
from matchmaker.config import SettingError, Settings, read_settings
from matchmaker.domain.errors import InvalidError, MatchmakerError
from matchmaker.models.database import is_there, open_engine

__all__ = [
    "Failing", "catalogue_for", "engine_for", "is_terminal", "ready", "say", "settings",
]  # fmt: skip


class Failing(click.Group):
    """Turns foreseen failures into one sentence and exit code 1; a bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (SettingError, EmbeddingError, CommandError) as error:
            raise click.ClickException(str(error)) from error
        except InvalidError as error:
            told = "; ".join(f"{p.field}: {p.code} {dict(p.facts) or ''}" for p in error.problems)
            raise click.ClickException(told) from error
        except MatchmakerError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever read our lines has enough of them
            named = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{named}{error.strerror or error}") from error
        except OperationalError as error:
            # A server's driver says it in several lines.
            told = " ".join(str(error.orig).split())
            raise click.ClickException(f"the database cannot be used: {told}") from error


def settings() -> Settings:
    return read_settings()


def engine_for(chosen: Settings, *, create: bool = True) -> Engine:
    """An engine for the command that runs; its connections are closed when the command ends."""
    engine = open_engine(chosen.url, create=create)
    if (context := click.get_current_context(silent=True)) is not None:
        context.call_on_close(engine.dispose)
    return engine


def ready(chosen: Settings) -> Engine:
    """An engine over a database of this code's revision; says what to run when it is not."""
    engine = engine_for(chosen, create=False)
    at = migrations.current(engine) if is_there(engine) else None
    if at != migrations.head():
        state = "empty" if at is None else f"at revision {at}"
        raise click.ClickException(
            f"the database is {state}; run: matchmaker db upgrade (or: matchmaker demo)"
        )
    return engine


def say(text: str) -> None:
    """For people: on the error stream, so that what a command prints can be piped on."""
    click.echo(text, err=True)


def is_terminal() -> bool:
    return sys.stderr.isatty()
