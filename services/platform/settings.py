"""What the environment says, read once by whoever starts a process."""

import os
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias, get_args

import msgspec

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class SettingsError(Exception):
    """The environment says something unusable; the message names the variable."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One process's settings; every field is the variable `LOCUS_<FIELD>`."""

    database_url: str = ""
    nats_url: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0  # 0: a free one, announced
    vault_keys: str = ""  # directory of the key-encryption keys, outside the database and its backups
    vault_url: str = ""  # the database that holds the vault; the ledger's, unless named
    vault_epoch_days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 7  # until an erasure is final
    log_level: LogLevel = "info"
    token_cache_seconds: Annotated[float, msgspec.Meta(ge=0)] = (
        10.0  # how long a withdrawn token may still work
    )
    signing_key: str = ""  # of checkpoints: the path of a key file, or the key; none: no checkpoints
    signed: str = ""  # where what was signed last is kept; `signed` beside the key file, if there is one
    witnesses: str = ""  # who cosigns checkpoints: `<vkey> <url>`, parted by commas
    knots: str = ""  # thresholds of knots that differ from the defaults, as one JSON object
    # Tokens of your own issuer (OIDC); no issuer: only those of `locus token`.
    oidc_issuer: str = ""
    oidc_audience: str = ""
    oidc_algorithms: str = "RS256,ES256,EdDSA"
    oidc_jwks_url: str = ""  # empty: where the issuer's own document says
    # For each publisher that has no limits of its own (`locus publisher limit`), in each process.
    limit_body: Annotated[int, msgspec.Meta(ge=1)] = 4 * 1024 * 1024  # bytes of an event or a batch
    limit_rate: Annotated[float, msgspec.Meta(gt=0)] = 50_000  # events a second
    limit_burst: Annotated[int, msgspec.Meta(ge=1)] = 100_000  # events at once
    limit_in_flight: Annotated[int, msgspec.Meta(ge=1)] = 1_024  # requests at once
    limit_bodies: Annotated[int, msgspec.Meta(ge=8 * 1024 * 1024)] = (
        128 * 1024 * 1024
    )  # bytes being read, of all

    def __repr__(self) -> str:
        return "Settings(…)"  # keys and passwords are among them


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environment`; unknown LOCUS_ variables are left to whoever knows them."""
    names = {f"LOCUS_{field.upper()}": field for field in Settings.__struct_fields__}
    given = {names[name]: value for name, value in environment.items() if name in names and value}
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_named(str(error))) from None


def _named(message: str) -> str:
    what, _, path = message.partition(" - at `$.")
    would = f"; set one of {', '.join(get_args(LogLevel))}" if path == "log_level`" else ""
    return f"LOCUS_{path.rstrip('`').upper()}: {what}{would}"


def needed(value: str, variable: str) -> str:
    """The value, or an error that names the variable that must be set."""
    if not value:
        raise SettingsError(f"{variable} is not set; set it, or start everything with: locus up")
    return value
