"""Programs that speak to the API: a token, no cookie and no form."""

from typing import Any

import requests

from tests.program import PATIENCE
from tests.web.site import Caller, Site


class ApiProgram:
    """One signed-in program; the stalking lead's, who enters and reads everything, unless told."""

    def __init__(self, site: Site, **signed_in: str) -> None:
        self._site = site
        by = {"role": "spoc"} | signed_in
        self.token = {"Authorization": f"Bearer {Caller(site, **by).token}"}

    def address(self, path: str) -> str:
        return f"{self._site.address}/api/v1{path}"

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(self.address(path), headers=self.token | headers, timeout=PATIENCE)

    def post(
        self, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        told = self.token | (headers or {})
        return requests.post(self.address(path), json=body or {}, headers=told, timeout=PATIENCE)

    def send(
        self, path: str, raw: bytes, headers: dict[str, str] | None = None
    ) -> requests.Response:
        told = self.token | {"Content-Type": "application/json"} | (headers or {})
        return requests.post(self.address(path), data=raw, headers=told, timeout=PATIENCE)
