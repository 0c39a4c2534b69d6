"""The audit chain: one line for every write by anyone, in the transaction of the write itself."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import RecordKind
from matchmaker.models import AuditEntry
from matchmaker.services.numbering import next_value

_FIRST = "0" * 64


def record(
    session: Session,
    action: str,
    *,
    now: datetime,
    actor_id: int | None,
    kind: RecordKind | None = None,
    public_id: str = "",
    from_state: str = "",
    to_state: str = "",
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append a line that seals the one before it.

    `detail` holds names of fields and values everybody may read, never confidential text.
    """
    seq = next_value(session, "audit")
    last = select(AuditEntry.hash).where(AuditEntry.seq == seq - 1)
    previous = session.scalar(last) or _FIRST
    entry = AuditEntry(
        seq=seq,
        at=now,
        actor_id=actor_id,
        action=action,
        record_kind=kind,
        record_public_id=public_id,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        detail=dict(detail or {}),
        previous_hash=previous,
    )
    entry.hash = seal(entry)
    session.add(entry)
    session.flush()
    return entry


def seal(entry: AuditEntry) -> str:
    """SHA-256 over every column of a line and the hash of the line before."""
    told = [
        entry.seq, entry.at.astimezone(UTC).isoformat(), entry.actor_id, entry.action,
        entry.record_kind,
        entry.record_public_id, entry.from_state, entry.to_state, entry.reason, entry.detail,
        entry.previous_hash,
    ]  # fmt: skip
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def first_broken(session: Session) -> int | None:
    """The number of the first line that does not fit the chain; None: the chain is whole."""
    previous, expected = _FIRST, 1
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq)):
        if entry.seq != expected or entry.previous_hash != previous or entry.hash != seal(entry):
            return expected
        previous, expected = entry.hash, expected + 1
    return None
