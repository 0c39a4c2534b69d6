"""What was learned from judgements."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.vocabulary import ModelKind, VersionReason, VersionState
from matchmaker.models.base import Base, Public, Word, utc_now
from matchmaker.models.member import Member


class ModelVersion(Public, Base):
    """One fitted model: what it is, how it did, and whether it is the one in use.

    Its payload is never rewritten, so that a version brought back is the very same. Where none of
    a kind is live, what ships with the product is used.
    """

    __tablename__ = "model_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ModelKind] = mapped_column(Word(ModelKind))
    state: Mapped[VersionState] = mapped_column(Word(VersionState))
    #: Its kind while it is live, else None: unique, so that two workers cannot put two live.
    live_as: Mapped[ModelKind | None] = mapped_column(Word(ModelKind), unique=True)
    reason: Mapped[VersionReason] = mapped_column(Word(VersionReason))
    payload: Mapped[dict[str, Any]]
    #: Comparisons with the version it was to replace, and the figures of the page.
    metrics: Mapped[dict[str, Any]]
    #: Judgements it was fitted to; judged needs are among the metrics.
    n_judgements: Mapped[int]
    #: The last judgement there was: a nightly fit waits for a newer one.
    last_judgement_id: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: None: the nightly job or a command.
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    live_since: Mapped[datetime | None]
    #: What was live before it, for the way back; None: what ships with the product.
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("model_version.id"))

    made_by: Mapped[Member | None] = relationship()
    replaces: Mapped["ModelVersion | None"] = relationship(remote_side="ModelVersion.id")
