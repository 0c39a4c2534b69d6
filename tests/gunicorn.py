"""The site under gunicorn, started by the settings we hand out."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from matchmaker.config import Settings

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "docs" / "deploy" / "gunicorn.conf.py"


@dataclass(frozen=True)
class Gunicorn:
    """A running master with its two workers."""

    address: str
    process: "subprocess.Popen[bytes]"

    def get(self, path: str) -> str:
        """What stands there, once somebody listens; asked once only, however slow the machine."""
        until = time.monotonic() + 120
        while True:
            try:
                with urlopen(f"{self.address}/{path}", timeout=60) as page:  # noqa: S310 - our own
                    return str(page.read(), "utf-8")
            except (URLError, ConnectionError):
                assert self.process.poll() is None, "gunicorn ended"
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def workers(self) -> list[int]:
        """The numbers of its workers' processes; Linux alone tells them."""
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def running(settings: Settings, **more: str) -> Iterator[Gunicorn]:
    """gunicorn over the data of a test; `more` goes into its environment."""
    pytest.importorskip("gunicorn")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "MATCHMAKER_MODEL": "hashing",
        "MATCHMAKER_DATA_DIR": str(settings.data_dir),
        "MATCHMAKER_DATABASE_URL": settings.url,
    } | more
    line = [sys.executable, "-m", "gunicorn", "-c", str(CONFIG), "-b", f"127.0.0.1:{port}"]
    with subprocess.Popen(line, cwd=ROOT, env=os.environ | own) as server:  # noqa: S603 - our own command
        try:
            yield Gunicorn(f"http://127.0.0.1:{port}", server)
        finally:
            server.terminate()
