"""Settings, read from ``LONGMAI_…`` environment variables; every one has a working default.

>>> Settings(data=Path("data")).database
'sqlite:///data/longmai.db'
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from longmai.kernel.errors import Invalid


class Settings(BaseSettings):
    """What an operator can set; ``docs/reference/settings.md`` describes each (tested)."""

    model_config = SettingsConfigDict(env_prefix="LONGMAI_", frozen=True)

    data: Path = Field(Path("data"), description="Folder for the embedded store and the log's key.")
    database: str = Field("", description="Database URL; empty: SQLite in the data folder.")
    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(8062, ge=1, le=65535, description="Port the server listens on.")
    public_url: str = Field(
        "", description="Address printed in QR codes; empty: the host and port above."
    )
    region: str = Field(
        "",
        pattern=r"^\d{0,12}$",
        description="Code of the region pack; empty: the only one there is.",
    )
    log_origin: str = Field(
        "longmai.example/log",
        pattern=r"^[^\s+]+$",
        description="Name of this ledger in its checkpoints; fixed once records exist.",
    )
    second_hash: str = Field(
        "",
        pattern=r"^[a-z0-9]*$",
        description="Second hash that records commit with, such as sm3; empty: SHA-256 alone.",
    )
    max_waiting: int = Field(
        200_000,
        ge=0,
        description="Records that may wait for their place before new ones are refused; 0: any.",
    )
    requests_a_minute: int = Field(
        600,
        ge=0,
        description="Requests one address may send a minute, a write counting for five; 0: any.",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Form of the server's log lines on standard error."
    )
    witness_policy: Path | None = Field(
        None,
        description="Policy file (C2SP tlog-policy) of the witnesses that cosign; empty: none.",
    )
    lower_logs: Path | None = Field(
        None,
        description="Policy file whose log lines may anchor their checkpoints here; empty: none.",
    )
    upper_log: str = Field(
        "",
        pattern=r"^(\S+\+\S+ https?://\S+)?$",
        description="Log above this one, verifier key and address with a space; empty: none.",
    )
    webhooks_inside: bool = Field(
        False,  # noqa: FBT003 - a field's default has no name
        description="Whether subscriptions may be sent to this machine and private networks.",
    )
    smtp: str = Field(
        "",
        pattern=r"^(smtps?://\S+)?$",
        description="Mail server for messages, as smtps://user:password@host:465; empty: none.",
    )
    smtp_from: str = Field("", description="Address that messages by mail come from.")
    message_webhook: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="Address of a gateway that carries messages to phones; empty: none.",
    )
    message_secret: str = Field(
        "", description="Secret that messages to that gateway are signed with."
    )
    nightly: str = Field(
        "02:30",
        pattern=r"^(off|([01]\d|2[0-3]):[0-5]\d)$",
        description="Time of day in Beijing at which the night's jobs start; off: none does.",
    )
    policies: Path | None = Field(
        None, description="Folder of policy files of your own, beside those that come along."
    )
    language: Literal["zh", "en"] = Field("zh", description="Language when a browser asks none.")
    second_factor: Literal["nobody", "administrators", "everyone"] = Field(
        "administrators", description="Whose posts count only after a second factor."
    )
    oidc_issuer: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="Address of an OpenID Connect provider to sign in with; empty: none.",
    )
    oidc_client: str = Field("", description="Client ID of this house at that provider.")
    oidc_secret: str = Field("", description="Client secret at that provider; empty: PKCE alone.")
    oidc_name: str = Field("", description="Name of that provider on the sign-in page.")
    oidc_opens: Literal["", "citizen"] = Field(
        "", description="Role of an account opened at the first sign-in with it; empty: none is."
    )

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, values: dict[str, object]) -> dict[str, object]:
        data = Path(str(values.get("data", "data")))
        host, port = values.get("host", "127.0.0.1"), values.get("port", 8062)
        derived = {
            "database": f"sqlite:///{data / 'longmai.db'}",
            "public_url": f"http://{host}:{port}",
        }
        return values | {key: value for key, value in derived.items() if not values.get(key)}


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment, with overrides from the command line.

    Raises:
        Invalid: a variable has a value that cannot be used; names the variable.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type] # checked by pydantic just here
    except ValidationError as error:
        first = error.errors()[0]
        name = "LONGMAI_" + "_".join(str(part) for part in first["loc"]).upper()
        raise Invalid(
            str(first["msg"]), code="settings", place=name, value=first["input"]
        ) from None
