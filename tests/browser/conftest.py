"""The real server on demo data, and a real browser in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

PASSWORD = "a long walk through the whole site"


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
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site that was set up and is served as an administrator does it."""
    del browser  # asked for first: without one nothing has to be set up
    place = tmp_path_factory.mktemp("site")
    environ = {k: v for k, v in os.environ.items() if not k.startswith("MATCHMAKER_")} | {
        "MATCHMAKER_MODEL": "hashing",
        "MATCHMAKER_DATA_DIR": str(place / "var"),
        "MATCHMAKER_DEMO_PASSWORD": PASSWORD,
    }
    command = [sys.executable, "-m", "matchmaker"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "demo", "--no-serve"], env=environ, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = place / "serve.log"
    with log.open("w") as told:
        server = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "serve", "--port", str(port)], env=environ, stdout=told, stderr=told
        )
    try:
        _wait_for(server, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: MATCHMAKER_SCREENSHOTS, else a folder that pytest throws away."""
    wanted = os.environ.get("MATCHMAKER_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(300):
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, log.read_text()
        time.sleep(0.2)
    pytest.fail(log.read_text())
