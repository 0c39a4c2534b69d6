"""The real server on demo data, and a real browser in front of it."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.demonstration import ROOT, Demonstration, environ, served


def chromium() -> str:
    """Where Chromium is; the test is skipped without one, or fails where one is demanded."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail("REQUIRE_BROWSER is set and no Chromium is installed")
    pytest.skip("no Chromium is installed")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(
    browser: Browser, demo: Demonstration, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a site that was set up and is served as an administrator does it."""
    place = tmp_path_factory.mktemp("site")
    command, own = [sys.executable, "-m", "matchmaker"], environ(demo.copy(place / "var"))
    with served(command, own, cwd=ROOT, log=place / "serve.log") as address:
        yield address


@pytest.fixture(scope="session")
def album() -> Path | None:
    """Where screenshots go, if SCREENSHOTS names a folder: each takes a second."""
    wanted = os.environ.get("SCREENSHOTS")
    if not wanted:
        return None
    Path(wanted).mkdir(parents=True, exist_ok=True)
    return Path(wanted)
