"""Beyond this machine the pages are served over TLS, by our own certificate or behind a proxy we trust."""

import socket
import ssl
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.forked_program import run
from tests.program import PATIENCE
from tests.servers.ports import free_port
from tests.stories import store_at
from tests.web.site import Site, site_at

PEOPLE = {
    "SPO_HTTP__SIGN_IN__KIND": "oidc",
    "SPO_HTTP__SIGN_IN__ISSUER": "https://id.example",
    "SPO_HTTP__SIGN_IN__CLIENT_ID": "spowatch",
    "SPO_HTTP__SIGN_IN__ADDRESS": "https://spo.example",
    "SPO_HTTP__SIGN_IN__ROLES": "control=operator",
}
EVERYWHERE = {"SPO_HTTP__HOST": "0.0.0.0"}  # noqa: S104 - what is tested
BY_PROXY = {"SPO_HTTP__TRUSTED_PROXIES": "127.0.0.1"}


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = PEOPLE | EVERYWHERE | BY_PROXY
    with site_at(tmp_path_factory.mktemp("proxied"), free_port(), settings) as site:
        yield site


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One that nobody serves."""
    directory = tmp_path_factory.mktemp("store")
    with store_at(directory):
        return str(directory)


def asked(site: Site, path: str = "/sign-in", **headers: str) -> requests.Response:
    address = f"http://127.0.0.1:{site.port}{path}"
    told = {"Host": "spo.example"} | headers
    return requests.get(address, headers=told, timeout=PATIENCE, allow_redirects=False)


def test_behind_a_proxy_who_came_in_the_clear_is_turned_away(proxied: Site) -> None:
    over_tls = asked(proxied, **{"X-Forwarded-Proto": "https"})
    assert over_tls.status_code == 200
    assert over_tls.headers["strict-transport-security"]
    for scheme in ("http", "ftp", ""):
        answer = asked(proxied, **({"X-Forwarded-Proto": scheme} if scheme else {}))
        assert (answer.status_code, answer.json()["code"]) == (403, "TLS_NEEDED")
    assert asked(proxied, "/healthz").status_code == 200


def test_metrics_are_told_to_this_machine_alone(proxied: Site) -> None:
    """ASVS 13.4.5: whoever comes by way of a proxy is told where to ask."""
    for told in ({"X-Forwarded-For": "203.0.113.5"}, {}, {"X-Forwarded-For": "127.0.0.1"}):
        answer = asked(proxied, "/metrics", **{"X-Forwarded-Proto": "https"}, **told)
        assert (answer.status_code, answer.json()["code"]) == (403, "ASK_THE_METRICS_PORT")


def test_a_provider_that_is_nowhere_is_said_on_the_page(proxied: Site) -> None:
    answer = asked(proxied, "/sign-in/go", **{"X-Forwarded-Proto": "https"})
    assert answer.status_code == 503
    assert "goes on working" in answer.text


def test_a_stranger_is_not_believed_to_be_the_proxy(
    tmp_path: Path,
) -> None:
    settings = PEOPLE | EVERYWHERE | {"SPO_HTTP__TRUSTED_PROXIES": "192.0.2.7"}
    with site_at(tmp_path / "site", free_port(), settings) as site:
        assert asked(site, **{"X-Forwarded-Proto": "https"}).status_code == 403


def certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate of our own for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "spo.example")])
    now = datetime.now(UTC)
    alternatives = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    )
    signed = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
        .add_extension(alternatives, critical=False)
        .sign(key, SHA256())
    )  # fmt: skip
    cert_file, key_file = directory / "cert.pem", directory / "key.pem"
    cert_file.write_bytes(signed.public_bytes(Encoding.PEM))
    form = PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(Encoding.PEM, form, NoEncryption()))
    return cert_file, key_file


TLS = (
    ssl.TLSVersion.TLSv1,
    ssl.TLSVersion.TLSv1_1,
    ssl.TLSVersion.TLSv1_2,
    ssl.TLSVersion.TLSv1_3,
)


def spoken(site: Site, version: ssl.TLSVersion) -> bool:
    """Whether the server speaks that version, and then with an authenticated cipher and a key of the moment."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    try:
        with (
            socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE) as line,
            context.wrap_socket(line) as secured,
        ):
            name, *_ = secured.cipher() or ("",)
    except ssl.SSLError:
        return False
    assert name.startswith(("ECDHE-", "TLS_")), name
    assert "GCM" in name or "CHACHA20" in name, name
    return True


