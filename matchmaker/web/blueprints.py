"""The rooms of the site."""

from flask import Flask

from matchmaker.web import (
    account,
    desk,
    engagements,
    home,
    learning,
    matches,
    meetings,
    need_groups,
    needs,
    organisations,
    rounds,
    search,
    solutions,
    work,
)


def register(app: Flask) -> None:
    for room in (
        home, search, account, needs, solutions, organisations, work, matches, engagements, desk,
        rounds, meetings, learning,
        need_groups,
    ):  # fmt: skip
        app.register_blueprint(room.bp)
