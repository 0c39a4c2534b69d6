"""The wheel by itself: built from the tracked files, installed elsewhere, set up and served."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
#: Folder of the checkout → where the wheel puts it.
PACKED = {
    "matchmaker": "matchmaker",
    "embeddings": "embeddings",
    "templates": "matchmaker/templates",
    "seed_data": "matchmaker/seed_data",
}
NOT_SOURCE = ("var", "dist", "build", "node_modules")
COMPILED = {".pyc", ".mo", ".pot"}
ACCOUNTS = ("admin", "manager", "curator", "enterprise", "school", "startup")
PASSWORD = "a wheel of fortune, long enough"
STYLESHEET = re.compile(r'href="(/static/[^"]+\.css[^"]*)"')


def tracked() -> list[str]:
    """What a fresh checkout holds; the tree without what is made by tools, where git is not."""
    if (ROOT / ".git").exists() and (git := shutil.which("git")):
        told = subprocess.run(  # noqa: S603 - git itself
            [git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
        )
        return [name for name in told.stdout.split("\0") if (ROOT / name).is_file()]
    paths = (p.relative_to(ROOT) for p in ROOT.rglob("*") if p.is_file())
    return [
        p.as_posix()
        for p in paths
        if p.parts[0] not in NOT_SOURCE
        and p.suffix not in COMPILED
        and not any(part.startswith(".") or part.endswith(".egg-info") for part in p.parts)
    ]


def in_wheel(name: str) -> str | None:
    """Where a file of the checkout stands in the wheel; None: it stays out."""
    top, _, rest = name.partition("/")
    return f"{PACKED[top]}/{rest}" if rest and top in PACKED else None


@pytest.fixture(scope="module")
def files() -> list[str]:
    return tracked()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, files: list[str]) -> Path:
    """Built from a copy, so that nothing untracked can slip in."""
    place = tmp_path_factory.mktemp("source")
    for name in files:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place / name)
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    done = subprocess.run(build, cwd=place, check=False, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stderr
    (made,) = out.glob("*.whl")
    return made


class Installed:
    """The unpacked wheel, run from a folder that has nothing of the checkout in it."""

    def __init__(self, library: Path, elsewhere: Path) -> None:
        self.library = library
        self.elsewhere = elsewhere
        self.environ = {
            name: value for name, value in os.environ.items() if not name.startswith("MATCHMAKER_")
        } | {
            "PYTHONPATH": str(library),
            "PYTHONSAFEPATH": "1",
            "OMP_NUM_THREADS": "1",
            "MATCHMAKER_MODEL": "hashing",
            "MATCHMAKER_DATA_DIR": str(elsewhere / "data"),
            "MATCHMAKER_DEMO_PASSWORD": PASSWORD,
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, *words], cwd=self.elsewhere, env=self.environ, check=False,
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    @property
    def command(self) -> str:
        """The script that the entry point of the wheel makes."""
        return str(self.library / "bin" / "matchmaker")

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The site's address while it is served in a process of its own."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        log = self.elsewhere / "serve.log"
        with log.open("w") as told:
            server = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, self.command, "serve", "--port", str(port)],
                cwd=self.elsewhere, env=self.environ, stdout=told, stderr=told,
            )  # fmt: skip
        try:
            for _ in range(300):
                with socket.socket() as knock:
                    if knock.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert server.poll() is None, log.read_text()
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Installed:
    library = tmp_path_factory.mktemp("library")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(library), str(wheel)], check=True, capture_output=True)  # noqa: S603
    return Installed(library, tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="module")
def set_up(installed: Installed) -> subprocess.CompletedProcess[str]:
    """The demo, set up once by the installed command."""
    return installed.run(installed.command, "demo", "--no-serve")


def fetch(address: str) -> tuple[int, str, str]:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - our own server
        return answer.status, answer.headers.get_content_type(), answer.read().decode()


def test_wheel_holds_every_tracked_file_and_nothing_else(files: list[str], wheel: Path) -> None:
    wanted = {place for name in files if (place := in_wheel(name))}
    compiled = {place.removesuffix(".po") + ".mo" for place in wanted if place.endswith(".po")}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert packed == wanted | compiled
    # The folders that are easily lost, by name: an empty checkout must not pass.
    for needed in (
        "matchmaker/templates/base.html",
        "matchmaker/web/static/css/site.css",
        "matchmaker/translations/en/LC_MESSAGES/messages.mo",
        "matchmaker/migrations/versions/0001_the_first_tables.py",
        "matchmaker/migrations/env.py",
        "matchmaker/seed_data/vocabularies/field.csv",
        "matchmaker/search/means.json",
        "matchmaker/evidence/units.toml",
        "embeddings/py.typed",
    ):
        assert needed in packed


def test_installed_code_is_what_runs(installed: Installed) -> None:
    places = installed.run(
        "-c",
        "import embeddings, matchmaker; print(embeddings.__file__); print(matchmaker.__file__)",
    )

    assert places.stdout.splitlines() == [
        str(installed.library / "embeddings" / "__init__.py"),
        str(installed.library / "matchmaker" / "__init__.py"),
    ]


def test_demo_is_set_up_away_from_the_checkout(
    installed: Installed, set_up: subprocess.CompletedProcess[str]
) -> None:
    assert set_up.returncode == 0, set_up.stderr
    for account in ACCOUNTS:
        assert f"{account}@demo.example" in set_up.stderr
    assert PASSWORD in set_up.stderr
    assert (installed.elsewhere / "data" / "matchmaker.db").is_file()
    assert "Traceback" not in set_up.stderr


def test_site_of_the_wheel_answers(
    installed: Installed, set_up: subprocess.CompletedProcess[str]
) -> None:
    assert set_up.returncode == 0, set_up.stderr
    with installed.serving() as site:
        status, kind, page = fetch(site + "/")
        sheets = STYLESHEET.findall(page)
        style = fetch(site + sheets[0])

    assert (status, kind) == (200, "text/html")
    assert "/needs/" in page  # the demo's needs are shown
    assert style[:2] == (200, "text/css")
    assert style[2] == (installed.library / "matchmaker/web/static/css/site.css").read_text("utf-8")


def test_english_travels_along(installed: Installed) -> None:
    script = (
        "from flask_babel import force_locale, gettext\n"
        "from matchmaker.app import create_app\n"
        "with create_app().test_request_context(), force_locale('en'):\n"
        "    print(gettext('Mật khẩu'))\n"
    )

    assert installed.run("-c", script).stdout.strip() == "Password"
