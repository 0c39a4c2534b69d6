"""The site as it is run: gunicorn with its shipped settings, a worker beside it, and browsers."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from matchmaker.config import Settings
from tests.conftest import PASSWORD
from tests.web.pages import sent_by

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "docs" / "deploy" / "gunicorn.conf.py"
#: Seconds a site may take until it answers; a busy machine is slow.
START = 90.0
#: How often a sign-in that was asked to wait is sent again.
TRIES = 5

Form = Mapping[str, str | Sequence[str]]


class UnansweredError(Exception):
    """The connection was refused or broke: whether the write is kept, nobody was told."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def sent(self) -> dict[str, list[str]]:
        """What pressing a button of the page's form would send along."""
        return sent_by(self.text)


@dataclass
class Browser:
    """Keeps cookies, follows no redirect."""

    port: int
    timeout: float = 30.0
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def get(self, path: str) -> Reply:
        return self._ask("GET", path, "")

    def post(self, path: str, form: Form) -> Reply:
        """Send a form with the token of this session, unless it holds another."""
        body = urlencode({"csrf_token": self.token} | dict(form), doseq=True)
        return self._ask("POST", path, body)

    def sign_in(self, email: str) -> "Browser":
        self.token = self.get("/account/sign-in").sent["csrf_token"][0]
        form = {"email": email, "password": PASSWORD}
        for _ in range(TRIES):
            answer = self.post("/account/sign-in", form)
            if answer.status != 503:  # told to come back in a moment: the machine is busy
                break
        assert answer.status == 303, (answer.status, answer.text[:2000])
        # The token of the session is another one than the stranger's.
        self.token = self.get("/account/sign-in").sent["csrf_token"][0]
        return self

    def _ask(self, method: str, path: str, body: str) -> Reply:
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            asking.request(method, path, body, sent)
            answer = asking.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise UnansweredError(f"{type(error).__name__}: {error}") from error
        finally:
            asking.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, held in SimpleCookie(line).items():
                self.cookies[name] = held.value
        return Reply(answer.status, dict(answer.headers), text)


class Served:
    """A site of two workers on a free port; what it writes to its log lies in `folder`."""

    def __init__(self, settings: Settings, folder: Path, workers: int = 2) -> None:
        self.settings = settings
        self.folder = folder
        self.workers = workers
        self.port = free_port()
        self.web: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None

    def browser(self, timeout: float = 30.0) -> Browser:
        return Browser(self.port, timeout)

    def start_web(self) -> None:
        self.web = self._open(
            "web.log", "gunicorn", "-c", str(CONFIG), "-b", f"127.0.0.1:{self.port}",
            "--workers", str(self.workers),
        )  # fmt: skip

    def start_worker(self) -> None:
        self.worker = self._open("worker.log", "matchmaker", "worker")

    def wait(self, path: str = "/readyz", until: float = START) -> None:
        """Until the site says that it may be asked."""
        end = time.monotonic() + until
        told = "nothing"
        while time.monotonic() < end:
            try:
                answer = self.browser(5).get(path)
            except UnansweredError as error:
                told = str(error)
            else:
                if answer.status == 200:
                    return
                told = f"{answer.status} {answer.text[:200]}"
            time.sleep(0.1)
        raise AssertionError(f"no answer after {until} s: {told}\n{self.log()[-3000:]}")

    def log(self, name: str = "web.log") -> str:
        path = self.folder / name
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def web_pids(self) -> list[int]:
        """The serving processes of the site, without the one that keeps them."""
        assert self.web is not None
        return children(self.web.pid)

    def kill_all_web(self) -> None:
        """As a power cut would: the keeper first, so that it starts nobody in place of another."""
        assert self.web is not None
        mine = self.web_pids()
        self.web.kill()
        self.web.wait()
        for pid in mine:
            kill(pid)

    def stop(self) -> None:
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait()
        if self.web is not None and self.web.poll() is None:
            self.kill_all_web()

    def environment(self) -> dict[str, str]:
        own = {k: v for k, v in os.environ.items() if not k.startswith("MATCHMAKER_")}
        return own | {
            "PYTHONPATH": str(ROOT),
            "MATCHMAKER_MODEL": self.settings.model,
            "MATCHMAKER_DATA_DIR": str(self.settings.data_dir),
            "MATCHMAKER_DATABASE_URL": self.settings.url,
            "MATCHMAKER_SECRET_KEY": self.settings.secret_key,
        }

    def _open(self, log: str, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as told:
            return subprocess.Popen(  # noqa: S603 - our own commands
                [sys.executable, "-m", *words], cwd=ROOT, env=self.environment(), stdout=told,
                stderr=told,
            )  # fmt: skip


@contextmanager
def serving(
    settings: Settings, folder: Path, *, workers: int = 2, worker: bool = False
) -> Iterator[Served]:
    """A site that answers; its processes are gone afterwards."""
    site = Served(settings, folder, workers)
    try:
        site.start_web()
        if worker:
            site.start_worker()
        site.wait()
        yield site
    finally:
        site.stop()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def children(pid: int) -> list[int]:
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return [int(word) for word in told.split()]


def kill(pid: int) -> bool:
    """End one of our own processes at once; says whether it still lived."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
