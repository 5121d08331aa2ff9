"""An address outside that something is sent to."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

MOST_PORTS = 65_535


def _postable(url: SecretStr) -> SecretStr:
    """Says what is wrong with it, never what it holds: it may hold a token."""
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        msg = "must be a URL that begins with https:// and names a host"
        raise ValueError(msg)
    if parts.username or parts.password or parts.fragment:
        msg = "must hold no user, password or fragment"
        raise ValueError(msg)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        msg = f"its port must be a number up to {MOST_PORTS}"
        raise ValueError(msg)
    return url


Url = Annotated[SecretStr, AfterValidator(_postable)]
