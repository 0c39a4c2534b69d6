"""The ready-to-use settings of gunicorn start the site."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from matchmaker.config import Settings

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "docs" / "deploy" / "gunicorn.conf.py"


def test_gunicorn_serves_with_the_settings_we_hand_out(settings: Settings) -> None:
    pytest.importorskip("gunicorn")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "MATCHMAKER_MODEL": "hashing",
        "MATCHMAKER_DATA_DIR": str(settings.data_dir),
        "MATCHMAKER_DATABASE_URL": settings.url,
    }
    line = [sys.executable, "-m", "gunicorn", "-c", str(CONFIG), "-b", f"127.0.0.1:{port}"]
    with subprocess.Popen(line, cwd=ROOT, env=os.environ | own) as server:  # noqa: S603 - our own command
        try:
            told = [answer(f"http://127.0.0.1:{port}/{path}") for path in ("healthz", "readyz")]
        finally:
            server.terminate()

    assert told == [{"missing": []}] * 2


def answer(address: str) -> object:
    """What stands there, once somebody answers."""
    until = time.monotonic() + 30
    while True:
        try:
            with urlopen(address, timeout=10) as page:  # noqa: S310 - our own server
                return json.load(page)
        except (URLError, TimeoutError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
