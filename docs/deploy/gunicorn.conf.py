# ruff: noqa: INP001 - read by gunicorn, never imported
"""Settings of gunicorn: gunicorn -c docs/deploy/gunicorn.conf.py"""

import ctypes
import os
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

# Set before numpy and the model are loaded: two workers must not fight over the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# glibc gives each thread a heap of its own, and what one has freed another cannot use: two heaps
# hold a worker's memory 100 MiB lower, and it answers as quickly.
_ARENA_MAX = -8
_set = getattr(ctypes.CDLL(None), "mallopt", None)
if _set is not None:
    _set(_ARENA_MAX, 2)

# All workers add up their counters here; /metrics reads them whichever worker is asked. In memory:
# on a disk that is full, a process that counts would be killed.
_PLACE = Path(os.environ.get("MATCHMAKER_DATA_DIR", "var")).resolve()
_MEMORY = Path("/dev/shm")  # noqa: S108 - in a folder of the site's own
METRICS = Path(
    os.environ.setdefault(
        "PROMETHEUS_MULTIPROC_DIR",
        str(
            (_MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir()))
            / f"matchmaker-{os.getuid()}-{sha256(str(_PLACE).encode()).hexdigest()[:12]}"
        ),
    )
)

wsgi_app = "matchmaker.app:create_app()"
bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 2
# More than a process works on at a time (web/crowding.py): the others say "busy" at once.
threads = 16
# A connection that is kept open stays with one process: all readers behind a proxy could end up in
# the same one while the others idle. A new connection goes to whoever is free.
keepalive = 0
# Each worker loads its own model and shelves: loaded before the fork, its threads would be lost.
preload_app = False
# What a proxy says of the asker is believed by the application alone (MATCHMAKER_TRUSTED_PROXIES).
forwarded_allow_ips = ""
# gunicorn's own control socket would lie in the home of the account: it has none.
control_socket_disable = True
# The first question loads the model.
timeout = 120
graceful_timeout = 30


def on_starting(server: Any) -> None:
    """Forget the counters of processes that are gone; those of a running worker stay."""
    del server
    METRICS.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in METRICS.glob("*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not Path("/proc", pid).exists():
            file.unlink(missing_ok=True)
