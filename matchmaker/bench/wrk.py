"""Load from outside: wrk asks, its script says what, and its figures come back as JSON.

wrk is written in C: it takes so little of the two cores that the site keeps them.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

_SCRIPT = Path(__file__).with_name("load.lua")
_MARK = "@@"


class MissingError(RuntimeError):
    """wrk is not installed here."""


@dataclass(frozen=True)
class Visitors:
    """What a run asks for: shares of each kind of request, and what they are made of."""

    shares: Mapping[str, int]
    pages: Sequence[str] = ()
    questions: Sequence[str] = ()
    matches: Sequence[str] = ()
    #: Cookie and form token of a signed-in owner and of a curator.
    owner: tuple[str, str] = ("", "")
    curator: tuple[str, str] = ("", "")
    #: Makes what is asked in this run differ from every other run's.
    salt: str = "0"


def run(address: str, visitors: Visitors, *, connections: int, seconds: int) -> dict[str, Any]:
    """One run of wrk: requests a second, latencies in ms, and answers by status."""
    if not (wrk := shutil.which("wrk")):
        raise MissingError("wrk is not installed (Debian: apt-get install wrk)")
    threads = min(2, connections)
    with tempfile.TemporaryDirectory(prefix="matchmaker-wrk-") as folder:
        script = Path(folder) / "load.lua"
        script.write_text(_script(visitors), "utf-8")
        done = subprocess.run(  # noqa: S603 - found above
            [wrk, f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s",
             "-s", str(script), address],
            capture_output=True, text=True, timeout=seconds + 120, check=False,
        )  # fmt: skip
    told = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if done.returncode or not told:
        raise RuntimeError(f"wrk ended with {done.returncode}: {done.stdout}{done.stderr}"[-2000:])
    found: dict[str, Any] = json.loads(told[0].removeprefix(_MARK))
    return found


def _script(visitors: Visitors) -> str:
    return Template(_SCRIPT.read_text("utf-8")).substitute(
        pages=_lua(visitors.pages), questions=_lua(visitors.questions),
        matches=_lua(visitors.matches), owner=_lua(visitors.owner),
        curator=_lua(visitors.curator), salt=_quoted(visitors.salt),
        shares=_lua([f"{name}={share}" for name, share in visitors.shares.items()]),
        mark=_quoted(_MARK),
    )  # fmt: skip


def _lua(values: Sequence[str]) -> str:
    return "{" + ",".join(map(_quoted, values)) + "}"


def _quoted(value: str) -> str:
    """A Lua string; bytes beyond ASCII are told by number."""
    told = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}"
        for byte in value.encode()
    )
    return f'"{told}"'
