"""A round as files to take along: a calendar and a workbook, of what their reader may see."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, send_file
from flask_babel import gettext

from matchmaker.queries.disclosed import View
from matchmaker.web.filters import moment, name, phrase

CALENDAR, WORKBOOK = (
    "text/calendar",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
Row = Sequence[str | int]


def calendar(round_: View, meetings: Iterable[View]) -> bytes:
    """An iCalendar file; a meeting keeps its UID, so taking the file again moves it."""
    from icalendar import Calendar, Event  # noqa: PLC0415 - a fifth of a second, on first use

    found = Calendar()
    found.add("prodid", "-//Matchmaker//Rounds//VI")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", round_.name)
    for met in meetings:
        event = Event()
        event.add("uid", f"{met.public_id}@matchmaker")
        event.add("dtstamp", met.updated_at.astimezone(UTC))
        event.add("sequence", met.version)
        event.add("dtstart", met.starts_at.astimezone(UTC))
        event.add("dtend", met.ends_at.astimezone(UTC))
        event.add("summary", f"{met.need.title} ↔ {met.solution.title}")
        event.add("location", ", ".join(filter(None, [_table(met), round_.venue])))
        event.add("description", "\n".join(_sides(met)))
        event.add("status", "CANCELLED" if met.state == "cancelled" else "CONFIRMED")
        found.add_component(event)
    return bytes(found.to_ical())


def workbook(
    round_: View, meetings: Sequence[View], unserved: Iterable[Row], settings: Iterable[Row]
) -> bytes:
    """An .xlsx file; every cell is text or a whole number, and no text is ever a formula."""
    from openpyxl import Workbook  # noqa: PLC0415 - half a second, on first use

    book = Workbook()
    book.remove(book.active)
    _sheet(book, gettext("Lịch"), _grid(meetings))
    _sheet(book, gettext("Cuộc gặp"), _meeting_rows(meetings))
    _sheet(
        book, gettext("Chưa có cuộc gặp"),
        [(gettext("Mã"), gettext("Nhu cầu"), gettext("Lý do")), *unserved],
    )  # fmt: skip
    _sheet(book, gettext("Thiết lập"), [(gettext("Đợt kết nối"), round_.code), *settings])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def attachment(content: bytes, kind: str, filename: str) -> Response:
    """A download that no cache keeps."""
    answer = send_file(
        io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=filename
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _sheet(book: Any, title: str, rows: Iterable[Row]) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    sheet = book.create_sheet(title)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(line, column)
            if not isinstance(value, str):
                cell.value = value
                continue
            # Said to be text after the value was set: "=1+1" would be read as a formula. The
            # quote prefix keeps it text when somebody edits the cell.
            cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value)
            cell.data_type = "s"
            cell.quotePrefix = True
    for letter, width in (("A", 20), ("B", 40), ("C", 40), ("D", 40), ("E", 30), ("F", 40)):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"


def _grid(meetings: Sequence[View]) -> list[Row]:
    tables = sorted({met.table_number for met in meetings})
    rows: list[Row] = [("", *(gettext("Bàn %(table)s", table=table) for table in tables))]
    at: dict[datetime, dict[int, View]] = {}
    for met in meetings:
        at.setdefault(met.starts_at, {})[met.table_number] = met
    for starts, held in sorted(at.items()):
        cells = [
            f"{held[t].need.code} ↔ {held[t].solution.code}" if t in held else "" for t in tables
        ]
        rows.append((moment(starts), *cells))
    return rows


def _meeting_rows(meetings: Iterable[View]) -> list[Row]:
    head = (
        gettext("Giờ"), gettext("Bàn"), gettext("Mã nhu cầu"), gettext("Nhu cầu"),
        gettext("Bên có nhu cầu"), gettext("Mã giải pháp"), gettext("Giải pháp"),
        gettext("Bên có giải pháp"), gettext("Trạng thái"),
    )  # fmt: skip
    return [
        head,
        *(
            (
                moment(met.starts_at), met.table_number, met.need.code, met.need.title,
                _who(met.need), met.solution.code, met.solution.title, _who(met.solution),
                phrase(met.state),
            )
            for met in meetings
        ),
    ]  # fmt: skip


def _sides(met: View) -> list[str]:
    return [
        f"{words}: {side.title} ({side.code}) – {_who(side)}"
        for words, side in ((gettext("Nhu cầu"), met.need), (gettext("Giải pháp"), met.solution))
    ]


def _who(view: View) -> str:
    return name(view.organisation) or str(gettext("ẩn danh"))


def _table(met: View) -> str:
    return str(gettext("Bàn %(table)s", table=met.table_number))
