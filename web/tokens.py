"""Reads signed tokens and believes them only when everything about them is right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import compare_digest
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
"""The only ones: nothing unsigned, nothing signed by a secret that both sides know."""
LEEWAY = 30
"""Seconds by which two clocks may differ."""
LONGEST = 8192
"""Characters of a token that is looked at."""

KeysFor = Callable[[str], KeySet]
"""The issuer's keys, among them that of this id where there is one. Raises `ProviderDown`."""


class NotBelieved(Exception):
    """The token is not what it must be; which part stays unsaid to whoever sent it."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs, and for whom."""

    name: str
    keys_for: KeysFor
    now: Callable[[], datetime]

    def access_token(self, token: str, audience: str) -> Mapping[str, Any]:
        """What a program's token says (RFC 9068). Raises `NotBelieved`."""
        claims = self._claims(token, audience, types=("at+jwt", "application/at+jwt"))
        if not isinstance(claims.get("client_id"), str):
            raise NotBelieved
        return claims

    def identity(self, token: str, client_id: str, nonce: str) -> Mapping[str, Any]:
        """What the provider says of the person who signed in (OpenID Connect Core 3.1.3.7).

        Raises `NotBelieved`.
        """
        claims = self._claims(token, client_id, types=("jwt", None))
        said, party = claims.get("nonce"), claims.get("azp", client_id)
        if not isinstance(said, str) or not compare_digest(said.encode(), nonce.encode()):
            raise NotBelieved
        if party != client_id or not isinstance(claims.get("sub"), str):
            raise NotBelieved
        return claims

    def _claims(
        self, token: str, audience: str, *, types: tuple[str | None, ...]
    ) -> Mapping[str, Any]:
        try:
            header = _header(token, types)
            read = jwt.decode(token, self.keys_for(header["kid"]), registry=_Ours())
            self._in_time_and_for_us(read.claims, audience)
        except (JoseError, ValueError, KeyError, TypeError, OverflowError):
            raise NotBelieved from None
        return read.claims

    def _in_time_and_for_us(self, claims: Mapping[str, Any], audience: str) -> None:
        rules = jwt.JWTClaimsRegistry(
            now=int(self.now().timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.name},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": True},
        )
        rules.validate(dict(claims))


class _Ours(jws.JWSRegistry):
    """Knows our algorithms alone, and takes EdDSA without a word: providers still sign by that name."""

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


def _header(token: str, types: tuple[str | None, ...]) -> dict[str, Any]:
    """The header, once it names a key, an algorithm of ours and the right kind of token."""
    if len(token) > LONGEST or token.count(".") != 2:  # noqa: PLR2004 - header, claims, signature
        raise NotBelieved
    header = jws.extract_compact(token.encode("ascii")).headers()
    kind = header.get("typ")
    if (kind.lower() if isinstance(kind, str) else kind) not in types:
        raise NotBelieved
    if header.get("alg") not in ALGORITHMS or "crit" in header:
        raise NotBelieved
    if not isinstance(header.get("kid"), str):
        raise NotBelieved
    return dict(header)
