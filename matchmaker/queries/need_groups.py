"""Groups of needs with one problem: for the staff, who alone may know of them."""

from collections.abc import Collection

from sqlalchemy import Select, false, select, true
from sqlalchemy.orm import Session, selectinload

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import NotFoundError
from matchmaker.models import Need, NeedGroup, NeedGroupPlace


def _whole(viewer: Viewer) -> Select[NeedGroup]:
    need = selectinload(NeedGroup.places).selectinload(NeedGroupPlace.need)
    return (
        select(NeedGroup)
        .where(true() if viewer.is_staff else false())
        .options(
            selectinload(NeedGroup.made_by),
            need.selectinload(Need.organisation), need.selectinload(Need.tags),
            need.selectinload(Need.requirements), need.selectinload(Need.curator),
            need.selectinload(Need.author),
        )
    )  # fmt: skip


def get(session: Session, viewer: Viewer, public_id: str) -> NeedGroup:
    """One group; NotFoundError for all but the staff."""
    query = _whole(viewer).where(NeedGroup.public_id == public_id)
    group = session.scalars(query).one_or_none()
    if group is None:
        raise NotFoundError("need_group", public_id)
    return group


def every(session: Session, viewer: Viewer) -> list[NeedGroup]:
    """All groups, the latest first."""
    query = _whole(viewer).order_by(NeedGroup.made_at.desc(), NeedGroup.id.desc())
    return list(session.scalars(query))


def of_needs(session: Session, viewer: Viewer, public_ids: Collection[str]) -> dict[str, NeedGroup]:
    """The group of each of these needs that stands in one."""
    if not viewer.is_staff:
        return {}
    rows = session.execute(
        select(Need.public_id, NeedGroup)
        .join(NeedGroupPlace, NeedGroupPlace.need_id == Need.id)
        .join(NeedGroup, NeedGroup.id == NeedGroupPlace.group_id)
        .where(Need.public_id.in_(public_ids))
    )
    return {row[0]: row[1] for row in rows}
