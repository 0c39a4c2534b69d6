"""Figures in the form Prometheus reads: counters of the processes, states of the database."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from matchmaker.config import Settings
from matchmaker.domain.operations import JobOutcome
from matchmaker.extensions import catalogue, db
from matchmaker.models import utc_now
from matchmaker.models.database import reading
from matchmaker.search import meters
from matchmaker.services import backups, watching

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
def read() -> ResponseReturnValue:
    """Counters of all processes, and the state of the site read now.

    Where the database does not answer, the counters are told all the same.
    """
    settings: Settings = current_app.extensions["matchmaker.settings"]
    try:
        with reading(db.engine) as session:
            state = watching.state(session, utc_now())
    except SQLAlchemyError:
        state = None
    own = CollectorRegistry()
    own.register(_State(state, catalogue.seen, settings.data_dir))
    body = generate_latest(meters.registry()) + generate_latest(own)
    return Response(body, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


class _State(Collector):
    def __init__(self, state: watching.State | None, seen: int, data_dir: Path) -> None:
        self.state, self.seen, self.data_dir = state, seen, data_dir

    def collect(self) -> Iterator[Metric]:
        up = 0 if self.state is None else 1
        yield _gauge("database_up", "Whether the database answered.", up)
        if self.state is not None:
            yield from _of_index(self.state, self.seen)
            yield from _of_work(self.state)
        if (made := backups.last_made(self.data_dir)) is not None:
            yield _gauge("backup_timestamp_seconds", "When the last backup was made.", _unix(made))
        if self.data_dir.is_dir():
            free, _ = watching.disk(self.data_dir)
            yield _gauge("disk_free_bytes", "Free where the data lies.", free)


def _of_index(state: watching.State, seen: int) -> Iterator[Metric]:
    tasks = GaugeMetricFamily(
        "matchmaker_index_tasks", "Tasks of the index, by kind of record and where they stand.",
        labels=("kind", "state"),
    )  # fmt: skip
    for depth in state.depths:
        for where, count in depth.counts.items():
            tasks.add_metric((str(depth.kind), str(where)), count)
    yield tasks
    yield _gauge(
        "index_lag_seconds", "Age of the oldest task that is not done.", state.lag.total_seconds()
    )
    yield _gauge(
        "index_changes_behind", "Changes that the process which answered has not taken in yet.",
        max(0, state.changes - seen),
    )  # fmt: skip


def _of_work(state: watching.State) -> Iterator[Metric]:
    clocks = GaugeMetricFamily(
        "matchmaker_clocks_overdue", "Clocks that ran out, by what is waited for.",
        labels=("clock",),
    )  # fmt: skip
    for clock, count in state.overdue.items():
        clocks.add_metric((str(clock),), count)
    yield clocks
    jobs = GaugeMetricFamily(
        "matchmaker_job_last_success_timestamp_seconds",
        "When each job of the clock was done last; none while a later run is not done.",
        labels=("job",),
    )
    for job in state.jobs:
        if job.outcome is JobOutcome.DONE and job.at is not None:
            jobs.add_metric((job.name,), _unix(job.at))
    yield jobs


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"matchmaker_{name}", told, value=value)


def _unix(moment: datetime) -> float:
    return moment.timestamp()
