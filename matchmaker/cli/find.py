"""Ranking, explaining and measuring from the command line."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from sqlalchemy.orm import Session

from embeddings import Encoder
from embeddings.files import write_whole
from matchmaker.app import encoder_for
from matchmaker.cli.context import catalogue_for, ready, say, settings
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import NotFoundError
from matchmaker.domain.vocabulary import Role
from matchmaker.models import Need, Solution
from matchmaker.models.database import open_engine, reading
from matchmaker.queries import records
from matchmaker.services import evaluation, explaining, matching, parity, seeding

#: Who runs a command has the database before him: he reads as an administrator does.
ADMINISTRATOR = Viewer(member_id=0, role=Role.ADMIN)


@click.command()
@click.argument("code")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100))
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def match(code: str, limit: int, as_json: bool) -> None:
    """Rank the solutions for a need (or the needs for a solution) by its CODE."""
    chosen = settings()
    engine = ready(chosen)
    catalogue = catalogue_for(chosen)
    with reading(engine) as session:
        record = _by_code(session, code)
        matching.warm(session, catalogue)
        started = time.perf_counter()
        found = matching.suggest(session, catalogue, ADMINISTRATOR, record, limit)
        taken = time.perf_counter() - started
    rows = [_row(s, isinstance(record, Need)) for s in found]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{record.code}  {record.title}")
        for place, row in enumerate(rows, 1):
            click.echo(
                f"{place:3d}. {row['code']}  {row['band']:<9} {row['probability']:.2f}"
                f"  {row['title']}"
            )
    if not any(s.fits for s in found):
        say("Nothing fits well: the hits above are weak.")
    say(f"Ranked in {taken:.3f} s.")


@click.command()
@click.argument("need")
@click.argument("solution")
@click.option("--json", "as_json", is_flag=True)
def explain(need: str, solution: str, as_json: bool) -> None:
    """Say why SOLUTION stands where it stands for NEED (their codes)."""
    chosen = settings()
    engine = ready(chosen)
    catalogue = catalogue_for(chosen)
    with reading(engine) as session:
        wanted = records.by_code(session, Need, need)
        offered = records.by_code(session, Solution, solution)
        found = matching.explain(session, catalogue, ADMINISTRATOR, wanted, offered)
    row = _row(found, True) | {"evidence": found.evidence, "rule": found.rule}
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False, indent=2))
        return
    click.echo(f"{found.need.code}  {found.need.title}")
    click.echo(f"{found.solution.code}  {found.solution.title}")
    if found.rule:
        click.echo(f"never suggested: {found.rule}")
    click.echo(f"band {found.band}, probability {found.probability:.2f}, score {found.score:.4f}")
    for signal in found.signals:
        click.echo(f"  {signal['name']:<12} {signal['value']:.2f} × {signal['weight']}")
    for item in found.evidence:
        must = "must  " if item["must"] else "should"
        click.echo(f"  {must} {item['verdict']:<12} {item['text']}")
        if item["quote"]:
            click.echo(f"         “{item['quote']}” ({item['field']})")


@click.command()
@click.argument(
    "directories", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--system", default="pipeline", show_default=True, type=click.Choice(evaluation.SYSTEMS)
)
@click.option(
    "--run", "run_file", type=click.Path(dir_okay=False, path_type=Path), help="Write a TREC run."
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON per collection.")
@click.option(
    "--database", help="Rank in this PostgreSQL as well, and tell how far the two rankings agree."
)
def evaluate(
    directories: tuple[Path, ...], system: str, run_file: Path | None, as_json: bool,
    database: str | None,
) -> None:  # fmt: skip
    """Measure ranking on collections (corpus.jsonl, queries.jsonl, qrels.tsv).

    Without DIRECTORIES the seed's own gold pairs are measured, hard negatives in the pool.
    """
    chosen = settings()
    encoder = encoder_for(chosen)
    cache = chosen.data_dir / "cache"
    lines: list[str] = []
    with TemporaryDirectory() as scratch:
        if not directories:
            gold = Path(scratch) / "seed_gold"
            seeding.as_collection(gold)
            directories = (gold,)
        for directory in directories:
            if database:
                lines += _compare(database, directory, encoder, system, cache, as_json=as_json)
                continue
            result = evaluation.evaluate(directory, encoder, system=system, cache=cache)
            lines += result.run
            _print_result(result, as_json=as_json)
    if run_file:
        write_whole(run_file, ("\n".join(lines) + "\n").encode(), mode=0o644)
        say(f"Wrote {run_file}.")


def _compare(
    database: str, directory: Path, encoder: Encoder, system: str, cache: Path, *, as_json: bool
) -> list[str]:
    """Print both results and their agreement; gives the run of the shelf in PostgreSQL."""
    engine = open_engine(database)
    here, there, agreed = parity.measure(directory, encoder, engine, system=system, cache=cache)
    engine.dispose()
    if as_json:
        told = {name: round(value, 4) for name, value in asdict(agreed).items()}
        first, second = here.metrics["nDCG@10"][0], there.metrics["nDCG@10"][0]
        row = {"collection": here.collection, "system": system, "agreement": told}
        row |= {"nDCG@10": {"memory": round(first, 4), "postgresql": round(second, 4)}}
        click.echo(json.dumps(row, ensure_ascii=False))
        return there.run
    _print_result(here, as_json=False)
    click.echo("in PostgreSQL:")
    _print_result(there, as_json=False)
    click.echo(
        f"  first ten in common {agreed.overlap:.2%}, in the same order {agreed.same_order:.2%}, "
        f"same first {agreed.same_first:.2%}, nDCG@10 {agreed.gain:+.4f}"
    )
    return there.run


def _print_result(result: evaluation.Result, *, as_json: bool) -> None:
    metrics = {
        name: {"value": round(value, 4), "low": round(low, 4), "high": round(high, 4)}
        for name, (value, low, high) in result.metrics.items()
    }
    if as_json:
        row = {"collection": result.collection, "system": result.system, "metrics": metrics}
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    click.echo(f"{result.collection} ({result.system})")
    for name, m in metrics.items():
        click.echo(f"  {name:<11} {m['value']:.4f}  [{m['low']:.4f}, {m['high']:.4f}]")


def _by_code(session: Session, code: str) -> Need | Solution:
    try:
        return records.by_code(session, Need, code)
    except NotFoundError:
        pass
    try:
        return records.by_code(session, Solution, code)
    except NotFoundError as error:
        raise NotFoundError("need or solution", code) from error


def _row(found: explaining.Suggestion, from_need: bool) -> dict[str, Any]:
    other = found.solution if from_need else found.need
    return {
        "code": other.code,
        "title": other.title,
        "score": found.score,
        "probability": found.probability,
        "band": str(found.band),
        "signals": {s["name"]: s["value"] for s in found.signals},
        "quotes": [e["quote"] for e in found.evidence if e["quote"]],
    }
