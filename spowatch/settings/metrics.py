"""Settings of the port a process tells its metrics and its health on."""

from pydantic import BaseModel, ConfigDict, Field


class MetricsSettings(BaseModel):
    """Metrics and health of every role, for Prometheus; off while the port is unset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        default="127.0.0.1",
        description="The address to listen on; nothing there is about a person, and nobody signs in",
    )
    port: int = Field(
        ge=0,
        le=65_535,
        description="One a process, so each its own; 0 takes a free one and says it",
    )
