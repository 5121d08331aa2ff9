"""Settings: read once, from `SPO_` variables and one file; a misspelt one stops the start."""

import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    Tag,
    ValidationError,
    model_validator,
)

from spowatch.dsn import Dsn
from spowatch.settings.faults import PREFIX, SettingsError, explained
from spowatch.settings.http import HttpSettings
from spowatch.settings.key import PostgresKeySettings, SqliteKeySettings
from spowatch.settings.metrics import MetricsSettings
from spowatch.settings.outward import ReceiverSettings
from spowatch.settings.policy import (
    ConsoleSettings,
    HeartbeatSettings,
    LineTestSettings,
)
from spowatch.settings.seal import SealSettings

_SETTINGS_FILE = "SPO_SETTINGS_FILE"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _kind(given: Any, unsaid: str) -> Any:
    """Which of the alternatives is meant; the simplest one needs no naming."""
    if isinstance(given, dict):
        return given.get("kind", unsaid)
    return getattr(given, "kind", None)


class SqliteLogSettings(_Part):
    """The log in one SQLite file, for one machine."""

    kind: Literal["sqlite"] = "sqlite"
    path: Path | None = Field(default=None, description="The log file; default `data_dir`/log.db")


class PostgresLogSettings(_Part):
    """The log in a PostgreSQL database, for roles on several machines."""

    kind: Literal["postgres"]
    dsn: Dsn = Field(description="libpq's own form, such as host=db dbname=spowatch")


LogSettings = Annotated[
    Annotated[SqliteLogSettings, Tag("sqlite")] | Annotated[PostgresLogSettings, Tag("postgres")],
    Discriminator(lambda given: _kind(given, "sqlite")),
]


class EmbeddedTransport(_Part):
    """Consumers read the log itself; no broker."""

    kind: Literal["embedded"] = "embedded"


class PlaintextSecurity(_Part):
    """No encryption and no names: for brokers on this very machine."""

    kind: Literal["plaintext"] = "plaintext"


class _TlsFiles(_Part):
    ca_file: Path | None = Field(
        default=None, description="PEM of who signs the brokers' certificates; else the system's"
    )
    cert_file: Path | None = Field(default=None, description="PEM of our own certificate")
    key_file: Path | None = Field(
        default=None, description="PEM of its key, mode 0600; unset where CERT_FILE holds both"
    )


class TlsSecurity(_TlsFiles):
    """Encrypted; the broker knows us by our certificate."""

    kind: Literal["tls"]


class SaslTlsSecurity(_TlsFiles):
    """Encrypted; the broker knows us by user and password."""

    kind: Literal["sasl_tls"]
    mechanism: Literal["SCRAM-SHA-512", "PLAIN"] = Field(
        default="SCRAM-SHA-512", description="How the password is shown to the broker"
    )
    user: str = Field(min_length=1, description="The user; one for each role")
    password: SecretStr | None = Field(default=None, description="This or PASSWORD_FILE")
    password_file: Path | None = Field(
        default=None, description="Mode 0600; read anew at each connection"
    )

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if (self.password is None) == (self.password_file is None):
            msg = "give one of its PASSWORD and PASSWORD_FILE"
            raise ValueError(msg)
        return self


KafkaSecurity = PlaintextSecurity | TlsSecurity | SaslTlsSecurity


class KafkaTransport(_Part):
    """The relay puts the log on Apache Kafka, and the desk reads it there."""

    kind: Literal["kafka"]
    bootstrap: str = Field(min_length=3, description="host:port of some brokers, with commas")
    prefix: str = Field(
        default="",
        pattern=r"^([a-z0-9-]+\.)?$",
        description="Before every topic's name, where a cluster is shared; ends with a dot",
    )
    security: Annotated[
        Annotated[PlaintextSecurity, Tag("plaintext")]
        | Annotated[TlsSecurity, Tag("tls")]
        | Annotated[SaslTlsSecurity, Tag("sasl_tls")],
        Discriminator(lambda given: _kind(given, "plaintext")),
    ] = PlaintextSecurity()

    @property
    def brokers(self) -> list[str]:
        return [each.strip() for each in self.bootstrap.split(",")]


Transport = Annotated[
    Annotated[EmbeddedTransport, Tag("embedded")] | Annotated[KafkaTransport, Tag("kafka")],
    Discriminator(lambda given: _kind(given, "embedded")),
]


KeySettings = Annotated[
    Annotated[SqliteKeySettings, Tag("sqlite")] | Annotated[PostgresKeySettings, Tag("postgres")],
    Discriminator(lambda given: _kind(given, "sqlite")),
]


