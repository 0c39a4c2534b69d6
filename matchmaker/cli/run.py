"""Starting things: the demo, the site, a worker."""

import logging
import secrets
import signal
import sys
import time
from pathlib import Path

import click
import waitress
from sqlalchemy import Engine

from matchmaker import migrations
from matchmaker.app import create_app
from matchmaker.cli.context import catalogue_for, engine_for, ready, say, settings
from matchmaker.cli.reembed import change_over, tell_model
from matchmaker.config import Settings, kept_once
from matchmaker.jobs.worker import Worker
from matchmaker.models import utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services import indexing, logs, matching, reembedding, seeding
from matchmaker.services.catalogue import Catalogue, worker_name

log = logging.getLogger(__name__)

#: More than the site works on at a time: the others say "busy" at once.
THREADS = 16
#: Seconds in which the site's own worker ends what it has in hand, when the site is stopped.
STOP_WITHIN = 30


@click.command()
@click.option("--port", default=8000, show_default=True, help="Where to listen on 127.0.0.1.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--no-serve", is_flag=True, help="Set everything up and stop.")
def demo(port: int, host: str, no_serve: bool) -> None:
    """Set up the demo data, print its accounts and serve the site."""
    chosen = settings()
    engine = engine_for(chosen)
    migrations.upgrade(engine)
    password = demo_password(chosen)
    with writing(engine) as session:
        seeding.load_vocabularies(session, now=utc_now())
        seeding.load_institutions(session, now=utc_now())
        result = seeding.load_demo(session, password=password, now=utc_now())
    catalogue = catalogue_for(chosen)
    tell_model(engine, catalogue, chosen)
    if catalogue.is_wordless:
        with writing(engine) as session:
            reembedding.begin(session, chosen.model, now=utc_now())
        change_over(engine, catalogue)
    embed(engine, catalogue)
    rank(engine, catalogue)
    with writing(engine) as session:
        seeding.place_demo(session, catalogue, now=utc_now())
    say(f"Demo accounts (password: {password}):")
    for account in result.accounts:
        say(f"  {account}")
    if not no_serve:
        _serve(chosen, engine, catalogue, host, port)


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--no-worker", is_flag=True, help="Leave the background work to `worker`.")
def serve(port: int, host: str, no_worker: bool) -> None:
    """Serve the site; a thread of this process does the background work."""
    chosen = settings()
    engine, catalogue = ready(chosen), catalogue_for(chosen)
    tell_model(engine, catalogue, chosen)
    _serve(chosen, engine, catalogue, host, port, worker=not no_worker)


@click.command()
@click.option("--once", is_flag=True, help="Stop when there is nothing left to do.")
def worker(once: bool) -> None:
    """Do the background work: embed, index, rank, the day's jobs, a change of model.

    Any number may run at once. Asked to stop, it finishes what it has in hand.
    """
    chosen = settings()
    logs.open_log(chosen.log)
    engine, catalogue = ready(chosen), catalogue_for(chosen)
    working = Worker(engine, catalogue)
    tell_model(engine, catalogue, chosen)
    if once:
        while working.step():
            pass
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: working.stop())
    # The first ranking takes seconds: not while it keeps everybody else from writing.
    with reading(engine) as session:
        matching.warm(session, catalogue)
    log.info("worker %s at work; stop with Ctrl-C", working.name)
    working.run()
    log.info("worker %s stopped", working.name)


def embed(engine: Engine, catalogue: Catalogue) -> int:
    """Work off the whole outbox behind a progress bar; returns how many records it took."""
    with reading(engine) as session:
        catalogue.follow(session)
        waiting = indexing.pending(session)
    if not waiting:
        return 0
    done, name = 0, worker_name()
    with click.progressbar(length=waiting, label="Embedding", file=sys.stderr) as bar:
        while count := catalogue.work_off(engine, name):
            done += count
            with reading(engine) as session:
                bar.update(max(0, waiting - indexing.pending(session) - bar.pos))
    return done


def rank(engine: Engine, catalogue: Catalogue) -> int:
    """Rank every need whose shelf has changed; returns how many there were."""
    with reading(engine) as session:
        catalogue.catch_up(session)
        ids = [need.id for need in matching.behind(session, catalogue, limit=100_000)]
    if not ids:
        return 0
    with click.progressbar(ids, label="Matching ", file=sys.stderr) as bar:
        for need_id in bar:
            with writing(engine) as session:
                matching.refresh_by_id(session, catalogue, need_id, now=utc_now())
    return len(ids)


def _serve(
    chosen: Settings, engine: Engine, catalogue: Catalogue, host: str, port: int,
    *, worker: bool = True,
) -> None:  # fmt: skip
    app = create_app(chosen, engine=engine, catalogue=catalogue)
    started = time.perf_counter()
    with reading(engine) as session:
        matching.warm(session, catalogue)
    say(f"Search ready in {time.perf_counter() - started:.1f} s.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    working = Worker(engine, catalogue)
    thread = working.start_thread() if worker else None
    say(f"Serving on http://{host}:{port} ; stop with Ctrl-C.")
    try:
        # What a proxy says of the asker is sorted out by the application, by its own setting.
        waitress.serve(
            app, host=host, port=port, threads=THREADS, ident=None,
            clear_untrusted_proxy_headers=not chosen.trusted_proxies,
        )  # fmt: skip
    finally:
        working.stop()
        if thread is not None:
            thread.join(STOP_WITHIN)


def demo_password(chosen: Settings) -> str:
    """The demo password: as set, else made once and kept with the data it opens."""
    if chosen.demo_password:
        return chosen.demo_password
    path = Path(chosen.data_dir) / "demo_password"
    path.parent.mkdir(parents=True, exist_ok=True)
    return kept_once(path, lambda: "-".join(secrets.token_hex(3) for _ in range(3)))
