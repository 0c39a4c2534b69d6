"""The ready-to-use settings of gunicorn start the site."""

import json

from matchmaker.config import Settings
from tests import gunicorn


def test_gunicorn_serves_with_the_settings_we_hand_out(settings: Settings) -> None:
    with gunicorn.running(settings) as site:
        told = [json.loads(site.get(path)) for path in ("healthz", "readyz")]

    assert told == [{"missing": []}] * 2
