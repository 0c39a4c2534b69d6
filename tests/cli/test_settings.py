"""Settings come from the environment alone, and a wrong one stops the start by its name."""

import stat
from pathlib import Path

import pytest

from matchmaker.config import SettingError, Settings, read_settings
from tests.cli.conftest import Run

LONG = "x" * 32


def test_nothing_set_gives_the_defaults_of_the_manual() -> None:
    assert read_settings({"HOME": "/root", "MATCHMAKERS": "no setting of ours"}) == Settings(
        data_dir=Path("var"), database_url="", model="bundled", allow_download=False, threads=0,
        secret_key="", base_url="http://127.0.0.1:8000", demo_password="",
    )  # fmt: skip


def test_every_setting_is_read(tmp_path: Path) -> None:
    given = {
        "MATCHMAKER_COLLECTIONS": str(tmp_path),
        "MATCHMAKER_DATA_DIR": "/srv/matchmaker",
        "MATCHMAKER_DATABASE_URL": "postgresql+psycopg://db/matchmaker",
        "MATCHMAKER_SEARCH_DATABASE_URL": "postgresql+psycopg://copy/matchmaker",
        "MATCHMAKER_MODEL": "st:some/model",
        "MATCHMAKER_ALLOW_DOWNLOAD": "Yes",
        "MATCHMAKER_THREADS": "2",
        "MATCHMAKER_SECRET_KEY": LONG,
        "MATCHMAKER_BASE_URL": "https://ketnoi.example.vn/",
        "MATCHMAKER_DEMO_PASSWORD": "a demonstration password",
        "MATCHMAKER_LOG": "json",
        "MATCHMAKER_TRUSTED_PROXIES": "2",
        "MATCHMAKER_METRICS_FROM": "10.0.0.0/8, ::1",
    }

    settings = read_settings(given)

    assert settings == Settings(
        data_dir=Path("/srv/matchmaker"), database_url="postgresql+psycopg://db/matchmaker",
        search_database_url="postgresql+psycopg://copy/matchmaker",
        model="st:some/model", allow_download=True, threads=2, secret_key=LONG,
        base_url="https://ketnoi.example.vn", demo_password="a demonstration password",
        collections=str(tmp_path), log="json", trusted_proxies=2, metrics_from="10.0.0.0/8, ::1",
    )  # fmt: skip
    assert settings.is_secure
    assert [str(network) for network in settings.metrics_networks] == ["10.0.0.0/8", "::1/128"]
    assert len(given) == len(Settings.__dataclass_fields__)


@pytest.mark.parametrize("name", ["MATCHMAKER_MODELL", "MATCHMAKER_", "MATCHMAKER_SECRET"])
def test_unknown_setting_stops_with_its_name(name: str) -> None:
    with pytest.raises(SettingError, match=f"^{name}: there is no such setting"):
        read_settings({name: "1"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODEL", "bert"),
        ("MODEL", "HASHING"),
        ("ALLOW_DOWNLOAD", "maybe"),
        ("THREADS", "two"),
        ("THREADS", "-1"),
        ("THREADS", "1.5"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "x" * 31),
        ("BASE_URL", "ketnoi.example.vn"),
        ("BASE_URL", "ftp://ketnoi.example.vn"),
        ("BASE_URL", "https://"),
        ("DATABASE_URL", "mysql://db/matchmaker"),
        ("DATABASE_URL", "matchmaker.db"),
        ("SEARCH_DATABASE_URL", "sqlite:///copy.db"),
        ("SEARCH_DATABASE_URL", "postgresql+psycopg://copy/matchmaker"),  # of no such database
        ("DEMO_PASSWORD", "fourteen chars"),
        ("DATA_DIR", __file__),
        ("TRUSTED_PROXIES", "yes"),
        ("TRUSTED_PROXIES", "10"),
        ("METRICS_FROM", "localhost"),
        ("METRICS_FROM", "10.0.0.1/8"),
    ],
)
def test_wrong_value_stops_with_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^MATCHMAKER_{name}: "):
        read_settings({f"MATCHMAKER_{name}": value})


@pytest.mark.parametrize("value", ["", "0", "no", "False"])
def test_switch_off_in_any_of_its_words(value: str) -> None:
    assert read_settings({"MATCHMAKER_ALLOW_DOWNLOAD": value}) == Settings()


def test_secret_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")

    made = settings.secret()

    kept = tmp_path / "new" / "secret.key"
    assert (len(made), kept.read_text()) == (64, made)
    assert Settings(data_dir=tmp_path / "new").secret() == made
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert Settings(data_dir=tmp_path / "other").secret() != made


def test_empty_secret_file_is_not_taken_for_a_secret(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()

    with pytest.raises(SettingError, match="SECRET_KEY"):
        Settings(data_dir=tmp_path).secret()


def test_command_ends_with_the_name_and_no_traceback(run: Run) -> None:
    unknown = run("db", "current", MODELL="hashing")
    wrong = run("index", "verify", MODEL="bert")

    assert (unknown.exit_code, wrong.exit_code) == (1, 1)
    assert unknown.stderr == "Error: MATCHMAKER_MODELL: there is no such setting.\n"
    assert wrong.stderr.startswith("Error: MATCHMAKER_MODEL: it takes bundled, hashing")
    assert unknown.stdout == wrong.stdout == ""


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql+psycopg://127.0.0.1:1/x", "the database cannot be used: connection failed: "),
        ("postgresql+psycopg://h:port/x", "MATCHMAKER_DATABASE_URL: it takes an address such as "),
        ("postgresql+nosuch://h/x", "MATCHMAKER_DATABASE_URL: it takes an address such as "),
        ("postgresql+asyncpg://h/x", "the database's driver asyncpg is not installed"),
    ],
)
def test_database_that_is_not_there_is_told_in_one_sentence(run: Run, url: str, told: str) -> None:
    answer = run("db", "current", DATABASE_URL=url)

    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"Error: {told}")
    assert answer.stderr.count("\n") == 1
    assert "Traceback" not in answer.output
