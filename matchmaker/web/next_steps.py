"""What happens next with a record: with whom it lies, what he does, and until when.

One answer for every state, so that no record stands without a person and a step.
"""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext

from matchmaker.domain.vocabulary import RecordStatus
from matchmaker.models import Engagement, Need, Solution
from matchmaker.services.clocks import LOCAL
from matchmaker.services.engagements import FIRST_STEP

S = RecordStatus


@dataclass(frozen=True)
class NextStep:
    """One box: the step, the person, the due date; `yours` when it lies with the reader."""

    what: str
    who: str = ""
    due: date | None = None
    late: bool = False
    yours: bool = False


def of_record(
    record: Need | Solution, *, reviewer: str, engagement: Engagement | None, today: date
) -> NextStep:
    """The next step of a record for its owner; `reviewer` is who answered it last."""
    if engagement is not None:
        return of_engagement(engagement, today)
    status = record.status
    if status in {S.SUBMITTED, S.UNDER_REVIEW}:
        due = _day(record.review_due_at)
        return NextStep(
            gettext("Xem hồ sơ lần đầu và trả lời bạn"),
            reviewer or gettext("cán bộ kết nối của Sở"),
            due,
            late=due is not None and due < today,
        )
    if status is S.PUBLISHED:
        return _published(record, reviewer, today)
    return NextStep(_yours(status), yours=status in {S.DRAFT, S.CHANGES_REQUESTED, S.PAUSED})


def of_engagement(engagement: Engagement, today: date) -> NextStep:
    """The step of the introduction under way, as its officer keeps it."""
    first = engagement.next_step == FIRST_STEP
    what = gettext("Liên hệ với nhau lần đầu") if first else engagement.next_step
    return NextStep(what, engagement.officer.name, engagement.due_on, engagement.due_on < today)


def _published(record: Need | Solution, reviewer: str, today: date) -> NextStep:
    who = reviewer or gettext("cán bộ kết nối của Sở")
    if isinstance(record, Solution):
        return NextStep(gettext("Cán bộ đề xuất khi có nhu cầu phù hợp"), who)
    until = record.interest_until
    if until is not None and until < today:
        what = gettext("Hết hạn bày tỏ quan tâm; sửa hạn nếu bạn còn cần")
        return NextStep(what, due=until, late=True, yours=True)
    return NextStep(gettext("Cán bộ chọn và đề xuất giải pháp phù hợp"), who, until)


def _yours(status: RecordStatus) -> str:
    words: dict[RecordStatus, str] = {
        S.DRAFT: gettext("Hoàn thiện bản nháp rồi gửi duyệt"),
        S.CHANGES_REQUESTED: gettext("Bổ sung theo góp ý của cán bộ rồi gửi lại"),
        S.PAUSED: gettext("Mở lại khi bạn nhận được việc mới"),
        S.REJECTED: gettext("Hồ sơ không được duyệt; lý do ghi bên dưới"),
        S.WITHDRAWN: gettext("Hồ sơ đã rút; sửa để đưa về bản nháp"),
        S.EXPIRED: gettext("Hồ sơ đã hết hạn; sửa và gửi lại nếu còn cần"),
        S.RESOLVED: gettext("Nhu cầu đã được đáp ứng; không còn việc phải làm"),
        S.UNMET: gettext("Chưa tìm được giải pháp; Sở ghi vào danh mục nhu cầu chưa có lời giải"),
        S.IN_ENGAGEMENT: gettext("Hai bên đang làm việc với nhau"),
    }
    return words[status]


def _day(moment: datetime | None) -> date | None:
    return moment.astimezone(LOCAL).date() if moment else None
