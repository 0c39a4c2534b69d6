"""The wheel by itself: built from the tracked files, installed elsewhere, set up and served."""

import re
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.demonstration import ACCOUNTS, PASSWORD, ROOT, Demonstration, served, tracked

pytestmark = pytest.mark.slow

#: Folder of the checkout → where the wheel puts it.
PACKED = {
    "matchmaker": "matchmaker",
    "embeddings": "embeddings",
    "templates": "matchmaker/templates",
    "seed_data": "matchmaker/seed_data",
}
STYLESHEET = re.compile(r'href="(/static/[^"]+\.css[^"]*)"')


def in_wheel(name: str) -> str | None:
    """Where a file of the checkout stands in the wheel; None: it stays out."""
    top, _, rest = name.partition("/")
    return f"{PACKED[top]}/{rest}" if rest and top in PACKED else None


def fetch(address: str) -> tuple[int, str, str]:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - our own server
        return answer.status, answer.headers.get_content_type(), answer.read().decode()


def test_wheel_holds_every_tracked_file_and_nothing_else(demo: Demonstration) -> None:
    wanted = {place for name in tracked() if (place := in_wheel(name))}
    compiled = {place.removesuffix(".po") + ".mo" for place in wanted if place.endswith(".po")}
    with zipfile.ZipFile(demo.wheel) as archive:
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


def python(demo: Demonstration, script: str) -> list[str]:
    """The lines a script prints that is run beside the installed wheel."""
    done = demo.run(sys.executable, "-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_installed_code_is_what_runs(demo: Demonstration) -> None:
    script = "import embeddings, matchmaker as m; print(embeddings.__file__); print(m.__file__)"

    assert python(demo, script) == [
        str(demo.library / "embeddings" / "__init__.py"),
        str(demo.library / "matchmaker" / "__init__.py"),
    ]


def test_demo_is_set_up_away_from_the_checkout(demo: Demonstration) -> None:
    for account in ACCOUNTS:
        assert f"{account}@demo.example" in demo.told
    assert PASSWORD in demo.told
    assert (demo.data / "matchmaker.db").is_file()
    assert not demo.data.is_relative_to(ROOT)
    assert "Traceback" not in demo.told


def test_site_of_the_wheel_answers(demo: Demonstration, tmp_path: Path) -> None:
    own = demo.environ(demo.copy(tmp_path / "var"))
    with served(demo.command, own, cwd=demo.elsewhere, log=tmp_path / "log") as site:
        status, kind, page = fetch(site + "/")
        sheets = STYLESHEET.findall(page)
        style = fetch(site + sheets[0])

    assert (status, kind) == (200, "text/html")
    assert "/needs/" in page  # the demo's needs are shown
    assert style[:2] == (200, "text/css")
    assert style[2] == (demo.library / "matchmaker/web/static/css/site.css").read_text("utf-8")


def test_english_travels_along(demo: Demonstration) -> None:
    script = (
        "from flask_babel import force_locale, gettext\n"
        "from matchmaker.app import create_app\n"
        "with create_app().test_request_context(), force_locale('en'):\n"
        "    print(gettext('Mật khẩu'))\n"
    )

    assert python(demo, script) == ["Password"]
