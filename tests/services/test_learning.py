"""Learning from judgements on real rows: fitted, compared, put live or refused, taken back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.ranking.calibration import SHIPPED, Fit, Source
from matchmaker.domain.ranking.weights import FIXED
from matchmaker.domain.vocabulary import ModelKind, RecordStatus, VersionReason, VersionState
from matchmaker.jobs import daily
from matchmaker.jobs.worker import Worker
from matchmaker.models import AuditEntry, JobRun, Judgement, ModelVersion, Need, utc_now
from matchmaker.models.database import writing
from matchmaker.services import matching
from matchmaker.services.learning import labels, nightly, tuning, versions
from matchmaker.services.learning.serving import Serving, serving
from matchmaker.services.learning.versions import Outcome
from tests.conftest import NOON
from tests.services.judged_rows import NEEDS, SOLUTIONS, collection

CALIBRATION = ModelKind.CALIBRATION
#: A fit that believes in nothing: whatever is judged right shows it wrong.
GLOOMY = Fit(-11.0, (0.0,) * 4, source=Source.JUDGEMENTS, n=60)


def outcome(fit: Fit, state=VersionState.LIVE, reason=VersionReason.WON, last=0) -> Outcome:
    return Outcome(CALIBRATION, fit.to_json(), state, reason, 60, last)


def put_live(session, fit: Fit) -> ModelVersion:
    version = versions.keep(session, outcome(fit), made_by=None, now=NOON)
    session.commit()
    return version


def in_use(session, catalogue) -> Serving:
    return serving(session, catalogue.encoder.fingerprint)


def tuned(session, catalogue, tmp_path) -> Outcome:
    public = [collection(tmp_path / "public")]
    return tuning.tune(session, catalogue, CALIBRATION, now=NOON, collections=public)


def test_what_ships_is_in_use_until_something_is_live(session, catalogue):
    assert in_use(session, catalogue) == Serving(SHIPPED, FIXED)


def test_with_too_few_judged_needs_nothing_is_tried(judged, session, catalogue):
    for one in session.scalars(select(Judgement).where(Judgement.id > NEEDS - 1)):
        session.delete(one)
    session.flush()

    with pytest.raises(tuning.TooFewError, match="49 judged needs, 50 are needed"):
        tuning.tune(session, catalogue, CALIBRATION, now=NOON)
    with pytest.raises(tuning.TooFewError, match="49 judgements, 300 are needed"):
        tuning.tune(session, catalogue, ModelKind.WEIGHTS, now=NOON)


def test_a_fit_that_wins_goes_live_and_one_like_it_is_refused(session, catalogue, judged, tmp_path):
    put_live(session, replace(GLOOMY, model=catalogue.encoder.fingerprint))
    # It was fitted before all these judgements, to none of them.
    first = tuned(session, catalogue, tmp_path / "a")

    assert (first.state, first.reason) == (VersionState.LIVE, VersionReason.WON)
    assert first.metrics["needs"] == NEEDS
    assert first.metrics["told"]["brier"] < first.metrics["told_before"]["brier"]
    versions.keep(session, first, made_by=None, now=NOON)
    session.commit()
    assert in_use(session, catalogue).fit == Fit.read(first.payload)
    assert not in_use(session, catalogue).fit.is_provisional

    second = tuned(session, catalogue, tmp_path / "b")

    assert (second.state, second.reason) == (VersionState.REFUSED, VersionReason.NO_GAIN)
    kept = versions.keep(session, second, made_by=None, now=NOON)
    assert (kept.state, kept.live_as) == (VersionState.REFUSED, None)
    assert in_use(session, catalogue).fit == Fit.read(first.payload)


def test_the_way_back_restores_exactly_what_was_there(session, catalogue):
    first = put_live(session, replace(GLOOMY, offset=-5.0))
    payload = dict(first.payload)
    second = put_live(session, GLOOMY)
    assert (first.state, first.reason) == (VersionState.RETIRED, VersionReason.REPLACED)

    assert versions.revert(session, CALIBRATION, by=None, now=NOON) is first
    session.commit()

    assert first.payload == payload
    assert in_use(session, catalogue).fit == replace(GLOOMY, offset=-5.0)
    assert (second.state, second.reason) == (VersionState.RETIRED, VersionReason.REVERTED)
    assert versions.revert(session, CALIBRATION, by=None, now=NOON) is None
    assert in_use(session, catalogue).fit is SHIPPED
    assert session.scalars(select(AuditEntry.action)).all()[-2:] == ["model.revert"] * 2


def test_what_was_fitted_to_another_model_is_not_used(session, catalogue):
    put_live(session, replace(GLOOMY, model="another"))
    assert in_use(session, catalogue).fit is SHIPPED


def test_a_new_fit_makes_every_stored_ranking_stale_and_changes_the_bands(
    judged, session, catalogue, engine
):
    need = session.get_one(Need, 1)
    for other in session.scalars(select(Need).where(Need.id != need.id)):
        other.status = RecordStatus.WITHDRAWN
    session.commit()
    catalogue.drain(engine)
    with writing(engine) as own:
        matching.refresh_by_id(own, catalogue, need.id, now=utc_now())
    staff = Viewer(member_id=0)
    [before, *_] = matching.suggest(session, catalogue, staff, need)
    assert matching.behind(session, catalogue, 10) == []

    put_live(session, GLOOMY)

    assert matching.behind(session, catalogue, 10) == [need]
    [after, *_] = matching.suggest(session, catalogue, staff, need)
    assert after.solution.code == before.solution.code
    assert after.probability < before.probability


def test_two_workers_fit_once_a_night(judged, session, engine, catalogue, monkeypatch):
    night = NOON.replace(hour=20)  # three in the morning in Vietnam
    monkeypatch.setattr("matchmaker.jobs.worker.utc_now", lambda: night)
    workers = [Worker(engine, catalogue, jobs=daily.DAILY[:1]) for _ in range(2)]

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda worker: worker._daily(), workers))

    assert sorted(done) == [False, True]
    assert len(session.scalars(select(JobRun)).all()) == 1
    [made] = session.scalars(select(ModelVersion))
    assert (made.kind, made.n_judgements) == (CALIBRATION, NEEDS)
    # The next night there is nothing new to learn from.
    assert nightly.calibrate(engine, catalogue, now=NOON + timedelta(days=1)) is None


def test_labels_know_each_need_and_reach_no_further_than_asked(judged, session):
    found = labels.read(session)
    assert (found.needs, found.judgements, len(found.each)) == (NEEDS, NEEDS, NEEDS)
    assert {label.solution for label in found.each} == set(range(1, SOLUTIONS + 1))
    assert labels.read(session, upto=10).needs == 10
    assert labels.last_judgement(session) == found.last == NEEDS
