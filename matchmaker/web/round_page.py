"""What the page of a round knows: its timetable, what the last run said, who meets nobody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.domain.vocabulary import Fix, MeetingState, PlanStatus, RecordKind
from matchmaker.extensions import db
from matchmaker.models import Match, Meeting, Need, Round, RoundFix, RoundRun
from matchmaker.queries import disclosed, rounds
from matchmaker.queries.disclosed import View
from matchmaker.services.clocks import LOCAL
from matchmaker.services.round_plans import OPEN
from matchmaker.web import current
from matchmaker.web.filters import phrase
from matchmaker.web.phrases import field_label
from matchmaker.web.phrases import rounds as words


@dataclass(frozen=True)
class Line:
    """One slot of the timetable: a cell for every table, empty where nobody meets."""

    starts_at: datetime
    ends_at: datetime
    cells: list[View | None]
    #: The first of its day, where the days have to be told apart.
    opens_day: bool


@dataclass(frozen=True)
class Unserved:
    """A need that meets nobody, why, and the best that matching has for it."""

    need: View
    why: str
    best: list[Match]


def page(round_: Round) -> dict[str, Any]:
    """All that the page shows, for staff."""
    viewer = current.viewer()
    met = rounds.meetings_of(db.session, viewer, round_)
    views = meeting_views(round_, met)
    run = round_.runs[0] if round_.runs else None
    settings = RoundSettings.of(round_.settings)
    unserved = unserved_of(run)
    return {
        "round": rounds.view(round_, viewer),
        "settings": settings,
        "version": round_.version,
        "meetings": views,
        "lines": lines(views, settings),
        "tables": max([settings.tables, *(v.table_number for v in views)]),
        "organisations": _organisations(met),
        "run": run,
        "runs": round_.runs,
        "short": [words.short(one) for one in run.short] if run else [],
        "unserved": unserved,
        "served": len({m.need_id for m in met}),
        "expected": round(sum(v.probability for v in views)),
        "fixes": round_.fixes,
        "unplaced": _unplaced(round_, run, met),
        "absences": round_.absences,
        "is_open": round_.state in OPEN,
        "unmarked": sum(m.state is MeetingState.PLANNED for m in met),
    }


def _unplaced(round_: Round, run: RoundRun | None, met: list[Meeting]) -> set[RoundFix]:
    """Pins that the last plan passed over: only what is listed and allowed is planned."""
    if run is None or run.status not in {PlanStatus.OPTIMAL, PlanStatus.FEASIBLE}:
        return set()
    meets = {(m.need_id, m.solution_id) for m in met}
    pins = [f for f in round_.fixes if f.fix is Fix.PIN and f.made_at < run.started_at]
    return {f for f in pins if (f.need_id, f.solution_id) not in meets}


def meeting_views(round_: Round, met: list[Meeting]) -> list[View]:
    """Meetings as this reader may see them."""
    viewer = current.viewer()
    introduced = disclosed.introduced_to(db.session, viewer)
    fixes = {(f.need_id, f.solution_id): f.fix for f in round_.fixes}
    return [rounds.meeting_view(one, viewer, introduced, fixes) for one in met]


def lines(views: list[View], settings: RoundSettings) -> list[Line]:
    """The timetable, slot by slot, in order; slots in which nobody meets are left out."""
    tables = max([settings.tables, *(v.table_number for v in views)])
    at: dict[datetime, dict[int, View]] = {}
    for view in views:
        here = at.setdefault(view.starts_at, {})
        # A meeting that was moved to where one was cancelled is what takes place there.
        if view.table_number not in here or view.state is not MeetingState.CANCELLED:
            here[view.table_number] = view
    found: list[Line] = []
    day = None
    for starts, held in sorted(at.items()):
        cells = [held.get(table) for table in range(1, tables + 1)]
        today = starts.astimezone(LOCAL).date()
        ends = next(iter(held.values())).ends_at
        found.append(Line(starts, ends, cells, opens_day=today != day))
        day = today
    return found


def unserved_of(run: RoundRun | None) -> list[Unserved]:
    """Needs the last run found nobody for, in order of their codes."""
    rows = {one["code"]: one["reasons"] for one in (run.unserved if run else ())}
    if not rows:
        return []
    viewer = current.viewer()
    best = rounds.best_of(db.session, list(rows))
    needs = db.session.scalars(select(Need).where(Need.code.in_(rows)).order_by(Need.code))
    return [
        Unserved(disclosed.view(viewer, n), words.reasons(rows[n.code]), best.get(n.code, []))
        for n in needs
    ]


def _organisations(met: list[Meeting]) -> list[tuple[View, int]]:
    """Everybody who meets somebody, by name, with how often."""
    found: dict[int, tuple[Any, int]] = {}
    for one in met:
        for organisation in (one.need.organisation, one.solution.organisation):
            known = found.get(organisation.id, (organisation, 0))
            found[organisation.id] = (organisation, known[1] + 1)
    viewer = current.viewer()
    rows = [(disclosed.view(viewer, organisation), count) for organisation, count in found.values()]
    return sorted(rows, key=lambda row: str(row[0].name_vi))


def settings_rows(settings: RoundSettings) -> list[tuple[str, str | int]]:
    """What the round was planned by, each line with its label."""
    values = settings.as_json()
    told: dict[str, str | int] = {
        "days": ", ".join(f"{day:%d/%m/%Y}" for day in settings.days),
        "newcomers": gettext("có") if settings.newcomers else gettext("không"),
        "floor": f"{settings.floor} %",
    }
    return [
        (str(field_label(name, RecordKind.ROUND)), told.get(name, values[name]))
        for name in values
        if name != "waived"
    ] + [
        (gettext("Quy tắc đã bỏ qua"), f"{phrase(f'RoundRule.{rule}')}: {code}")
        for rule, code in settings.waived
    ]
