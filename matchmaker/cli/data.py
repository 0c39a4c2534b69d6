"""The database, the seed data and the index."""

import click

from matchmaker import migrations
from matchmaker.cli import reembed, run
from matchmaker.cli.context import catalogue_for, engine_for, ready, say, settings
from matchmaker.models import utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services import indexing, seeding, upkeep


@click.group()
def db() -> None:
    """Change or show the schema."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to REVISION (head)."""
    engine = engine_for(settings())
    migrations.upgrade(engine, revision)
    click.echo(migrations.current(engine))


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION; data of later tables is lost."""
    engine = engine_for(settings())
    migrations.downgrade(engine, revision)
    click.echo(migrations.current(engine) or "empty")


@db.command()
def current() -> None:
    """Show the revision the database is at, and the newest one."""
    at = migrations.current(engine_for(settings())) or "empty"
    click.echo(f"{at} (newest: {migrations.head()})")


@click.group()
def seed() -> None:
    """Load data that ships with the product."""


@seed.command()
def vocabularies() -> None:
    """Load or renew the code lists: fields, industries, communes…"""
    with writing(ready(settings())) as session:
        counts = seeding.load_vocabularies(session, now=utc_now())
    for scheme, count in counts.items():
        click.echo(f"{scheme}: {count}")


@seed.command("demo")
def seed_demo() -> None:
    """Load the illustrative organisations, needs and solutions."""
    chosen = settings()
    engine = ready(chosen)
    password = run.demo_password(chosen)
    with writing(engine) as session:
        seeding.load_vocabularies(session, now=utc_now())
        seeding.load_institutions(session, now=utc_now())
        result = seeding.load_demo(session, password=password, now=utc_now())
    run.embed(engine, catalogue_for(chosen))
    for name, count in result.counts.items():
        click.echo(f"{name}: {count}")
    say(f"Demo accounts (password: {password}): {', '.join(result.accounts)}")


@click.group()
def index() -> None:
    """The search index, a shadow of the database."""


@index.command()
def rebuild() -> None:
    """Read every record again and embed what changed."""
    chosen = settings()
    engine = ready(chosen)
    catalogue = catalogue_for(chosen)
    with writing(engine) as session:
        asked = indexing.ask_for_all(session)
    say(f"{asked} records to look at.")
    run.embed(engine, catalogue)
    with reading(engine) as session:
        catalogue.rebuild(session)
    for shelf, size in catalogue.sizes().items():
        click.echo(f"{shelf}: {size}")


index.add_command(reembed.reembed)
index.add_command(reembed.progress)


@index.command()
def verify() -> None:
    """Compare the index with the records; exit code 1 when anything is missing, extra or stale."""
    chosen = settings()
    engine = ready(chosen)
    with reading(engine) as session:
        catalogue = catalogue_for(chosen)
        found = upkeep.verify(session, catalogue)
    click.echo(
        f"missing {found.missing}, extra {found.extra}, stale {found.stale}, "
        f"waiting {found.waiting}"
    )
    if not found.is_whole:
        raise SystemExit(1)
