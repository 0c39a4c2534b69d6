"""The form of a round, and the small ones on its page."""

from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext
from wtforms import BooleanField, HiddenField

from matchmaker.domain.errors import InvalidError, Problem
from matchmaker.domain.ranking.calibration import PLAUSIBLE, STRONG
from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.domain.vocabulary import RecordKind, RoundKind
from matchmaker.models import Round
from matchmaker.services.clocks import LOCAL
from matchmaker.web.forms import choices
from matchmaker.web.forms.fields import ChoiceField, CountField, LineField, TypedField
from matchmaker.web.forms.reading import read_day, read_words
from matchmaker.web.forms.record import RecordForm
from matchmaker.web.phrases import field_label

_HOURS = ("opens", "closes", "pause_from", "pause_to")
_COUNTS = (
    "slot_minutes", "break_minutes", "tables", "need_least", "need_most", "solution_most",
    "organisation_most",
)  # fmt: skip
#: From so many percent on a pair may be chosen: strong, plausible, also weak ones.
FLOORS = (round(STRONG * 100), round(PLAUSIBLE * 100), 5)
#: More days than a round may have are read, so that it can be said.
_DAYS_READ = 40


class HourField(TypedField):
    """An hour of the day: 08:00."""

    problem = "not_an_hour"

    def read(self, typed: str) -> time | None:
        try:
            return datetime.strptime(typed[:8].replace("h", ":").rstrip(":"), "%H:%M").time()  # noqa: DTZ007
        except ValueError:
            return None

    def write(self, value: time) -> str:
        return f"{value:%H:%M}"


class DaysField(TypedField):
    """Days with commas between them."""

    problem = "not_days"

    def read(self, typed: str) -> tuple[date, ...] | None:
        found = [read_day(one) for one in read_words(typed)[:_DAYS_READ]]
        days = [day for day in found if day is not None]
        return tuple(sorted(set(days))) if days and len(days) == len(found) else None

    def write(self, value: tuple[date, ...]) -> str:
        return ", ".join(f"{day:%d/%m/%Y}" for day in value)


def _label(name: str) -> Any:
    return field_label(name, RecordKind.ROUND)


class RoundForm(RecordForm):
    """What a curator sets up; `settings` is what it says."""

    record_kind = RecordKind.ROUND

    name = LineField(_label("name"))
    kind = ChoiceField(_label("kind"), of=RoundKind, default=RoundKind.DAY)
    venue = LineField(_label("venue"))
    days = DaysField(_label("days"))
    tables = CountField(_label("tables"))
    opens = HourField(_label("opens"))
    closes = HourField(_label("closes"))
    pause_from = HourField(_label("pause_from"))
    pause_to = HourField(_label("pause_to"))
    slot_minutes = CountField(_label("slot_minutes"))
    break_minutes = CountField(_label("break_minutes"))
    need_least = CountField(_label("need_least"))
    need_most = CountField(_label("need_most"))
    solution_most = CountField(_label("solution_most"))
    organisation_most = CountField(_label("organisation_most"))
    floor = ChoiceField(_label("floor"), of=int)
    newcomers = BooleanField(_label("newcomers"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices.of(RoundKind)
        words = (
            gettext("phù hợp cao"), gettext("có thể phù hợp trở lên"), gettext("cả ít phù hợp"),
        )  # fmt: skip
        self.floor.choices = [
            choices.choice(str(percent), word) for percent, word in zip(FLOORS, words, strict=True)
        ]

    @classmethod
    def blank(cls) -> "RoundForm":
        """The form with the defaults."""
        return cls(formdata=None, data=vars(RoundSettings()))

    @classmethod
    def of(cls, round_: Round) -> "RoundForm":
        """The form of a round as it stands."""
        values = vars(RoundSettings.of(round_.settings)) | {
            "name": round_.name, "kind": round_.kind, "venue": round_.venue,
            "version": str(round_.version),
        }  # fmt: skip
        return cls(formdata=None, data=values)

    def settings(self, known: RoundSettings | None = None) -> RoundSettings:
        """What was typed; raises InvalidError for a figure or an hour left out."""
        names = (*_HOURS, *_COUNTS, "floor")
        missing = [Problem(name, "required") for name in names if self[name].data is None]
        if missing:
            raise InvalidError(missing)
        return RoundSettings(
            days=self.days.data or (),
            newcomers=bool(self.newcomers.data),
            waived=known.waived if known else (),
            **self.values(names),
        )


class AbsenceForm(RecordForm):
    """An organisation that is away for part of a round."""

    record_kind = RecordKind.ROUND

    organisation = LineField(_label("organisation"))
    from_at = LineField(_label("from_at"))
    to_at = LineField(_label("to_at"))

    def times(self) -> tuple[datetime, datetime]:
        """From when to when; raises InvalidError for what cannot be read."""
        read = {name: _moment(self[name].data) for name in ("from_at", "to_at")}
        wrong = [Problem(name, "not_a_date") for name, at in read.items() if at is None]
        if wrong:
            raise InvalidError(wrong)
        begins, ends = read.values()
        assert begins is not None
        assert ends is not None
        return begins, ends


class MarkForm(RecordForm):
    """What came of a meeting."""

    record_kind = RecordKind.ROUND

    state = HiddenField()
    outcome = LineField(_label("outcome"))


def _moment(typed: str | None) -> datetime | None:
    """12/12/2026 08:00, or as a browser's own field writes it: 2026-12-12T08:00."""
    day, _, hour = (typed or "").replace("T", " ").strip().partition(" ")
    found = read_day(day)
    try:
        at = datetime.strptime(hour.strip()[:5] or "00:00", "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        return None
    return datetime.combine(found, at, LOCAL) if found else None
