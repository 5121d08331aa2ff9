"""The sign-in provider at the other end: where its pages are, its keys, and the exchange of a code.

What speaks to it opens a socket when it is loaded, so it is loaded where it is needed.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

_log = structlog.get_logger()
ANSWERS_WITHIN = 4.0
"""Seconds for one answer of the provider."""
KEYS_KEPT = 600.0
"""Seconds for which its keys are not asked for again; a key that is taken back stops being believed then."""
ASKED_AGAIN = 10.0
"""Seconds between two questions for a key that is not among them: forged tokens do not flood it."""


class ProviderDown(Exception):
    """It does not answer, or not as a provider does."""


class CodeRefused(Exception):
    """It does not take the code: it was used before, or is not of this sign-in."""


@dataclass(frozen=True, slots=True)
class Client:
    """How we are known to the provider."""

    client_id: str
    secret: str | None
    back: str
    scope: str = "openid profile groups"


@dataclass(slots=True)
class Provider:
    """Asked when somebody signs in, and for its keys. Safe to share between threads."""

    issuer: str
    client: Client
    _known: Mapping[str, Any] | None = None
    _keys: KeySet | None = None
    _keys_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, state: str, nonce: str, verifier: str, *, again: bool) -> str:
        """Where the browser goes to sign in; `again`: even when it is signed in there. Raises `ProviderDown`."""
        asked = {"prompt": "login", "max_age": "0"} if again else {}
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self._place("authorization_endpoint"),
                state=state,
                code_verifier=verifier,
                nonce=nonce,
                **asked,
            )
        return str(url)

    def exchanged(self, code: str, verifier: str) -> str:
        """The identity token behind a code. Raises `ProviderDown`, `CodeRefused`."""
        from authlib.integrations.base_client import OAuthError
        from requests import RequestException

        try:
            with self._session() as session:
                told = session.fetch_token(
                    self._place("token_endpoint"),
                    code=code,
                    code_verifier=verifier,
                    grant_type="authorization_code",
                    timeout=ANSWERS_WITHIN,
                )
        except OAuthError as refused:
            raise CodeRefused from refused
        except (RequestException, ValueError) as fault:
            raise ProviderDown from fault
        if not isinstance(told.get("id_token"), str):
            raise CodeRefused
        return str(told["id_token"])

    def keys_for(self, kid: str) -> KeySet:
        """Its keys as last asked; asked again when that one is not among them. Raises `ProviderDown`."""
        with self._lock:
            age = inf if self._keys_at is None else monotonic() - self._keys_at
            missing = self._keys is None or not _among(kid, self._keys)
            if age > KEYS_KEPT or (missing and age > ASKED_AGAIN):
                self._ask_for_keys()
            if self._keys is None:
                raise ProviderDown
            return self._keys

    def leaving(self, onward: str) -> str | None:
        """Where the browser goes to sign out there too; None when it has no such page, or is down."""
        try:
            place = self._place("end_session_endpoint")
        except ProviderDown:
            return None
        from requests import Request

        told = {"client_id": self.client.client_id, "post_logout_redirect_uri": onward}
        return Request("GET", place, params=told).prepare().url

    @property
    def says_who_answers(self) -> bool:
        """Whether it names itself in every answer by the browser (RFC 9207)."""
        return bool(self._discovered().get("authorization_response_iss_parameter_supported"))

    def _ask_for_keys(self) -> None:
        """Hold what it says now; when it is down, what is held stays for as long as it is down."""
        self._keys_at = monotonic()
        try:
            self._keys = KeySet.import_key_set(_asked(self._place("jwks_uri")))  # type: ignore[arg-type]  # it checks what it is given
        except (ProviderDown, JoseError, ValueError, KeyError, TypeError):
            _log.warning("sign-in provider gives no keys", held=self._keys is not None)

    def _place(self, name: str) -> str:
        place = self._discovered().get(name)
        if not isinstance(place, str):
            raise ProviderDown
        return place

    def _discovered(self) -> Mapping[str, Any]:
        """Its own description, believed when it names the issuer we were told (Discovery 4.3)."""
        if self._known is None:
            known = _asked(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if known.get("issuer") != self.issuer:
                raise ProviderDown
            self._known = known
        return self._known

    def _session(self) -> "OAuth2Session":
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self.client.client_id,
            self.client.secret,
            scope=self.client.scope,
            redirect_uri=self.client.back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self.client.secret else "none",
        )


def _among(kid: str, keys: KeySet) -> bool:
    return any(key.kid == kid for key in keys.keys)


def _asked(address: str) -> Mapping[str, Any]:
    import requests

    try:
        answer = requests.get(address, timeout=ANSWERS_WITHIN, allow_redirects=False)
        answer.raise_for_status()
        told = answer.json()
    except (requests.RequestException, ValueError) as fault:
        raise ProviderDown from fault
    if not isinstance(told, dict):
        raise ProviderDown
    return told
