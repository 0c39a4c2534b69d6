"""Settings, read once from `MATCHMAKER_*` variables; a wrong or unknown one stops the start."""

import ipaddress
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "MATCHMAKER_"
SECRET_LENGTH = 32
#: More proxies than this in a row is a slip of the finger.
MOST_PROXIES = 9

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingError(Exception):
    """One variable that cannot be used; the message names it and says what it takes."""


@dataclass(frozen=True)
class Settings:
    """All that can be set. Field `data_dir` is read from MATCHMAKER_DATA_DIR, and so on."""

    #: Where database, model and backups live.
    data_dir: Path = Path("var")
    #: SQLAlchemy URL; empty: SQLite in the data folder.
    database_url: str = ""
    #: SQLAlchemy URL of a read-only copy of that database, for the searches; empty: there is none.
    search_database_url: str = ""
    #: bundled, hashing, or st:<name-or-path> for any sentence-transformers model.
    model: str = "bundled"
    #: Whether a named model may be fetched from a hub.
    allow_download: bool = False
    #: Threads one encoding may use; 0: one per core.
    threads: int = 0
    #: Folders of public collections that nothing learned may lose on, with ":" between.
    collections: str = ""
    #: Signs form tokens; empty: made once and kept in the data folder.
    secret_key: str = ""
    #: The address people type; https:// turns on secure cookies.
    base_url: str = "http://127.0.0.1:8000"
    #: Password of the demo accounts; empty: random, and printed.
    demo_password: str = ""
    #: How lines of the log read: text, or json for machines.
    log: str = "text"
    #: How many proxies stand in front; so many X-Forwarded-For and -Proto are believed.
    trusted_proxies: int = 0
    #: Addresses or networks that may read /metrics, with "," between.
    metrics_from: str = "127.0.0.1,::1"

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'matchmaker.db'}"

    @property
    def public_collections(self) -> tuple[Path, ...]:
        return tuple(Path(one) for one in self.collections.split(os.pathsep) if one)

    @property
    def metrics_networks(self) -> tuple[Network, ...]:
        """Where /metrics may be read from; ValueError for what is no address."""
        named = (one.strip() for one in self.metrics_from.split(","))
        return tuple(ipaddress.ip_network(one) for one in named if one)

    @property
    def is_secure(self) -> bool:
        return self.base_url.startswith("https://")

    def secret(self) -> str:
        """The secret key, made at first use; safe when several processes start at once."""
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret.key"
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            key = kept_once(path, lambda: secrets.token_hex(SECRET_LENGTH))
        except OSError as error:
            return _stop("DATA_DIR", f"{path} cannot be kept: {error.strerror}")
        return key or _stop("SECRET_KEY", f"{path} is empty")


def kept_once(path: Path, make: Callable[[], str]) -> str:
    """The text kept in a file that only its owner reads; made at first use, by whoever is first.

    Written aside and linked into place: others find all of it or nothing. Raises OSError.
    """
    with suppress(FileNotFoundError):
        return path.read_text("utf-8").strip()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first: its text holds
            os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path.read_text("utf-8").strip()


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read all settings; raises SettingError for the first that cannot be used."""
    given = os.environ if environ is None else environ
    known = {f.name for f in fields(Settings)}
    values: dict[str, str] = {}
    for name, value in given.items():
        if name.startswith(PREFIX):
            field = name.removeprefix(PREFIX).lower()
            if field not in known:
                _stop(name.removeprefix(PREFIX), "there is no such setting")
            values[field] = value.strip()
    default = Settings()
    settings = Settings(
        data_dir=Path(values.get("data_dir") or default.data_dir),
        database_url=values.get("database_url", ""),
        search_database_url=values.get("search_database_url", ""),
        model=values.get("model") or default.model,
        allow_download=_switch("ALLOW_DOWNLOAD", values.get("allow_download", "")),
        threads=_whole("THREADS", values.get("threads", "")),
        collections=values.get("collections", ""),
        secret_key=values.get("secret_key", ""),
        base_url=(values.get("base_url") or default.base_url).rstrip("/"),
        demo_password=values.get("demo_password", ""),
        log=values.get("log") or default.log,
        trusted_proxies=_whole("TRUSTED_PROXIES", values.get("trusted_proxies", "")),
        metrics_from=values.get("metrics_from", default.metrics_from),
    )
    _check(settings)
    _check_addresses(settings)
    return settings


def _check(settings: Settings) -> None:
    if settings.secret_key and len(settings.secret_key) < SECRET_LENGTH:
        _stop("SECRET_KEY", f"it needs at least {SECRET_LENGTH} characters")
    if settings.demo_password and len(settings.demo_password) < 15:
        _stop("DEMO_PASSWORD", "it needs at least 15 characters")
    if settings.model not in {"bundled", "hashing"} and not settings.model.startswith("st:"):
        _stop("MODEL", "it takes bundled, hashing or st:<name or path>")
    if settings.log not in {"text", "json"}:
        _stop("LOG", "it takes text or json")
    for folder in settings.public_collections:
        if not folder.is_dir():
            _stop("COLLECTIONS", f"{folder} is not a folder")
    _check_databases(settings)
    if settings.data_dir.exists() and not settings.data_dir.is_dir():
        _stop("DATA_DIR", f"{settings.data_dir} is not a folder")


def _check_addresses(settings: Settings) -> None:
    parts = urlsplit(settings.base_url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        _stop("BASE_URL", "it takes an address such as https://ketnoi.example.vn")
    if settings.trusted_proxies > MOST_PROXIES:
        _stop("TRUSTED_PROXIES", "it takes the number of proxies in front, 0 for none")
    try:
        _ = settings.metrics_networks
    except ValueError:
        _stop("METRICS_FROM", "it takes addresses such as 127.0.0.1 or 10.0.0.0/8, with commas")


def _check_databases(settings: Settings) -> None:
    scheme = _scheme(settings.url)
    if scheme not in {"sqlite", "postgresql"}:
        _stop("DATABASE_URL", "it takes an sqlite:/// or postgresql:// address")
    if settings.search_database_url and (
        scheme != "postgresql" or _scheme(settings.search_database_url) != scheme
    ):
        _stop("SEARCH_DATABASE_URL", "it takes a copy of a PostgreSQL database in DATABASE_URL")


def _scheme(url: str) -> str:
    return url.partition(":")[0].partition("+")[0]


def _switch(name: str, value: str) -> bool:
    if value.lower() in {"", "0", "no", "false"}:
        return False
    if value.lower() in {"1", "yes", "true"}:
        return True
    return bool(_stop(name, "it takes yes or no"))


def _whole(name: str, value: str) -> int:
    if not value:
        return 0
    if not value.isdigit():
        _stop(name, "it takes a whole number")
    return int(value)


def _stop(name: str, why: str) -> str:
    raise SettingError(f"{PREFIX}{name}: {why}.")
