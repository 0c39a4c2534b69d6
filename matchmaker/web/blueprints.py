"""The rooms of the site."""

from flask import Flask

from matchmaker.web import (
    account,
    candidates,
    desk,
    engagements,
    health,
    home,
    learning,
    matches,
    meetings,
    metrics,
    moves,
    need_groups,
    needs,
    newcomers,
    organisations,
    relations,
    rounds,
    search,
    solutions,
    system,
    work,
)


def register(app: Flask) -> None:
    for room in (
        home, search, account, needs, solutions, organisations, work, matches, engagements, desk,
        rounds, moves, meetings, learning,
        need_groups,
        candidates, newcomers, relations, health, metrics, system,
    ):  # fmt: skip
        app.register_blueprint(room.bp)
