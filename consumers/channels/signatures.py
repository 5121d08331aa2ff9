"""Signatures of Standard Webhooks: HMAC by the reference library, Ed25519 beside it; keys overlap."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr
from standardwebhooks import Webhook

_SHARED, _PRIVATE = "whsec_", "whsk_"


class Signer:
    """Signs with every key it is given, so that a receiver may change from the old to the new."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        """`whsec_` keys sign by HMAC, `whsk_` keys by Ed25519. Raises `ValueError` for any other."""
        if not keys:
            msg = "a webhook needs a key to sign with"
            raise ValueError(msg)
        self._shared: list[Webhook] = []
        self._private: list[Ed25519PrivateKey] = []
        for key in keys:
            self._add(key.get_secret_value())

    def headers(self, message_id: str, body: str, now: datetime) -> dict[str, str]:
        """The three headers of the standard. `now` goes into them: a repeat is signed anew."""
        seconds = str(int(now.timestamp()))
        at = datetime.fromtimestamp(int(seconds), UTC)
        signed = [each.sign(message_id, at, body) for each in self._shared]
        to_sign = f"{message_id}.{seconds}.{body}".encode()
        signed += [f"v1a,{_base64(each.sign(to_sign))}" for each in self._private]
        return {
            "webhook-id": message_id,
            "webhook-timestamp": seconds,
            "webhook-signature": " ".join(signed),
        }

    def _add(self, key: str) -> None:
        kind, _, code = key.partition("_")
        try:
            secret = base64.b64decode(code, validate=True)
            if f"{kind}_" == _PRIVATE:
                self._private.append(Ed25519PrivateKey.from_private_bytes(secret))
            elif f"{kind}_" == _SHARED and secret:
                self._shared.append(Webhook(secret))
            else:
                self._refuse()
        except ValueError:
            self._refuse()

    @staticmethod
    def _refuse() -> NoReturn:
        msg = "a webhook key is whsec_ or whsk_ and base64; this one is neither"
        raise ValueError(msg) from None


def _base64(signature: bytes) -> str:
    return base64.b64encode(signature).decode()
