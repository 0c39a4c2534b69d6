"""What is handed out to run the site by: units, containers, settings. Names in it must be real."""

import configparser
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from matchmaker.cli import main
from matchmaker.config import Settings, read_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SERVICES = [path for path in UNITS if path.suffix == ".service"]
KNOWN = {f"MATCHMAKER_{field.name.upper()}" for field in fields(Settings)}
#: Read by libraries, and by the images of others.
FOREIGN = {"PROMETHEUS_MULTIPROC_DIR", "OMP_NUM_THREADS", "PATH", "PYTHONUNBUFFERED"}


def unit(path: Path) -> configparser.ConfigParser:
    # A key may stand twice in a unit: the last one is enough here.
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text("utf-8"))
    return parser


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


def environment() -> dict[str, str]:
    lines = (DEPLOY / "matchmaker.env").read_text("utf-8").splitlines()
    told = [line.lstrip("#") for line in lines if re.match(r"#?[A-Z_]+=", line)]
    return dict(line.split("=", 1) for line in told)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for path in UNITS:
        text = re.sub(r"/opt/matchmaker/\.venv/bin/\w+", "/bin/true", path.read_text("utf-8"))
        (tmp_path / path.name).write_text(text, "utf-8")
    line = ["systemd-analyze", "verify", *(str(tmp_path / path.name) for path in UNITS)]
    told = subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603 - our own

    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_services_run_walled_in_and_not_as_root(path: Path) -> None:
    service = unit(path)["Service"]

    assert service["User"] == "matchmaker"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    for wall in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"):
        assert service[wall] == "yes"
    assert service["EnvironmentFile"] == "/etc/matchmaker/matchmaker.env"
    assert service["StateDirectory"] == Path(environment()["MATCHMAKER_DATA_DIR"]).name


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_services_start_commands_that_there_are(path: Path) -> None:
    line = unit(path)["Service"]["ExecStart"]
    if "gunicorn" in line:
        assert line.endswith("-c /etc/matchmaker/gunicorn.conf.py")
        assert (DEPLOY / "gunicorn.conf.py").is_file()
    else:
        command = re.search(r"bin/matchmaker (\w+)", line)
        assert command
        assert command[1] in main.commands


def test_the_timer_starts_the_backup_and_it_may_write_where_it_writes() -> None:
    assert (DEPLOY / "matchmaker-backup.timer").stem == (DEPLOY / "matchmaker-backup.service").stem
    service = unit(DEPLOY / "matchmaker-backup.service")["Service"]
    assert service["ReadWritePaths"] in service["ExecStart"]
    assert service["ReadWritePaths"] in service["ExecStartPost"]
    # systemd turns "$$" into "$" and "%%" into "%" before the shell sees them.
    assert "$$(date +%%F)" in service["ExecStart"]


def test_the_settings_handed_out_are_read() -> None:
    given = environment()

    assert set(given) <= KNOWN | FOREIGN
    settings = read_settings(given)
    assert settings.is_secure
    assert settings.trusted_proxies == 1
    # In memory: on a disk that is full, a process that counts would be killed.
    assert given["PROMETHEUS_MULTIPROC_DIR"].startswith("/dev/shm/")  # noqa: S108


def test_the_containers_settings_are_read() -> None:
    services = compose()["services"]
    for name in ("migrate", "web", "worker"):
        given = dict(services[name]["environment"])
        assert set(given) <= KNOWN | FOREIGN, name
        filled = {key: re.sub(r"\$\{\w+:\?\}", "x" * 32, value) for key, value in given.items()}
        filled["MATCHMAKER_BASE_URL"] = "https://ketnoi.example.vn"
        settings = read_settings(filled)
        assert settings.url.startswith("postgresql+psycopg://matchmaker:")
        assert settings.trusted_proxies == 1
    assert services["web"]["environment"]["PROMETHEUS_MULTIPROC_DIR"].startswith("/tmp/")  # noqa: S108


def test_the_containers_wait_for_each_other_and_their_files_are_there() -> None:
    told = compose()
    services = told["services"]

    assert set(services) == {"db", "migrate", "web", "worker", "nginx"}
    for name, service in services.items():
        assert set(service.get("depends_on", [])) <= set(services), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (DEPLOY / source).is_file(), source
            elif not source.startswith("/"):
                assert source in told["volumes"]
    for name in ("web", "worker"):
        waits = services[name]["depends_on"]["migrate"]["condition"]
        assert waits == "service_completed_successfully"
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True
    build = services["web"]["build"]
    assert (DEPLOY / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()
    assert services["db"]["image"].startswith("pgvector/pgvector:")


def test_commands_of_the_containers_are_ours() -> None:
    for name in ("migrate", "worker"):
        program, command = compose()["services"][name]["command"][:2]
        assert program == "matchmaker"
        assert command in main.commands


def test_the_image_copies_what_there_is_and_runs_as_nobody() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    ignored = {line.rstrip("/") for line in (ROOT / ".dockerignore").read_text().split()}
    for line in text.splitlines():
        if line.startswith("COPY") and "--from" not in line:
            for name in line.split()[1:-1]:
                assert (ROOT / name).exists(), name
                assert name not in ignored
    assert set(re.findall(r"MATCHMAKER_\w+", text)) <= KNOWN
    assert "-c constraints.txt" in text
    last = text.rpartition("\nFROM ")[2]
    assert last.index("USER matchmaker") < last.index("CMD")
    wheel = re.findall(r'"(\w+)" = "matchmaker/', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert {"templates", "seed_data"} == set(wheel)
    assert all(f"COPY {name} " in text for name in wheel)
