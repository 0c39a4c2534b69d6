"""Learning from the command line, on judged rows."""

from matchmaker.domain.vocabulary import ModelKind, VersionReason, VersionState
from matchmaker.models.database import open_engine, writing
from matchmaker.services.learning import versions
from matchmaker.services.learning.versions import Outcome
from tests.conftest import NOON
from tests.services.judged_rows import NEEDS, collection

GLOOMY = {
    "offset": -11.0, "weights": {"standing": 0.0, "beyond": 0.0, "lead": 0.0}, "pairs": {},
    "n": 60, "source": "judgements", "fitted_at": "", "model": "",
}  # fmt: skip


def put_live(settings) -> str:
    engine = open_engine(settings.url)
    with writing(engine) as session:
        made = versions.keep(
            session,
            Outcome(
                ModelKind.CALIBRATION, GLOOMY, VersionState.LIVE, VersionReason.WON, 60, 0
            ),
            made_by=None, now=NOON,
        )  # fmt: skip
        public_id = made.public_id
    engine.dispose()
    return public_id


def test_with_too_few_judgements_tuning_refuses_in_words(run):
    answer = run("model", "tune")
    assert answer.exit_code == 1
    assert "calibration: refused, 0 judged needs; 50 are needed." in answer.stderr
    assert "weights: refused, 0 judgements; 300 are needed." in answer.stderr
    assert run("model", "versions").stdout == ""


def test_tune_versions_and_revert(judged, run, settings, tmp_path):
    first = put_live(settings)
    public = str(collection(tmp_path / "public"))

    tuned = run("model", "tune", "--what", "calibration", "--collections", public)
    assert tuned.exit_code == 0, tuned.stderr
    assert " live " in tuned.stdout
    assert f"{NEEDS} judgements" in tuned.stdout
    assert "loses on no public collection" in tuned.stderr
    [newest, older] = run("model", "versions").stdout.strip().split("\n")
    assert " live " in newest
    assert older.startswith(first)
    assert " retired " in older

    back = run("model", "revert")
    assert back.stdout.startswith(first)
    assert run("model", "revert").stdout.strip() == "calibration: what ships with the product"
    assert run("model", "revert").exit_code == 1


def test_the_nightly_job_run_by_hand_says_when_there_is_nothing_to_do(run):
    answer = run("jobs", "calibrate")
    assert (answer.stdout, answer.exit_code) == ("", 0)
    assert "Nothing to do" in answer.stderr


def test_a_folder_of_collections_that_is_not_there_stops_the_start(run):
    answer = run("model", "versions", COLLECTIONS="/nowhere/at/all")
    assert answer.exit_code == 1
    assert "MATCHMAKER_COLLECTIONS: /nowhere/at/all is not a folder" in answer.stderr
