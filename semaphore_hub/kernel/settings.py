"""Settings of a hub process: environment variables prefixed ``SEMAPHORE_``, secrets from files when given as such."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything a hub process can be told; the defaults run on one machine with SQLite."""

    model_config = SettingsConfigDict(env_prefix="SEMAPHORE_", secrets_dir=None, extra="forbid")

    database_url: str = Field(
        default="sqlite:///semaphore.db",
        description="sqlite:///FILE, or postgresql+psycopg://USER@HOST:PORT/BASE when several processes share the work",
    )
    sqlite_synchronous: str = Field(
        default="NORMAL",
        pattern="^(NORMAL|FULL)$",
        description="FULL survives a power cut; NORMAL survives a crash of the process and is about 1.7 times faster",
    )
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    clients_file: Path | None = Field(
        default=None, description="TOML file of OAuth2 clients (id, secret hash, role, GHT perimeter)"
    )
    token_key_file: Path | None = Field(default=None, description="file that holds the key signing the hub's tokens")
    oidc_issuer: str | None = Field(default=None, description="OpenID Connect issuer whose tokens are accepted")
    oidc_audience: str = Field(default="semaphore-hub", description="audience expected in tokens of that issuer")
    secrets_dir: Path | None = Field(
        default=None, description="folder of files named after the secrets that partners' settings refer to"
    )
    columns_dir: Path | None = Field(
        default=None, description="folder of the columnar snapshot of the indicators; without it they are read in SQL"
    )
    max_body_bytes: int = Field(default=10 * 1024 * 1024, gt=0, description="largest HTTP request body, in bytes")
    lease_seconds: float = Field(default=60.0, gt=0, description="how long a claimed lane stays with a silent process")
    evaluation_seconds: float = Field(
        default=3600.0,
        ge=0,
        description="how often alerts are looked for and tacit renewals recorded; 0: never",
    )
    poll_seconds: float = Field(default=1.0, gt=0, description="safety poll of the dispatcher when nothing wakes it")

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is the embedded one."""
        return self.database_url.startswith("sqlite")

    @property
    def protected(self) -> bool:
        """Whether callers must present a token."""
        return self.clients_file is not None or self.oidc_issuer is not None
