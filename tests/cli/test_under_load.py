"""The site under load: that it is filled, served, asked and measured, not how fast it is here."""

import json
import shutil

import pytest

from matchmaker.bench import wrk
from matchmaker.bench.wrk import Visitors

pytestmark = pytest.mark.faults


def test_the_site_is_measured_under_load(run, settings):
    if not shutil.which("wrk"):
        pytest.skip("wrk is not installed")
    before = (settings.data_dir / "matchmaker.db").read_bytes()

    told = run("bench", "load", "--size", "30", "--seconds", "2", "--soak", "1", "--json")

    assert told.exit_code == 0, told.output
    rows = {row["run"]: row for row in json.loads(told.stdout)}
    assert list(rows) == [
        "fill",
        "first_browse",
        "browse",
        "search",
        "post",
        "decide",
        "overload",
        "mixed",
    ]
    # Pages are read, posts and decisions taken (some in this time, on the busiest machine), and
    # nothing is refused while the house is not full.
    assert rows["browse"].get("s200", 0) + rows["search"].get("s200", 0) > 0
    assert rows["post"].get("s303", 0) + rows["decide"].get("s303", 0) > 0
    for name in ("first_browse", "browse", "search", "post", "decide", "mixed"):
        assert {key for key in rows[name] if key in {"s422", "s503", "other"}} == set(), rows[name]
        assert len(rows[name]["rss_mib"]) == 2
    assert rows["overload"]["recovered_s"] < 100
    assert (settings.data_dir / "matchmaker.db").read_bytes() == before


def test_what_is_asked_keeps_its_letters():
    assert (
        wrk._quoted('Máy "cắt" \\ vỏ') == r'"M\195\161y \034c\225\186\175t\034 \092 v\225\187\143"'
    )


def test_without_wrk_it_says_what_is_missing(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(wrk.MissingError, match="apt-get install wrk"):
        wrk.run("http://127.0.0.1:1", Visitors({"browse": 1}), connections=1, seconds=1)
