"""Backups."""

from pathlib import Path

import click

from matchmaker.cli.context import engine_for, ready, say, settings
from matchmaker.services import backups, restores


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as-lines", is_flag=True, help="Fit to move from SQLite to a PostgreSQL server.")
def backup(file: Path, *, as_lines: bool) -> None:
    """Write database, tuned models and manifest to FILE (.tar.gz) while the site goes on."""
    chosen = settings()
    manifest = backups.write(ready(chosen), chosen.data_dir, file, as_lines=as_lines)
    say(f"{file}: revision {manifest.revision}, {manifest.size:,} bytes of data.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a backup FILE into an empty data folder and an empty database."""
    chosen = settings()
    manifest = restores.restore(file, chosen.url, chosen.data_dir)
    engine_for(chosen)
    say(f"Restored the backup of {manifest.made_at}, revision {manifest.revision}.")
