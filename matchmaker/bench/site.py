"""The site as it is served: gunicorn with the shipped settings, and what its processes hold."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Seconds a start may take: each worker loads model and shelves before it says it is ready.
_START = 300
_TICKS = os.sysconf("SC_CLK_TCK")
_MEBI = 1024


class SiteError(RuntimeError):
    """The site did not start; what it said is told."""


class Site:
    """A running site; `pids` are its workers."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pids(self) -> list[int]:
        """The workers, oldest first."""
        told = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return sorted(int(one) for one in told.read_text("ascii").split())

    def resident_mib(self) -> list[float]:
        """Memory each worker holds."""
        return [round(_status(pid, "VmRSS") / _MEBI, 1) for pid in self.pids()]

    def handles(self) -> list[int]:
        """Open files and sockets of each worker."""
        return [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in self.pids()]

    def cpu_seconds(self) -> float:
        """What all workers have used, in user and system mode together."""
        return sum(_cpu(pid) for pid in self.pids())

    def status(self, path: str = "/healthz", *, within: float = 5.0) -> int:
        """The status one request gets; 0 where none comes in time."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=within)
            connection.request("GET", path)
            found = connection.getresponse().status
            connection.close()
        except OSError:
            return 0
        return found


@contextmanager
def served(config: Path, environment: dict[str, str], log: Path, *, workers: int) -> Iterator[Site]:
    """Serve with gunicorn and the settings of `config` on a free port; every worker is ready.

    Raises SiteError with the end of its log.
    """
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", str(config), "-w", str(workers)]
    command += ["-b", f"127.0.0.1:{port}"]
    with log.open("wb") as told:
        process = subprocess.Popen(  # noqa: S603 - this interpreter's own
            command, env={**os.environ, **environment}, stdout=told, stderr=subprocess.STDOUT
        )
        site = Site(process, port)
        try:
            _wait(site, process, log, workers)
            yield site
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(site: Site, process: subprocess.Popen[bytes], log: Path, workers: int) -> None:
    """Until the site has answered as ready often enough for every worker to have done so."""
    until = time.monotonic() + _START
    good = 0
    while good < 8 * workers:
        if process.poll() is not None or time.monotonic() > until:
            raise SiteError(f"the site did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
        good = good + 1 if site.status("/search?q=xin+chao", within=120) == 200 else 0
        if not good:
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
