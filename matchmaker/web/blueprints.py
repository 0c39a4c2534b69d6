"""The rooms of the site."""

from flask import Flask

from matchmaker.web import (
    account,
    desk,
    engagements,
    home,
    matches,
    need_groups,
    needs,
    organisations,
    search,
    solutions,
    work,
)


def register(app: Flask) -> None:
    for room in (
        home, search, account, needs, solutions, organisations, work, matches, engagements, desk,
        need_groups,
    ):  # fmt: skip
        app.register_blueprint(room.bp)
