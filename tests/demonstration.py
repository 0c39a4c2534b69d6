"""The demonstration, set up once in a session by the wheel, for all tests that look at one.

Setting it up takes most of a minute. The wheel is built from the tracked files and installed
away from them, so what is looked at here also says that nothing is missing from it.
"""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PASSWORD = "a long walk through the whole site"
ACCOUNTS = ["admin", "manager", "curator", "enterprise", "school", "startup"]
_NOT_SOURCE = ("var", "dist", "build", "node_modules")
_COMPILED = {".pyc", ".mo", ".pot"}


def environ(data: Path) -> dict[str, str]:
    """The settings of a demonstration whose data lies there, and nobody else's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("MATCHMAKER_")}
    return own | {
        "OMP_NUM_THREADS": "1",
        "MATCHMAKER_MODEL": "hashing",
        "MATCHMAKER_DATA_DIR": str(data),
        "MATCHMAKER_DEMO_PASSWORD": PASSWORD,
    }


class Demonstration:
    """A wheel, what was installed from it, and the data its `demo` made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.library = folder / "library"
        #: Nothing of the checkout is in it.
        self.elsewhere = folder / "elsewhere"
        self.data = self.elsewhere / "data"

    @property
    def wheel(self) -> Path:
        (made,) = (self._folder / "dist").glob("*.whl")
        return made

    @property
    def told(self) -> str:
        """What `demo` said while it set everything up."""
        return str(json.loads((self._folder / "told").read_text("utf-8")))

    @property
    def command(self) -> list[str]:
        """The script that the entry point of the wheel makes."""
        return [sys.executable, str(self.library / "bin" / "matchmaker")]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own command
            words, cwd=self.elsewhere, env=self.environ(self.data), check=False,
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    def environ(self, data: Path) -> dict[str, str]:
        return environ(data) | {"PYTHONPATH": str(self.library), "PYTHONSAFEPATH": "1"}

    def copy(self, to: Path) -> Path:
        """The data, for a test that changes it."""
        shutil.copytree(self.data, to)
        return to

    def set_up(self) -> None:
        self.elsewhere.mkdir(parents=True)
        _build(self._folder / "source", self._folder / "dist")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
        _call([*pip, "--target", str(self.library), str(self.wheel)], self.elsewhere)
        done = self.run(*self.command, "demo", "--no-serve")
        assert done.returncode == 0, done.stderr
        (self._folder / "told").write_text(json.dumps(done.stderr), "utf-8")


def made_once(folder: Path) -> Demonstration:
    """The one of this session, in a folder its processes have in common."""
    made = Demonstration(folder / "demonstration")
    with (folder / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "demonstration" / "told").exists():
            shutil.rmtree(folder / "demonstration", ignore_errors=True)
            made.set_up()
    return made


@contextmanager
def served(
    command: list[str], environ: Mapping[str, str], *, cwd: Path, log: Path
) -> Iterator[str]:
    """The site's address while it is served in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("w") as told:
        server = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "serve", "--port", str(port)], cwd=cwd, env=environ, stdout=told,
            stderr=told,
        )  # fmt: skip
    try:
        until = time.monotonic() + 120
        while not _answers(port):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


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
        if p.parts[0] not in _NOT_SOURCE
        and p.suffix not in _COMPILED
        and not any(part.startswith(".") or part.endswith(".egg-info") for part in p.parts)
    ]


def _build(source: Path, out: Path) -> None:
    """A wheel from a copy, so that nothing untracked can slip in."""
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    _call([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)], source)


def _call(words: list[str], folder: Path) -> None:
    done = subprocess.run(words, cwd=folder, check=False, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stderr


def _answers(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0
