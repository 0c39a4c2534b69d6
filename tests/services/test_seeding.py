"""The demonstration as it stands in a database after loading."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from matchmaker import migrations
from matchmaker.domain import identity, recipe
from matchmaker.domain.errors import InvalidError
from matchmaker.domain.vocabulary import (
    Level,
    OrganisationStatus,
    RecordStatus,
    Role,
    Scheme,
    Verification,
)
from matchmaker.models import (
    AuditEntry,
    Contact,
    IndexTask,
    Member,
    Need,
    Notice,
    Organisation,
    Solution,
    Term,
)
from matchmaker.models.database import new_session, open_engine
from matchmaker.queries import desk, disclosed
from matchmaker.services import accounts, audit, records, seeding
from matchmaker.services.seeding.demo_files import read_demo
from matchmaker.services.seeding.gold import text_of
from tests.conftest import NOON

PASSWORD = "a long demonstration password"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Everything loaded once; the tests of this module read it, or undo what they write."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('seed') / 'seed.db'}")
    migrations.upgrade(engine)
    with new_session(engine, writes=False) as session:
        seeding.load_institutions(session, now=NOON)
        steps: list[tuple[int, int]] = []
        seeding.load_demo(
            session, password=PASSWORD, now=NOON, on_progress=lambda *step: steps.append(step)
        )
        session.commit()
        session.info["steps"] = steps
        yield session
    engine.dispose()


@pytest.fixture
def demo_records(loaded: Session) -> list[Need | Solution]:
    return [*loaded.scalars(select(Need)), *loaded.scalars(select(Solution))]


def _rows(session: Session) -> dict[str, int | None]:
    tables = (Organisation, Member, Contact, Need, Solution, Term, AuditEntry, IndexTask, Notice)
    return {t.__tablename__: session.scalar(select(func.count()).select_from(t)) for t in tables}


def test_every_file_arrives_in_the_state_it_names(loaded: Session) -> None:
    demo = read_demo()

    for table, seeds in ((Need, demo.needs), (Solution, demo.solutions)):
        found = {r.submission_key: r.status for r in loaded.scalars(select(table))}
        assert found == {f"demo:{seed.key}": seed.status for seed in seeds}
    assert Counter(r.status for r in demo.records.values()) == {
        RecordStatus.PUBLISHED: 139,
        RecordStatus.SUBMITTED: 4,
        RecordStatus.DRAFT: 1,
        RecordStatus.WITHDRAWN: 1,
    }


def test_loading_again_adds_nothing(loaded: Session) -> None:
    before = _rows(loaded)

    later = NOON + timedelta(days=3)
    result = seeding.load_demo(loaded, password=PASSWORD, now=later)
    institutions = seeding.load_institutions(loaded, now=later)
    loaded.flush()

    assert set(result.counts.values()) == {0}
    assert institutions == 0
    assert _rows(loaded) == before


def test_loading_again_leaves_unread_notices_of_others_alone(loaded: Session) -> None:
    loaded.execute(update(Notice).values(read_at=None))

    seeding.load_demo(loaded, password=PASSWORD, now=NOON + timedelta(days=3))

    assert loaded.scalar(select(func.count()).where(Notice.read_at.is_not(None))) == 0
    loaded.rollback()


def test_every_text_and_code_would_pass_the_form(demo_records: list[Need | Solution]) -> None:
    for record in demo_records:
        complete = record.status is not RecordStatus.DRAFT
        assert records.draft_of(record).problems(complete=complete, today=NOON.date()) == []


def test_demo_records_are_marked_and_no_real_organisation_owns_one(
    loaded: Session, demo_records: list[Need | Solution]
) -> None:
    real = set(loaded.scalars(select(Organisation.id).where(Organisation.is_demo.is_(False))))

    assert len(real) == 26
    assert all(record.is_demo for record in demo_records)
    assert not real & {record.organisation_id for record in demo_records}
    assert not real & set(loaded.scalars(select(Member.organisation_id)))


def test_institutions_are_neutral_rows(loaded: Session) -> None:
    rows = loaded.scalars(select(Organisation).where(Organisation.is_demo.is_(False))).all()

    assert {(r.status, r.verification) for r in rows} == {
        (OrganisationStatus.UNCLAIMED, Verification.UNVERIFIED)
    }
    assert all(r.source.startswith("directory:") and len(r.source) <= 200 for r in rows)
    assert not any(r.members or r.contacts or r.experts or r.tax_code for r in rows)
    assert all(r.about_vi.startswith("Lĩnh vực theo nguồn công khai") for r in rows)


def test_demo_organisations_have_tax_codes_no_firm_can_have(loaded: Session) -> None:
    codes = loaded.scalars(select(Organisation.tax_code).where(Organisation.is_demo)).all()

    assert len(set(codes)) == len(codes) == len(read_demo().organisations)
    assert all(code.startswith("99") and identity.is_tax_code(code) for code in codes)


def test_human_codes_count_up_in_order_of_posting(loaded: Session) -> None:
    for table, prefix in ((Need, "NC"), (Solution, "GP")):
        rows = loaded.execute(select(table.code, table.created_at).order_by(table.code)).all()
        assert [c for c, _ in rows] == [f"{prefix}-2026-{i + 1:05d}" for i in range(len(rows))]
        times = [at for _, at in rows]
        assert times == sorted(times)


def test_records_are_spread_over_forty_days_and_none_lies_ahead(
    demo_records: list[Need | Solution],
) -> None:
    published = [r.published_at for r in demo_records if r.published_at]

    assert max(published) - min(published) > timedelta(days=30)
    assert all(r.created_at < NOON and r.updated_at < NOON for r in demo_records)
    assert all(
        NOON - timedelta(days=41) < r.submitted_at < r.published_at <= NOON
        for r in demo_records
        if r.published_at
    )


def test_the_audit_chain_is_whole(loaded: Session) -> None:
    assert audit.first_broken(loaded) is None


def test_every_listed_record_waits_for_the_index(
    loaded: Session, demo_records: list[Need | Solution]
) -> None:
    asked = {(t.record_kind, t.record_id) for t in loaded.scalars(select(IndexTask))}

    assert {(r.record_kind, r.id) for r in demo_records} <= asked


def test_no_address_could_reach_anybody(loaded: Session) -> None:
    addresses = [*loaded.scalars(select(Contact.email)), *loaded.scalars(select(Member.email))]

    assert len(addresses) > 90
    assert all(address.endswith(".example") for address in addresses)


def test_accounts_sign_in_and_own_something(loaded: Session) -> None:
    roles = {m.email.partition("@")[0]: m.role for m in loaded.scalars(select(Member))}
    owned = {
        name: loaded.scalar(
            select(func.count())
            .select_from(table)
            .join(Member, Member.organisation_id == table.organisation_id)
            .where(Member.email == f"{name}@demo.example", table.author_id == Member.id)
        )
        for name, table in (("enterprise", Need), ("school", Solution), ("startup", Solution))
    }

    assert roles == {
        "admin": Role.ADMIN,
        "manager": Role.MANAGER,
        "curator": Role.CURATOR,
        "enterprise": Role.MEMBER,
        "school": Role.MEMBER,
        "startup": Role.MEMBER,
    }
    assert owned == {"enterprise": 4, "school": 10, "startup": 2}
    assert accounts._verified(loaded, "school@demo.example", PASSWORD)
    loaded.rollback()


def test_the_curator_starts_with_the_queue_and_few_notices(loaded: Session) -> None:
    curator = desk.member_by_email(loaded, "curator@demo.example")
    waiting = loaded.scalars(select(Need).where(Need.status == RecordStatus.SUBMITTED)).all()

    assert 0 < desk.unread_count(loaded, curator.id) < 15
    assert [n.review_due_at > NOON for n in waiting] == [True, True]


def test_gold_text_is_what_the_product_indexes(
    loaded: Session, demo_records: list[Need | Solution]
) -> None:
    demo = read_demo()
    for record in demo_records:
        shown = disclosed.view_at(record, Level.MEMBERS)
        key = record.submission_key.removeprefix("demo:")
        assert text_of(demo.records[key]) == recipe.compose(record.record_kind, shown)


def test_short_password_is_refused(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    migrations.upgrade(engine)
    with new_session(engine, writes=True) as session, pytest.raises(InvalidError):
        seeding.load_demo(session, password="short", now=NOON)
    engine.dispose()


def test_progress_is_told_step_by_step_to_the_end(loaded: Session) -> None:
    steps = loaded.info["steps"]

    assert steps == [(done, len(steps)) for done in range(1, len(steps) + 1)]
    assert len(steps) == 2 * 139 + 4 + 1 + 3


def test_vocabularies_load_once_and_end_what_left_the_file(session: Session) -> None:
    first = seeding.load_vocabularies(session, now=NOON)
    session.add(Term(scheme=Scheme.FIELD, code="998", position=99, label_vi="cũ", label_en="old"))
    session.flush()
    second = seeding.load_vocabularies(session, now=NOON)
    third = seeding.load_vocabularies(session, now=NOON)

    gone = session.scalars(select(Term).where(Term.code == "998")).one()
    assert first["added"] > 250
    assert first["ended"] == 0
    assert second == {"added": 0, "changed": 0, "ended": 1}
    assert gone.valid_to == NOON.date()
    assert set(third.values()) == {0}


def test_a_corrected_word_reaches_the_term(session: Session) -> None:
    seeding.load_vocabularies(session, now=NOON)
    term = session.scalars(select(Term).where(Term.scheme == Scheme.TRL, Term.code == "9")).one()
    right = term.label_vi, term.plain_vi, term.position
    term.label_vi, term.plain_vi, term.position, term.valid_to = "sai", "sai", 0, NOON.date()
    session.flush()

    counts = seeding.load_vocabularies(session, now=NOON)

    assert counts == {"added": 0, "changed": 1, "ended": 0}
    assert (term.label_vi, term.plain_vi, term.position, term.valid_to) == (*right, None)


def test_commune_and_industry_lists_are_whole(session: Session) -> None:
    seeding.load_vocabularies(session, now=NOON)
    counts = Counter(session.scalars(select(Term.scheme).where(Term.broader.is_(None))))
    ward = session.scalars(
        select(Term).where(Term.scheme == Scheme.COMMUNE, Term.code == "26041")
    ).one()

    assert counts[Scheme.COMMUNE] == 95
    assert counts[Scheme.INDUSTRY] == 22
    assert counts[Scheme.FIELD] == 6
    assert (ward.label_vi, ward.label_en) == ("Phường Trấn Biên", "Tran Bien ward")