def test_with_a_certificate_of_our_own_there_is_tls_and_nothing_else(tmp_path: Path) -> None:
    cert_file, key_file = certificate(tmp_path)
    files = {"SPO_HTTP__TLS__CERT_FILE": str(cert_file), "SPO_HTTP__TLS__KEY_FILE": str(key_file)}
    with site_at(tmp_path / "site", free_port(), PEOPLE | EVERYWHERE | files) as site:
        address = f"https://127.0.0.1:{site.port}/sign-in"
        answer = requests.get(address, timeout=PATIENCE, verify=str(cert_file))
        assert answer.status_code == 200
        kept = answer.headers["strict-transport-security"]
        assert kept == "max-age=31536000; includeSubDomains"
        assert [spoken(site, version) for version in TLS] == [False, False, True, True]
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{site.port}/sign-in", timeout=PATIENCE)
        assert ssl.get_server_certificate(("127.0.0.1", site.port), ca_certs=str(cert_file))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (EVERYWHERE, "SPO_HTTP__HOST"),
        (PEOPLE | EVERYWHERE, "SPO_HTTP__HOST"),
        (PEOPLE | {"SPO_HTTP__SIGN_IN__ISSUER": "http://id.example"}, "SPO_HTTP__SIGN_IN__ISSUER"),
        (PEOPLE | {"SPO_HTTP__SIGN_IN__ADDRESS": "spo.example"}, "SPO_HTTP__SIGN_IN__ADDRESS"),
        (PEOPLE | {"SPO_HTTP__SIGN_IN__ROLES": "control=king"}, "SPO_HTTP__SIGN_IN__ROLES"),
        (PEOPLE | {"SPO_HTTP__SIGN_IN__MACHINES": "cad=operator"}, "SPO_HTTP__SIGN_IN__MACHINES"),
        (PEOPLE | {"SPO_HTTP__SIGN_IN__MACHINES": "cad=provider"}, "AUDIENCE"),
        (PEOPLE | {"SPO_HTTP__SIGN_IN__AUDIENCE": "spowatch"}, "AUDIENCE"),
        (PEOPLE | {"SPO_HTTP__SIGN_IN__SECRET": "hidden"}, "SPO_HTTP__SIGN_IN__SECRET"),
        (PEOPLE | {"SPO_HTTP__TRUSTED_PROXIES": "proxy"}, "SPO_HTTP__TRUSTED_PROXIES: must be"),
        (BY_PROXY, "SPO_HTTP__TRUSTED_PROXIES: the demo sign-in"),
        ({"SPO_HTTP__TLS__CERT_FILE": "cert.pem", "SPO_HTTP__TLS__KEY_FILE": "key.pem"}, "SPO_HTTP__TLS__CERT_FILE: the demo"),
        (PEOPLE | {"SPO_HTTP__SIGN_IN__CLIENT_SECRET_FILE": "none"}, "CLIENT_SECRET_FILE"),
        (PEOPLE | {"SPO_HTTP__TLS__CERT_FILE": "none", "SPO_HTTP__TLS__KEY_FILE": "none"}, "SPO_HTTP__TLS"),
    ],
)  # fmt: skip
def test_a_wrong_setting_of_the_door_is_named_in_one_line(
    store: str, settings: dict[str, str], named: str
) -> None:
    done = run("run", "api", "--data-dir", store, settings=settings)
    assert done.returncode != 0
    assert named in done.stderr
    assert "hidden" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
