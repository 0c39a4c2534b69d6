"""Commands: the same services as the pages, in an administrator's clothes."""

import click

from matchmaker.cli import bench, data, find, jobs, keep, model, people, rounds, run
from matchmaker.cli.context import Failing


@click.group(cls=Failing, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="matchmaker")
def main() -> None:
    """Matchmaker: technology needs, solutions, and the people who bring them together.

    Settings come from MATCHMAKER_* variables; data lies under MATCHMAKER_DATA_DIR (./var).
    """


for command in (
    run.demo, run.serve, run.worker, data.db, data.seed, data.index, find.match, find.explain,
    find.evaluate, bench.bench, model.model, jobs.jobs, people.members, rounds.round_group,
    keep.backup, keep.restore,
):  # fmt: skip
    main.add_command(command)
