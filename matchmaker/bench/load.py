"""The whole site under load: browsing, searching, posting and deciding through real HTTP."""

import http.cookiejar
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from matchmaker.bench import wrk
from matchmaker.bench.crowd import PASSWORD, Crowd
from matchmaker.bench.site import Site
from matchmaker.bench.wrk import Visitors

Step = Callable[[str], None]
#: Connections at which the site is comfortable, and ten times as many.
CONNECTIONS = 4
OVERLOAD = 10 * CONNECTIONS
#: In a hundred requests of an ordinary day.
MIXTURE = {"browse": 78, "search": 16, "post": 4, "decide": 2}
#: Seconds after an overload within which the site must answer as before.
RECOVERY = 10
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def measure(
    site: Site, crowd: Crowd, *, seconds: int, soak: int, on_step: Step = lambda _: None
) -> list[dict[str, Any]]:
    """One row for each sort of request, then overload, recovery and a long mixed run.

    Pages are read for the first time, and again while nothing is written: that is what is kept.
    """
    visitors = Visitors(
        shares={"browse": 1}, pages=crowd.pages, questions=crowd.questions, matches=crowd.matches,
        owner=enter(site, crowd.owner), curator=enter(site, crowd.curator),
    )  # fmt: skip
    on_step(f"browse, nothing read before: {seconds} s")
    rows = [_row(site, "first_browse", visitors, CONNECTIONS, seconds)]
    on_step("reading every page")
    _read_all(site, crowd.pages)
    for number, name in enumerate(("browse", "search", "post", "decide")):
        on_step(f"{name}: {seconds} s")
        alone = replace(visitors, shares={name: 1}, salt=str(number + 1))
        rows.append(_row(site, name, alone, CONNECTIONS, seconds))
    on_step(f"ten times as many searches: {seconds} s")
    rows.append(_overload(site, replace(visitors, shares={"search": 1}, salt="7"), seconds))
    if soak:
        on_step(f"mixed: {soak} s")
        rows.append(_soak(site, replace(visitors, shares=MIXTURE, salt="8"), soak))
    return rows


def enter(site: Site, email: str) -> tuple[str, str]:
    """Sign in as people do; returns the cookie and the token of the forms."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = f"{site.address}/account/sign-in"
    sent = {"email": email, "password": PASSWORD, "csrf_token": _token(browser, page)}
    browser.open(page, urllib.parse.urlencode(sent).encode()).close()
    token = _token(browser, f"{site.address}/about")
    return "; ".join(f"{one.name}={one.value}" for one in jar), token


def _token(browser: urllib.request.OpenerDirector, page: str) -> str:
    with browser.open(page) as answer:
        found = _TOKEN.search(answer.read().decode())
    assert found, f"{page} holds no form"
    return found[1]


def _row(
    site: Site, name: str, visitors: Visitors, connections: int, seconds: int
) -> dict[str, Any]:
    before = site.cpu_seconds()
    found = wrk.run(site.address, visitors, connections=connections, seconds=seconds)
    cpu = site.cpu_seconds() - before
    answered = max(1.0, found["per_s"] * seconds)
    told = {"cpu_s_per_1000": round(1_000 * cpu / answered, 2), "rss_mib": site.resident_mib()}
    return {"run": name, "connections": connections} | found | told


def _read_all(site: Site, pages: Sequence[str]) -> None:
    """Ask for each page often enough for every process to have made it."""
    with ThreadPoolExecutor(CONNECTIONS) as readers:
        for _ in range(2 * len(site.pids())):
            list(readers.map(partial(site.status, within=30), set(pages)))


def _overload(site: Site, visitors: Visitors, seconds: int) -> dict[str, Any]:
    """Far more than it can do; whether it still answers who only looks; when it is itself again."""
    with _watching(site) as seen:
        row = _row(site, "overload", visitors, OVERLOAD, seconds)
    started = time.monotonic()
    while time.monotonic() - started < 10 * RECOVERY:
        asked = time.monotonic()
        status = site.status("/search?q=m%C3%A1y+c%E1%BA%AFt", within=RECOVERY)
        if status == 200 and time.monotonic() - asked < 1:
            break
    return row | {
        "healthz_max_ms": round(1_000 * max(seen, default=0.0)),
        "recovered_s": round(time.monotonic() - started, 2),
    }


def _soak(site: Site, visitors: Visitors, seconds: int) -> dict[str, Any]:
    """Long and mixed, after a first tenth that fills what is kept for reuse."""
    first = max(10, seconds // 10)
    wrk.run(
        site.address, replace(visitors, salt="9"), connections=CONNECTIONS, seconds=first
    )  # fmt: skip
    memory, handles = site.resident_mib(), site.handles()
    row = _row(site, "mixed", visitors, CONNECTIONS, seconds)
    return row | {
        "seconds": seconds,
        "grown_mib": _grown(memory, site.resident_mib()),
        "more_handles": _grown(handles, site.handles()),
    }


def _grown(before: list[float] | list[int], after: list[float] | list[int]) -> list[float]:
    return [round(late - early, 1) for early, late in zip(before, after, strict=True)]


@contextmanager
def _watching(site: Site) -> Iterator[list[float]]:
    """Ask for a sign of life every half second; the seconds each took."""
    seen: list[float] = []
    going = [True]

    def watch() -> None:
        while going[0]:
            asked = time.monotonic()
            if site.status("/healthz", within=30) == 200:
                seen.append(time.monotonic() - asked)
            time.sleep(0.5)

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        going[0] = False
        thread.join()


def config() -> Path:
    """The settings of gunicorn that ship with the product, where they are found."""
    return Path(__file__).resolve().parents[2] / "docs" / "deploy" / "gunicorn.conf.py"
