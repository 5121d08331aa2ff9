"""Forged, expired and misdirected tokens: none is believed, and the ones beside them are (SEC3, ASVS 9.1, 9.2)."""

import base64
import hmac
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from web.tokens import ALGORITHMS, Issuer, NotBelieved

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ISSUER, AUDIENCE = "https://id.example", "https://spo.example/api"
KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048, parameters={"kid": "r", "use": "sig", "alg": "RS256"}),
    "ES256": ECKey.generate_key("P-256", parameters={"kid": "e", "use": "sig", "alg": "ES256"}),
    "EdDSA": OKPKey.generate_key("Ed25519", parameters={"kid": "d", "use": "sig"}),
}
THEIRS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048, parameters={"kid": "r"}),
    "ES256": ECKey.generate_key("P-256", parameters={"kid": "e"}),
    "EdDSA": OKPKey.generate_key("Ed25519", parameters={"kid": "d"}),
}
"""Keys of a forger, under the names of ours."""
PUBLIC = KeySet.import_key_set({"keys": [key.as_dict(private=False) for key in KEYS.values()]})
PEM = KEYS["RS256"].public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
EVERY_SIGNATURE = [*ALGORITHMS, "HS256", "HS512", "RS512", "PS256", "ES384", "none"]


def believed(token: str) -> bool:
    try:
        Issuer(ISSUER, lambda _: PUBLIC, lambda: NOW).access_token(token, AUDIENCE)
    except NotBelieved:
        return False
    return True


