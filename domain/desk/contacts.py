"""How people on duty are reached. Addresses stay in the policy file: never in the log or a message."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

ContactChannel = Literal["console", "mail", "text"]

_FORM = {
    "mail": (lambda address: "@" in address[1:-1], "a mail address"),
    "text": (lambda address: address.startswith("+") and address[1:].isdigit(), "+44 and digits"),
}


class ContactMethod(BaseModel):
    """One way to reach one person. At a console nobody needs an address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: ContactChannel
    address: SecretStr = Field(default=SecretStr(""), description="A mailbox, or a telephone")

    @model_validator(mode="after")
    def _address_fits(self) -> Self:
        fits, wanted = _FORM.get(self.channel, (lambda address: not address, "no address"))
        if not fits(self.address.get_secret_value()):
            msg = f"the channel {self.channel} needs {wanted}"
            raise ValueError(msg)
        return self
