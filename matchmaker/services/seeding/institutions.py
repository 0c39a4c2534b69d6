"""The directory of institutions: neutral rows that wait for their owners to claim them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import OrganisationKind, OrganisationStatus, RecordKind, Scheme
from matchmaker.models import Organisation
from matchmaker.services import audit, clocks
from matchmaker.services.numbering import next_code
from matchmaker.services.seeding import tables
from matchmaker.services.seeding.errors import SeedError
from matchmaker.services.seeding.tables import Row
from matchmaker.services.seeding.vocabularies import read_vocabularies

COLUMNS = (
    "key", "kind", "name_vi", "name_en", "commune", "in_province", "fields_vi", "confidence",
    "source",
)  # fmt: skip
_FILE = "institutions.csv"


def load_institutions(session: Session, *, now: datetime) -> int:
    """Add the institutions that are not there yet and say how many; the caller commits.

    A row that is there is left alone: its owner may have claimed and corrected it.
    """
    query = select(Organisation.source).where(Organisation.source.startswith("directory:"))
    known = {source.partition(";")[0] for source in session.scalars(query)}
    new = [row for row in _checked() if f"directory:{row['key']}" not in known]
    for row in new:
        _add(session, row, now=now)
    return len(new)


def _checked() -> list[Row]:
    known = read_vocabularies()
    rows = tables.read(tables.seed_folder() / _FILE, COLUMNS)
    for row in rows:
        if row["commune"] and (Scheme.COMMUNE, row["commune"]) not in known:
            raise SeedError(_FILE, row["key"], "commune", f"unknown code {row['commune']}")
        if row["kind"] not in list(OrganisationKind):
            raise SeedError(_FILE, row["key"], "kind", f"unknown word {row['kind']}")
    return rows


def _add(session: Session, row: Row, *, now: datetime) -> None:
    about = f"Lĩnh vực theo nguồn công khai, đơn vị chưa xác nhận: {row['fields_vi']}."
    if row["in_province"] == "no":
        about += " Trụ sở ngoài Đồng Nai."
    organisation = Organisation(
        code=next_code(session, "TC", clocks.local_year(now)),
        kind=OrganisationKind(row["kind"]),
        status=OrganisationStatus.UNCLAIMED,
        name_vi=row["name_vi"],
        name_en=row["name_en"],
        commune=row["commune"] or None,
        about_vi=about,
        source=f"directory:{row['key']}; {row['source']}; confidence {row['confidence']}",
        created_at=now,
        updated_at=now,
    )
    session.add(organisation)
    session.flush()
    audit.record(
        session, "organisation.add", now=now, actor_id=None, kind=RecordKind.ORGANISATION,
        public_id=organisation.public_id, to_state=organisation.status,
    )  # fmt: skip