class Routes(_Part):
    """Provisions of the Crime and Policing Act 2026, by the date they were commenced; off unset."""

    spo_on_conviction: date | None = Field(
        default=None, description="The first day on which a court may make an order on conviction"
    )
    spo_on_acquittal: date | None = Field(default=None, description="The same on acquittal")

    def commenced(self) -> dict[str, date]:
        return {name: value for name, value in self.model_dump().items() if value is not None}


class Settings(ReceiverSettings, _Part):
    """Every setting there is. `SPO_LOG__PATH` sets `log.path`, and so on."""

    data_dir: Path = Field(default=Path("var"), description="Where everything is kept by default")
    log: LogSettings = SqliteLogSettings()
    transport: Transport = EmbeddedTransport()
    keys: KeySettings = SqliteKeySettings()
    routes: Routes = Routes()
    http: HttpSettings = HttpSettings()
    console: ConsoleSettings = ConsoleSettings()
    line_test: LineTestSettings = LineTestSettings()
    heartbeat: HeartbeatSettings | None = None
    metrics: MetricsSettings | None = None
    seal: SealSettings = SealSettings()

    @property
    def log_path(self) -> Path:
        """The log file; where the log is a database there is none."""
        return getattr(self.log, "path", None) or self.data_dir / "log.db"

    @property
    def log_named(self) -> str:
        """What the log may be called before people; a DSN may hold a password."""
        is_file = isinstance(self.log, SqliteLogSettings)
        return str(self.log_path) if is_file else "in PostgreSQL"

    @property
    def keys_path(self) -> Path:
        """The key file; where the keys are in a database there is none."""
        return getattr(self.keys, "path", None) or self.data_dir / "keys.db"

    @property
    def keys_named(self) -> str:
        """What the key store may be called before people; a DSN may hold a password."""
        is_file = isinstance(self.keys, SqliteKeySettings)
        return str(self.keys_path) if is_file else "in PostgreSQL"

    @property
    def master_key_path(self) -> Path:
        return self.keys.master_key_file or self.data_dir / "master.key"

    @property
    def erased_path(self) -> Path:
        return self.keys.erased_list or self.data_dir / "erased-keys.txt"

    @property
    def last_backup_path(self) -> Path:
        """When `backup` was last run here."""
        return self.data_dir / "last-backup"

    @property
    def seal_key_path(self) -> Path:
        return self.seal.key_file or self.data_dir / "seal.key"

    @property
    def checkpoints_path(self) -> Path:
        return self.data_dir / "seal.db"

    @property
    def sheets_path(self) -> Path:
        return self.data_dir / "sheets.db"

    @property
    def projections_path(self) -> Path:
        return self.data_dir / "projections.db"

    @property
    def relay_path(self) -> Path:
        return self.data_dir / "relay.db"

    @property
    def kept_policy_path(self) -> Path:
        """The last policy that was taken, for the time in which the file is broken."""
        return self.data_dir / "policy.kept.toml"

    @property
    def training_mark(self) -> Path:
        return self.data_dir / "TRAINING"

    @property
    def for_training(self) -> bool:
        """Whether what is kept here is invented and timed by a clock of its own."""
        return self.training_mark.exists()

    @property
    def line_path(self) -> Path:
        """The last line test that this console heard."""
        return self.data_dir / "line-test.json"

    @property
    def console_path(self) -> Path:
        return self.data_dir / "console.jsonl"


def read_settings(environment: dict[str, str] | None = None) -> Settings:
    """Settings from the environment over the file that `SPO_SETTINGS_FILE` names."""
    variables = dict(os.environ) if environment is None else environment
    given = {key: value for key, value in variables.items() if key.startswith(PREFIX)}
    file = given.pop(_SETTINGS_FILE, None)
    tree = _from_file(Path(file)) if file else {}
    for name, value in given.items():
        _place(tree, name.removeprefix(PREFIX).lower().split("__"), value, name)
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(explained(error, given)) from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{_SETTINGS_FILE}: {path}: {error.strerror}; name a file of settings, or unset it"
        raise SettingsError(msg) from None
    except ValueError:  # its words hold some of the values
        msg = f"{_SETTINGS_FILE}: {path}: is no TOML in UTF-8; see docs/how-to/sign-in.md for one"
        raise SettingsError(msg) from None


def _place(tree: dict[str, Any], parts: list[str], value: str, name: str) -> None:
    for part in parts[:-1]:
        branch = tree.setdefault(part, {})
        if not isinstance(branch, dict):
            msg = f"{name}: a setting of that name has no parts; see docs/reference/settings.md"
            raise SettingsError(msg)
        tree = branch
    tree[parts[-1]] = value
