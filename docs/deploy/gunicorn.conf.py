# ruff: noqa: INP001 - read by gunicorn, never imported
"""Settings of gunicorn: gunicorn -c docs/deploy/gunicorn.conf.py"""

import os

# Set before numpy and the model are loaded: two workers must not fight over the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

wsgi_app = "matchmaker.app:create_app()"
bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 2
# More than a process works on at a time (web/crowding.py): the others say "busy" at once.
threads = 16
# Each worker loads its own model and shelves: loaded before the fork, its threads would be lost.
preload_app = False
# The first question loads the model.
timeout = 120
graceful_timeout = 30
