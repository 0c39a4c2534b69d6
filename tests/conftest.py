"""The same people everywhere: Alice of an enterprise, Bob of a school, Carol who curates,
Mallory who should not be there."""

import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from embeddings import HashingEncoder
from matchmaker import migrations
from matchmaker.app import create_app
from matchmaker.config import Settings
from matchmaker.domain.drafts import NeedDraft, Performance, Requirement, SolutionDraft
from matchmaker.domain.vocabulary import (
    Operator,
    OrganisationKind,
    OrganisationStatus,
    ReviewAction,
    Role,
    Scheme,
    SolutionKind,
)
from matchmaker.models import Contact, Member, Need, Organisation, Solution, Term
from matchmaker.models.database import new_session, open_engine
from matchmaker.services import accounts, records, reviews
from matchmaker.services.catalogue import Catalogue
from tests import demonstration, made_once, postgres
from tests.demonstration import Demonstration
from tests.order import pytest_collection_modifyitems, pytest_configure
from tests.postgres import Server
from tests.snapshots import Kept, Snapshots

__all__ = ["pytest_collection_modifyitems", "pytest_configure"]

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"

PROBLEM = (
    "Dây chuyền cắt tách vỏ hạt điều của xưởng đang làm vỡ khoảng 14 % nhân, "
    "nhất là với hạt cỡ nhỏ. "
    "Mỗi ca phải có tám công nhân nhặt lại nhân vỡ bằng tay, năng suất chỉ được 0,6 tấn một giờ."
)


#: What the product hashes passwords with; the tests' own is as real and a hundred times lighter.
SHIPPED_HASHER = accounts._hasher


