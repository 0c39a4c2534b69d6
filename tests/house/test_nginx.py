"""The shipped nginx configuration, run by a real nginx in front of the real site."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from matchmaker import resources

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
NAME = "ketnoi.example.vn"

pytestmark = [
    pytest.mark.skipif(
        shutil.which("nginx") is None or shutil.which("openssl") is None,
        reason="nginx is not installed",
    ),
    pytest.mark.slow,
]


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@dataclass
class Front:
    """nginx and the site behind it."""

    plain: int
    tls: int
    behind: int
    site: subprocess.Popen[bytes]

    def open(self) -> socket.socket:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        raw = socket.create_connection(("127.0.0.1", self.tls), timeout=60)
        return context.wrap_socket(raw, server_hostname=NAME)

    def ask(self, path: str, *, host: str = NAME, **headers: str) -> tuple[int, str, str]:
        """(status, headers, body) of one request."""
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        with self.open() as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode())
            told = b""
            while piece := line.recv(65536):
                told += piece
        head, _, body = told.partition(b"\r\n\r\n")
        if not head:
            return 0, "", ""
        return int(head.split()[1]), head.decode("latin-1"), body.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    data = folder / "data"
    data.mkdir()
    (data / "matchmaker.db").write_bytes(template.read_bytes())
    plain, tls, behind = free_ports(3)
    _certificate(folder)
    config = _config(folder, plain, tls, behind)
    own = {
        "MATCHMAKER_MODEL": "hashing", "MATCHMAKER_DATA_DIR": str(data),
        "MATCHMAKER_BASE_URL": f"https://{NAME}", "MATCHMAKER_TRUSTED_PROXIES": "1",
    }  # fmt: skip
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", str(DEPLOY / "gunicorn.conf.py")]
    with ExitStack() as running:
        site = running.enter_context(
            subprocess.Popen(  # noqa: S603 - our own command
                [*gunicorn, "-b", f"127.0.0.1:{behind}"], cwd=ROOT, env=os.environ | own
            )
        )
        running.callback(site.terminate)
        nginx = running.enter_context(
            subprocess.Popen(["nginx", "-p", str(folder), "-c", str(config)])  # noqa: S603, S607
        )
        running.callback(nginx.terminate)
        made = Front(plain, tls, behind, site)
        _wait(made)
        yield made


def _certificate(folder: Path) -> None:
    subprocess.run(  # noqa: S603 - our own command
        [  # noqa: S607
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-keyout", "privkey.pem", "-out",
            "fullchain.pem",
        ],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


def _config(folder: Path, plain: int, tls: int, behind: int) -> Path:
    """The shipped file with this machine's ports and folders, inside the usual main file."""
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    swaps = {
        r"listen 80\b": f"listen 127.0.0.1:{plain}", r"listen 443\b": f"listen 127.0.0.1:{tls}",
        r"127\.0\.0\.1:8000": f"127.0.0.1:{behind}",
        r"/etc/matchmaker/tls": str(folder), r"root /etc/matchmaker;": f"root {DEPLOY};",
        r"root /opt/matchmaker;": f"root {resources.PACKAGE / 'web'};",
    }  # fmt: skip
    for found, put in swaps.items():
        site, count = re.subn(found, put, site)
        assert count, found
    (folder / "site.conf").write_text(site, "utf-8")
    temps = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "main.conf"
    main.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ include /etc/nginx/mime.types; access_log {folder}/access.log;\n{temps}"
        f"include {folder}/site.conf; }}\n",
        "utf-8",
    )
    return main


def connections_to(port: int) -> int:
    """How many connections to a port of this machine are open."""
    rows = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    found = [row.split() for row in rows]
    return sum(row[2] == f"0100007F:{port:04X}" and row[3] == "01" for row in found)


def _wait(front: Front) -> None:
    until = time.monotonic() + 90
    while True:
        try:
            if front.ask("/healthz")[0] == 200:
                return
        except OSError:
            pass
        if time.monotonic() > until:
            pytest.fail("the site did not start")
        time.sleep(0.3)


def test_fifty_half_sent_requests_do_not_stop_others(front: Front) -> None:
    """Promise 52: whole requests alone are handed on to the site."""
    with ExitStack() as held:
        for n in range(50):
            line = held.enter_context(front.open())
            line.sendall(
                f"POST /account/sign-in HTTP/1.1\r\nHost: {NAME}\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: 1000\r\n\r\nemail=slow{n}".encode()
            )
        time.sleep(0.5)
        # The site hears of none of them.
        assert connections_to(front.behind) == 0
        took = []
        for _ in range(5):
            began = time.perf_counter()
            assert front.ask("/healthz")[0] == 200
            took.append(time.perf_counter() - began)
        assert front.ask("/about")[0] == 200

    assert sorted(took)[len(took) // 2] <= 1.0, took


def test_pages_come_through_with_their_headers_and_packed(front: Front) -> None:
    status, head, body = front.ask("/about", Accept_Encoding="identity")
    assert status == 200
    assert "Kết nối Đổi mới" in body
    assert "Strict-Transport-Security" in head
    assert "nginx/" not in head, "the version is nobody's business"
    assert "ontent-Encoding: gzip" in front.ask("/static/css/site.css", Accept_Encoding="gzip")[1]


def test_static_files_come_from_the_disk(front: Front) -> None:
    status, head, body = front.ask("/static/css/site.css")

    assert (status, body) == (200, (resources.PACKAGE / "web/static/css/site.css").read_text())
    assert "X-Request-ID" not in head, "the site was not asked"
    assert "max-age=604800" in head
    assert front.ask("/static/../config.py")[0] in {400, 404}
    assert front.ask("/static/no-such.css")[0] == 404


def test_other_names_are_not_answered(front: Front) -> None:
    assert front.ask("/about", host="evil.example")[0] == 0


def test_plain_http_is_sent_to_https(front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.plain), timeout=10) as line:
        line.sendall(f"GET /needs HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
        told = line.recv(4096).decode()

    assert "301" in told.splitlines()[0]
    assert f"Location: https://{NAME}/needs" in told


def test_a_forged_address_is_thrown_away(front: Front) -> None:
    """From this machine the figures may be read: whatever the asker writes, he comes from here."""
    assert front.ask("/metrics", X_Forwarded_For="203.0.113.9")[0] == 200


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(front: Front) -> None:
    with front.open() as line:
        line.sendall(
            f"POST /account/sign-in HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 99999999\r\n\r\n"
            .encode()
        )  # fmt: skip
        assert b" 413 " in line.recv(4096).splitlines()[0]


def test_when_the_site_is_away_its_page_says_so(front: Front) -> None:
    """Stands last: the site does not come back."""
    front.site.terminate()
    front.site.wait(timeout=60)
    status, head, body = front.ask("/needs/new")

    assert status == 503
    assert "Retry-After: 10" in head
    assert "chưa được ghi lại" in body and "not been saved" in body
