from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.program import PATIENCE
from tests.servers.debian import NotInstalled
from tests.servers.ports import free_port
from tests.web.browser import axe, chromium
from tests.web.site import Site, site_at

# What a page shows in milliseconds may take a busy machine longer than the five seconds Playwright waits unset.
expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_at(tmp_path_factory.mktemp("site")) as served:
        yield served


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """For a test that freezes or kills what serves it, and starts it again at the same place."""
    with site_at(tmp_path / "site", free_port()) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        path = chromium()
    except NotInstalled as none:
        pytest.skip(str(none))
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        # Also what is clicked, filled or gone to: Playwright gives it half a minute unset.
        opened.on("context", lambda made: made.set_default_timeout(PATIENCE * 1000))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    try:
        return axe()
    except NotInstalled as none:
        pytest.skip(str(none))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