@pytest.fixture(scope="session", autouse=True)
def light_hashes() -> Iterator[None]:
    """Signing in took half the time of a page's test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", PasswordHasher(1, 8, 1))
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_and_routes() -> Iterator[None]:
    with made_once.statements_and_routes():
        yield


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """What `matching.warm` sets apart for good dies with its test here."""
    yield
    if gc.get_freeze_count():
        gc.unfreeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `databases` run on both; those they have in common ask for `backend`."""
    if "backend" in metafunc.fixturenames and metafunc.definition.get_closest_marker("databases"):
        postgres = pytest.param("postgresql", marks=pytest.mark.postgres)
        metafunc.parametrize("backend", ["sqlite", postgres], indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """PostgreSQL, started when a test first asks; stopped at the end of the session."""
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(server: Server) -> str:
    """The name of the same database as `template`, to be copied by the server."""
    engine = open_engine(server.create("template"))
    _fill(engine)
    engine.dispose()
    return "template"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the newest revision with the terms tests use, made once."""
    path = tmp_path_factory.mktemp("db") / "template.db"
    engine = open_engine(f"sqlite:///{path}")
    _fill(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


def _fill(engine: Engine) -> None:
    migrations.upgrade(engine)
    with new_session(engine, writes=True) as session:
        for scheme, codes in {
            Scheme.FIELD: ("102", "203", "207", "211"),
            Scheme.INDUSTRY: ("01", "10", "22", "62"),
            Scheme.COOPERATION: ("technology_purchase", "pilot", "rd_cooperation"),
            Scheme.IP_STATUS: ("none", "patent_filed"),
            Scheme.SDG: ("9",),
            Scheme.TRANSFER_METHOD: ("training",),
            Scheme.COMMUNE: ("25195", "26041"),
            Scheme.TRL: tuple("123456789"),
        }.items():
            session.add_all(
                Term(scheme=scheme, code=c, position=i, label_vi=f"{c} vi", label_en=f"{c} en")
                for i, c in enumerate(codes)
            )
        session.commit()


@pytest.fixture(scope="session")
def common_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of this session of tests have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def compiled(common_folder: Path) -> FileSystemBytecodeCache:
    """Templates compiled once for all the sites that tests make."""
    (common_folder / "templates").mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(common_folder / "templates"))


@pytest.fixture(scope="session")
def demo(common_folder: Path) -> Demonstration:
    """To be looked at; who changes it takes a copy."""
    return demonstration.made_once(common_folder)


@pytest.fixture(scope="session")
def judged_rows(template: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database of fifty judged needs, every other one answered; made once."""
    from tests.services import judged_rows

    path = tmp_path_factory.mktemp("judged") / "judged.db"
    path.write_bytes(template.read_bytes())
    judged_rows.make(path)
    return path.read_bytes()


@pytest.fixture
def judged(settings: Settings, judged_rows: bytes) -> None:
    """Puts those rows in place of the empty database; asked for before any session."""
    (settings.data_dir / "matchmaker.db").write_bytes(judged_rows)


@pytest.fixture
def settings(tmp_path: Path, backend: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    (tmp_path / "var").mkdir()
    settings = Settings(data_dir=tmp_path / "var", model="hashing", secret_key="s" * 32)
    if backend == "sqlite":
        template: Path = request.getfixturevalue("template")
        (tmp_path / "var" / "matchmaker.db").write_bytes(template.read_bytes())
        yield settings
        return
    server: Server = request.getfixturevalue("server")
    with server.database(request.getfixturevalue("postgres_template")) as url:
        yield replace(settings, database_url=url)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings.url)
    yield engine
    engine.dispose()


@pytest.fixture
def catalogue(settings: Settings) -> Catalogue:
    return Catalogue(HashingEncoder(), settings.data_dir)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session of the test's own; commit before asking the site."""
    with new_session(engine, writes=False) as session:
        yield session


@pytest.fixture(scope="session")
def kept_snapshots() -> Kept:
    return {}


@pytest.fixture
def snapshots(
    kept_snapshots: Kept, engine: Engine, session: Session, request: pytest.FixtureRequest
) -> Snapshots:
    """For fixtures that take seconds to fill a database for many tests."""
    return Snapshots(kept_snapshots, engine, session, lambda: request.getfixturevalue("server"))


@pytest.fixture
def app(
    settings: Settings, engine: Engine, catalogue: Catalogue, compiled: FileSystemBytecodeCache
) -> Flask:
    app = create_app(settings, engine=engine, catalogue=catalogue)
    app.jinja_env.bytecode_cache = compiled
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def noon() -> datetime:
    return NOON


def _organisation(session: Session, number: int, kind: OrganisationKind, name: str) -> Organisation:
    code = f"TC-2026-{number:05d}"
    if known := session.scalar(select(Organisation).where(Organisation.code == code)):
        session.commit()  # a snapshot brought it; nothing is held by having looked
        return known
    organisation = Organisation(
        code=code,
        kind=kind,
        name_vi=name,
        name_en=f"{name} EN",
        short_name=name,
        status=OrganisationStatus.VERIFIED,
        commune="25195",
        languages=["vi"],
        about_vi=f"{name} là tổ chức dùng trong kiểm thử.",
        contacts=[
            Contact(name=f"Liên hệ {number}", email=f"lienhe{number}@kiemthu.example", consent=True)
        ],
    )
    organisation.set_codes(Scheme.INDUSTRY, ["10"])
    organisation.set_codes(Scheme.FIELD, ["203"])
    session.add(organisation)
    session.flush()
    return organisation


def _member(
    session: Session, email: str, name: str, organisation: Organisation | None, role: Role
) -> Member:
    if known := session.scalar(select(Member).where(Member.email == email)):
        session.commit()
        return known
    member = accounts.add_member(
        session, email=email, name=name, password=PASSWORD, role=role, organisation=organisation,
        now=NOON,
    )  # fmt: skip
    session.commit()
    return member


@pytest.fixture
def alice(session: Session) -> Member:
    firm = _organisation(session, 1, OrganisationKind.ENTERPRISE, "Điều Suối Kiểm Thử")
    return _member(session, "alice@firm.example", "Alice", firm, Role.MEMBER)


@pytest.fixture
def bob(session: Session) -> Member:
    school = _organisation(session, 2, OrganisationKind.UNIVERSITY, "Đại học Kiểm Thử")
    return _member(session, "bob@school.example", "Bob", school, Role.MEMBER)


@pytest.fixture
def mallory(session: Session) -> Member:
    firm = _organisation(session, 3, OrganisationKind.ENTERPRISE, "Hãng Tò Mò")
    return _member(session, "mallory@other.example", "Mallory", firm, Role.MEMBER)


@pytest.fixture
def carol(session: Session) -> Member:
    return _member(session, "carol@department.example", "Carol", None, Role.CURATOR)


@pytest.fixture
def sign_in() -> Callable[[FlaskClient, Member], FlaskClient]:
    def enter(client: FlaskClient, member: Member) -> FlaskClient:
        form = {"email": member.email, "password": PASSWORD}
        answer = client.post("/account/sign-in", data=form)
        assert answer.status_code == 303, answer.status_code
        return client

    return enter


def need_draft(**changes: Any) -> NeedDraft:
    """A need that may be submitted."""
    values: dict[str, Any] = {
        "title": "Giảm tỉ lệ vỡ nhân khi cắt tách vỏ hạt điều",
        "summary": "Xưởng chế biến cần máy cắt tách vỏ cứng ít vỡ nhân hơn.",
        "problem": PROBLEM,
        "requirements": (
            Requirement(
                "Tỉ lệ vỡ nhân không quá 8 %", True, "tỉ lệ vỡ nhân", Operator.AT_MOST, 8, None, "%"
            ),
        ),
        "help": ("ready_technology",),
        "cooperation": ("technology_purchase",),
        "trl_min": 7,
        "industries": ("10",),
        "fields": ("203",),
        "budget_min": 300_000_000,
        "budget_max": 500_000_000,
        "interest_until": (NOON + timedelta(days=30)).date(),
    }
    return NeedDraft(**(values | changes))


def solution_draft(**changes: Any) -> SolutionDraft:
    """A solution that may be submitted."""
    values: dict[str, Any] = {
        "title": "Máy cắt tách vỏ hạt điều tự động",
        "summary": "Máy cắt chỉnh lưỡi theo cỡ hạt, ít vỡ nhân.",
        "description": "Máy dùng dao kép tự chỉnh theo cỡ hạt điều. Tỉ lệ vỡ nhân đo được là 6 %.",
        "kind": SolutionKind.EQUIPMENT,
        "performances": (Performance("tỉ lệ vỡ nhân", 6, None, "%", "hạt cỡ lớn", True),),
        "trl": 8,
        "ip_statuses": ("patent_filed",),
        "cooperation": ("technology_purchase",),
        "capacity_per_quarter": 2,
        "industries": ("10",),
        "fields": ("203",),
    }
    return SolutionDraft(**(values | changes))


@pytest.fixture
def make_need(session: Session) -> Callable[..., Need]:
    """Post a need for a member; published by `curator` when one is given. Committed."""

    def make(
        member: Member, *, curator: Member | None = None, submit: bool = True, **changes: Any
    ) -> Need:
        need = records.post_need(
            session, member, need_draft(**changes), key=None, submit=submit, now=NOON
        )
        if curator:
            reviews.review(session, need, curator, ReviewAction.PUBLISH, now=NOON)
        session.commit()
        return need

    return make


@pytest.fixture
def make_solution(session: Session) -> Callable[..., Solution]:
    """Post a solution for a member; published by `curator` when one is given. Committed."""

    def make(
        member: Member, *, curator: Member | None = None, submit: bool = True, **changes: Any
    ) -> Solution:
        solution = records.post_solution(
            session, member, solution_draft(**changes), key=None, submit=submit, now=NOON
        )
        if curator:
            reviews.review(session, solution, curator, ReviewAction.PUBLISH, now=NOON)
        session.commit()
        return solution

    return make
