"""Versions of what is learned: kept as candidates, put live, taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from matchmaker.domain.errors import NotFoundError
from matchmaker.domain.vocabulary import ModelKind, VersionReason, VersionState
from matchmaker.models import Member, ModelVersion
from matchmaker.services import audit, reembedding


@dataclass(frozen=True)
class Outcome:
    """What was fitted, how it compares, and what follows from that."""

    kind: ModelKind
    payload: Mapping[str, Any]
    state: VersionState
    reason: VersionReason
    n_judgements: int
    last_judgement: int
    metrics: Mapping[str, Any] = field(default_factory=dict)


def live(session: Session, kind: ModelKind) -> ModelVersion | None:
    """The version of a kind in use; None: what ships with the product is."""
    return session.scalars(select(ModelVersion).where(ModelVersion.live_as == kind)).one_or_none()


def latest(session: Session, kind: ModelKind) -> ModelVersion | None:
    """The last one made, whatever came of it."""
    query = select(ModelVersion).where(ModelVersion.kind == kind)
    return session.scalars(query.order_by(ModelVersion.id.desc()).limit(1)).one_or_none()


def listing(session: Session, limit: int = 50) -> list[ModelVersion]:
    """Versions of all kinds, the newest first."""
    query = select(ModelVersion).options(joinedload(ModelVersion.made_by))
    return list(session.scalars(query.order_by(ModelVersion.id.desc()).limit(limit)))


def keep(
    session: Session, outcome: Outcome, *, made_by: Member | None, now: datetime
) -> ModelVersion:
    """Store what was fitted and put it live where its comparison says so; the caller commits."""
    version = ModelVersion(
        kind=outcome.kind,
        state=outcome.state if outcome.state is not VersionState.LIVE else VersionState.CANDIDATE,
        reason=outcome.reason,
        payload=dict(outcome.payload),
        metrics=dict(outcome.metrics),
        n_judgements=outcome.n_judgements,
        last_judgement_id=outcome.last_judgement,
        created_at=now,
        made_by_id=made_by.id if made_by else None,
    )
    session.add(version)
    session.flush()
    if outcome.state is VersionState.LIVE:
        _put_live(session, version, replaces=live(session, outcome.kind), now=now)
    _note(session, version, "model.tune", made_by, now)
    return version


def revert(
    session: Session, kind: ModelKind, *, by: Member | None, now: datetime
) -> ModelVersion | None:
    """Bring back what the live version replaced, exactly as it was; None: what ships.

    Raises NotFoundError where nothing is live.
    """
    version = live(session, kind)
    if version is None:
        raise NotFoundError("live version", kind)
    before = version.replaces
    _retire(session, version, VersionReason.REVERTED)
    _note(session, version, "model.revert", by, now)
    if before is not None:
        before.state, before.reason = VersionState.LIVE, VersionReason.BROUGHT_BACK
        before.live_as, before.live_since = kind, now
        session.flush()
    _follow_up(session, kind, before, now)
    return before


def _put_live(
    session: Session, version: ModelVersion, *, replaces: ModelVersion | None, now: datetime
) -> None:
    if replaces is not None:
        _retire(session, replaces, VersionReason.REPLACED)
    version.replaces = replaces
    version.state, version.live_as, version.live_since = VersionState.LIVE, version.kind, now
    session.flush()
    _follow_up(session, version.kind, version, now)


def _retire(session: Session, version: ModelVersion, reason: VersionReason) -> None:
    version.state, version.reason, version.live_as = VersionState.RETIRED, reason, None
    # Before another takes its place: one of a kind at most is live.
    session.flush()


def _follow_up(
    session: Session, kind: ModelKind, version: ModelVersion | None, now: datetime
) -> None:
    """Another encoder's vectors say nothing beside the old ones: every record is embedded again.

    Until all are, the index is searched by the old one. No version: the settings' own is wanted.

    Stored rankings need no word: their settings hash no longer fits, and the worker ranks anew.
    """
    if kind is ModelKind.ENCODER:
        reembedding.begin(session, str(version.payload["name"]) if version else "", now=now)


def _note(
    session: Session, version: ModelVersion, action: str, by: Member | None, now: datetime
) -> None:
    audit.record(
        session, action, now=now, actor_id=by.id if by else None, to_state=version.state,
        reason=version.reason,
        detail={
            "kind": str(version.kind), "version": version.public_id,
            "judgements": version.n_judgements,
        },
    )  # fmt: skip
