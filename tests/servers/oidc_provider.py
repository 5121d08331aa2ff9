"""A real OpenID Connect provider (npm `oidc-provider`) with a few people and programs of a force."""

import fcntl
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from tests.program import PATIENCE, Program
from tests.servers.ports import free_port

HERE = Path(__file__).with_name("oidc")
_INSTALLED = HERE / "node_modules" / ".package-lock.json"
_LOCK = HERE.parents[2] / "var" / ".oidc.lock"
AUDIENCE = "https://spo.example/api"
SECRET = "a secret of the tests and of nobody else"
PEOPLE = {
    "olga": {"staff_number": "4812", "force": "Kent Police", "groups": ["control", "everyone"]},
    "sue": {"staff_number": "900", "force": "Sussex", "groups": ["supervisors"]},
    "vera": {"staff_number": "77", "force": "Kent", "groups": ["everyone"]},
    "noah": {"staff_number": "78", "force": "Narnia", "groups": ["control"]},
    "rex": {"staff_number": "500", "force": "Kent", "groups": ["reviewers"]},
}
"""By login. Vera has no role here and Noah no force."""
ROLES = "control=operator,supervisors=supervisor,reviewers=reviewer"
MACHINES = "cad-kent=control_system@Kent,tags=provider,cad-lost=provider@Sussex"


@dataclass
class OidcProvider:
    """Where it is, and what it is like to sign in there."""

    port: int
    settings: Path
    process: Program = field(repr=False)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def told(self, address: str) -> dict[str, str]:
        """The settings of a program that is found at that address and signs in here."""
        prefix = "SPO_HTTP__SIGN_IN__"
        return {
            f"{prefix}KIND": "oidc",
            f"{prefix}ISSUER": self.issuer,
            f"{prefix}CLIENT_ID": "spowatch",
            f"{prefix}CLIENT_SECRET": SECRET,
            f"{prefix}ADDRESS": address,
            f"{prefix}ROLES": ROLES,
            f"{prefix}MACHINES": MACHINES,
            f"{prefix}AUDIENCE": AUDIENCE,
        }

    def token(self, client: str, audience: str = AUDIENCE) -> str:
        """A program's token, as it would ask for one."""
        answer = requests.post(
            f"{self.issuer}/token",
            auth=(client, SECRET),
            data={"grant_type": "client_credentials", "resource": audience},
            timeout=PATIENCE,
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def through(self, browser: requests.Session, there: str, login: str) -> str:
        """Sign in on its pages as a person would; the address it sends the browser back to."""
        for _ in range(8):
            answer = browser.get(there, allow_redirects=False, timeout=PATIENCE)
            if answer.status_code == 200:
                form = re.search(r'action="([^"]+)"', answer.text)
                assert form is not None, answer.text
                given = {"prompt": "login", "login": login, "password": "any"}
                answer = browser.post(
                    urljoin(there, form.group(1)),
                    data=given,
                    allow_redirects=False,
                    timeout=PATIENCE,
                )
            there = urljoin(there, answer.headers["location"])
            if not there.startswith(self.issuer):
                return there
        msg = "the provider goes round in circles"
        raise AssertionError(msg)


@contextmanager
def oidc_provider(directory: Path, backs: list[str]) -> Iterator[OidcProvider]:
    """It sends browsers back to those addresses alone. Skips, and says so, where there is no node."""
    _installed()
    settings = directory / "provider.json"
    settings.write_text(json.dumps({"people": PEOPLE, "clients": _clients(backs)}))
    port = free_port()
    arguments = (str(HERE / "server.mjs"), str(port), str(settings))
    with Program(*arguments, program=["node"], cwd=HERE, errors=subprocess.DEVNULL) as process:  # type: ignore[arg-type]  # DEVNULL is as good as a file
        process.said.until(lambda line: line == "listening")
        yield OidcProvider(port, settings, process)


def _clients(backs: list[str]) -> list[dict[str, object]]:
    person: dict[str, object] = {
        "client_id": "spowatch",
        "client_secret": SECRET,
        "redirect_uris": backs,
        "post_logout_redirect_uris": [each.removesuffix("/back") for each in backs],
    }
    program: dict[str, object] = {
        "client_secret": SECRET,
        "grant_types": ["client_credentials"],
        "redirect_uris": [],
        "response_types": [],
    }
    return [person, *(program | {"client_id": each} for each in ("cad-kent", "tags", "stranger"))]


def _installed() -> None:
    """By the committed lock; whoever comes first does it."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip(
            "node and npm are not installed here: no OpenID Connect provider to test against"
        )
    _LOCK.parent.mkdir(exist_ok=True)
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _INSTALLED.exists():
            command = ("npm", "ci", "--prefix", str(HERE), "--ignore-scripts", "--no-audit")
            subprocess.run(command, check=True, capture_output=True, timeout=300)