def claims(**other: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    own = {"iss": ISSUER, "aud": AUDIENCE, "sub": "cad", "client_id": "cad", "iat": at - 5,
           "exp": at + 300, "jti": "1"}  # fmt: skip
    return {name: value for name, value in (own | other).items() if value != "absent"}


def signed(algorithm: str, said: dict[str, Any], key: Any = None, **header: Any) -> str:
    used = key or KEYS[algorithm]
    top = {"alg": algorithm, "typ": "at+jwt", "kid": used.kid} | header
    top = {name: value for name, value in top.items() if value != "absent"}
    return jwt.encode(top, said, used, algorithms=list(EVERY_SIGNATURE))


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jws_of(top: dict[str, Any], key: Any) -> str:
    """Rightly signed with a header that no library of ours would write."""
    signing = f"{encoded(top)}.{encoded(claims())}"
    algorithm = JWSRegistry.algorithms[top["alg"]]
    return f"{signing}.{encoded(algorithm.sign(signing.encode(), key))}"


def by_claims() -> Iterator[str]:
    """Rightly signed, and not for us, not now, not by whom we trust."""
    at = int(NOW.timestamp())
    wrong: dict[str, tuple[Any, ...]] = {
        "exp": (at - 31, at - 60, at - 3600, at - 86_400 * 365, float(at - 31), "absent", None, "soon",
                "9999999999", True, [at + 60], {}),
        "nbf": (at + 31, at + 3600, "later", None, [at]),
        "iat": (at + 31, at + 3600, "absent", None, "then"),
        "iss": ("absent", None, "", "https://id.example/", "https://ID.example", "http://id.example",
                "https://id.example.evil.example", [ISSUER], 7),
        "aud": ("absent", None, "", "spowatch", AUDIENCE + "/", AUDIENCE.upper(), [], [None],
                ["https://elsewhere.example"], {AUDIENCE: True}, 7),
        "client_id": ("absent", None, 7, ["cad"], {}),
    }  # fmt: skip
    for algorithm in KEYS:
        for name, values in wrong.items():
            yield from (signed(algorithm, claims(**{name: each})) for each in values)


def by_header() -> Iterator[str]:
    """Rightly signed, but another kind of token, another key's name, or with rules we do not know."""
    for algorithm, own in KEYS.items():
        for kind in (
            "absent",
            "JWT",
            "jwt",
            "id+jwt",
            "logout+jwt",
            "secevent+jwt",
            "",
            "at+jwt ",
            "dpop+jwt",
        ):
            yield signed(algorithm, claims(), typ=kind)
        for kid in ("absent", "another", "", "../../r", "r' or '1'='1"):
            yield signed(algorithm, claims(), kid=kid)
        for critical in (["x"], ["exp"], [], "x"):
            top = {"alg": algorithm, "typ": "at+jwt", "kid": own.kid, "crit": critical}
            yield jws_of(top, own)
        for other, key in KEYS.items():
            if other != algorithm:
                yield signed(algorithm, claims(), kid=key.kid)


def by_key() -> Iterator[str]:
    """Signed by somebody else: their own key under our name, brought along, or our public key as a secret."""
    for algorithm, key in THEIRS.items():
        yield signed(algorithm, claims(), key)
        yield signed(algorithm, claims(), key, jwk=key.as_dict(private=False))
    for secret in (PEM, PEM.strip(), b"", b"secret", b"\0" * 32):
        for bits in (256, 384, 512):
            signing = ".".join(
                map(encoded, ({"alg": f"HS{bits}", "typ": "at+jwt", "kid": "r"}, claims()))
            )
            mac = hmac.new(secret, signing.encode(), f"sha{bits}").digest()
            yield f"{signing}.{encoded(mac)}"
    unsigned: tuple[Any, ...] = ("none", "None", "NONE", "nOnE", "", None, 0, [], "HS256")
    for name in unsigned:
        for signature in ("", encoded(b"x" * 64)):
            top = {"alg": name, "typ": "at+jwt", "kid": "r"}
            yield f"{encoded(top)}.{encoded(claims())}.{signature}"
            yield f"{encoded(top | {'crit': ['exp']})}.{encoded(claims())}.{signature}"


RUBBISH = ("", ".", "..", "...", "a.b.c", "é.é.é", "." * 9000, "0" * 9000, "\ud800.a.b")
Parts = tuple[str, str, str]


def cut(chance: random.Random, parts: Parts) -> Parts:
    head, body, signature = parts
    return head, body, signature[: chance.randrange(len(signature))]


def scratched(chance: random.Random, parts: Parts) -> Parts:
    head, body, signature = parts
    at = chance.randrange(len(signature) - 4)
    return head, body, signature[:at] + chance.choice("ABCDEFGH_-") * 4 + signature[at + 4 :]


def another_body(chance: random.Random, parts: Parts) -> Parts:
    return parts[0], encoded(claims(client_id=chance.choice(["tags", "root", "cad2"]))), parts[2]


def another_head(chance: random.Random, parts: Parts) -> Parts:
    head = {"alg": chance.choice(EVERY_SIGNATURE), "typ": "at+jwt", "kid": "r"}
    return encoded(head), encoded(claims(sub=str(chance.random()))), parts[2]


def swapped(chance: random.Random, parts: Parts) -> Parts:
    return parts[1], parts[0], parts[2]


def noise(chance: random.Random, parts: Parts) -> Parts:
    return parts[0], parts[1], encoded(chance.randbytes(chance.choice((0, 1, 32, 64, 256))))


CHANGES = (cut, scratched, another_body, another_head, swapped, noise)


def by_bytes(chance: random.Random, count: int) -> Iterator[str]:
    """Good tokens with something changed in their bytes, and what is no token at all."""
    good = [signed(algorithm, claims()) for algorithm in KEYS]
    for _ in range(count):
        head, body, signature = chance.choice(good).split(".")
        forged = ".".join(chance.choice(CHANGES)(chance, (head, body, signature)))
        if forged not in good:
            yield forged
    for each in good:
        head, body, signature = each.split(".")
        yield from (*RUBBISH, head, f"{head}.{body}", f"{each}.{signature}", f" {each}x")


def test_a_token_that_is_right_is_believed() -> None:
    for algorithm in KEYS:
        assert believed(signed(algorithm, claims()))
        assert believed(signed(algorithm, claims(aud=["https://elsewhere.example", AUDIENCE])))
        assert believed(signed(algorithm, claims(), typ="application/at+jwt"))


def test_a_thousand_forged_expired_and_misdirected_tokens_open_nothing() -> None:
    forged = [*by_claims(), *by_header(), *by_key(), *by_bytes(random.Random(5), 900)]
    assert len(forged) >= 1_000
    accepted = [token for token in forged if believed(token)]
    assert not accepted, accepted[:3]


@pytest.mark.parametrize(
    "other",
    [{"nonce": "another"}, {"nonce": "absent"}, {"azp": "another"}, {"sub": "absent"}, {"aud": "another"},
     {"exp": int((NOW - timedelta(hours=1)).timestamp())}],
)  # fmt: skip
def test_what_is_said_of_a_person_is_believed_for_this_sign_in_alone(other: dict[str, Any]) -> None:
    issuer = Issuer(ISSUER, lambda _: PUBLIC, lambda: NOW)
    mine = {"aud": "spowatch", "nonce": "n-1"}
    good = signed("RS256", claims(**mine), typ="JWT")
    assert issuer.identity(good, "spowatch", "n-1")["sub"] == "cad"
    with pytest.raises(NotBelieved):
        issuer.identity(signed("RS256", claims(**(mine | other)), typ="JWT"), "spowatch", "n-1")


def test_a_programs_token_is_no_persons_and_the_other_way_about() -> None:
    issuer = Issuer(ISSUER, lambda _: PUBLIC, lambda: NOW)
    with pytest.raises(NotBelieved):
        issuer.identity(signed("RS256", claims(aud="spowatch", nonce="n")), "spowatch", "n")
    with pytest.raises(NotBelieved):
        issuer.access_token(signed("RS256", claims(), typ="JWT"), AUDIENCE)
