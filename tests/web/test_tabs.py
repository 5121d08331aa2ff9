"""Many tabs, and browsers that sleep: nothing is lost, and nobody else waits."""

import json
from collections.abc import Iterable

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from domain.desk.events import AlertPresented
from tests.web.site import Site
from tests.web.walks import complaints, sign_in
from web.rendering import STATIC

NO_FRAMES = "window.frames_asked = []; window.requestAnimationFrame = (paint) => window.frames_asked.push(paint)"
SAYS_WHEN_OVER = """
window.EventSource = class extends EventSource {
  constructor(address) {
    super(address)
    this.addEventListener('error', () => { document.documentElement.dataset.over = '' })
  }
}"""
LOOK = "window.looked_at = true; document.dispatchEvent(new Event('visibilitychange'))"
NOT_LOOKED_AT = "Object.defineProperty(document, 'hidden', { get: () => !window.looked_at })"
PAINT = "window.frames_asked.splice(0).forEach((paint) => paint())"


CLOSED_AND_OPENED_ANEW = """(source) => {
  const [opened, worker] = [[], {}]
  class Streams {
    static CLOSED = 2
    constructor() { this.readyState = 1; this.heard = {}; opened.push(this) }
    addEventListener(name, told) { this.heard[name] = told }
    close() { this.readyState = Streams.CLOSED }
  }
  new Function('self', 'EventSource', source)({ addEventListener: (_, told) => { worker.told = told } }, Streams)
  const tab = () => {
    const port = { postMessage() {}, start() {}, addEventListener: (_, told) => { port.told = told } }
    worker.told({ ports: [port] })
    const say = (act) => port.told({ data: { act, key: 'board', address: '/board/stream?', after: 5 } })
    say('join')
    return say
  }
  const tabs = [tab(), tab(), tab()]
  opened[0].close()
  opened[0].heard.error()
  for (const say of tabs) {
    say('leave')
    tab()
  }
  return opened.filter((each) => each.readyState === 1).length
}"""
THE_WORKER = STATIC.with_name("ui") / "shared.js"


def test_tabs_that_lost_their_stream_for_good_share_one_again(page: Page) -> None:
    assert page.evaluate(CLOSED_AND_OPENED_ANEW, THE_WORKER.read_text("utf-8")) == 1


def test_eight_tabs_of_one_browser_are_all_live(site: Site, context: BrowserContext) -> None:
    """A browser has six connections to a server; four boards and four alerts share two of them."""
    site.order("KENT-TABS-1")
    site.breach("KENT-TABS-1")
    alert = site.alert("KENT-TABS-1")
    first = context.new_page()
    heard = complaints(first)
    sign_in(first, site)
    boards, alerts = [first], []
    for _ in range(4):
        alerts.append(context.new_page())
        alerts[-1].goto(f"{site.address}/alerts/{alert}")
        boards.append(context.new_page())
        boards[-1].goto(f"{site.address}/board")
    for board in boards:
        expect(board.locator("[data-live]")).to_have_text("Live")
    site.order("KENT-TABS-2")
    site.breach("KENT-TABS-2")
    for board in boards:
        row = board.locator("[data-row]", has_text="KENT-TABS-2")
        expect(row).to_be_visible()
    boards[1].locator(f"#alert-{alert}").get_by_role("button").click()
    for page in alerts:
        expect(page.get_by_text("Somebody has done something on this alert.")).to_be_visible()
    assert not heard


def test_a_tab_opened_later_is_told_what_came_since_its_page_was_made(
    site: Site, context: BrowserContext
) -> None:
    first, second = context.new_page(), context.new_page()
    sign_in(first, site)
    site.order("KENT-LATE-1")
    second.route("**/static/board-*.js", lambda route: _after_a_breach(site, first, route))
    second.goto(f"{site.address}/board")
    expect(second.locator("[data-row]", has_text="KENT-LATE-1")).to_be_visible()


def test_a_tab_whose_page_is_older_than_the_shared_stream_is_given_the_whole_board(
    site: Site, context: BrowserContext
) -> None:
    first, second = context.new_page(), context.new_page()
    sign_in(first, site)
    first.goto(f"{site.address}/you")
    site.order("KENT-OLDER-1")

    def the_first_opens_later(route: Route) -> None:
        site.breach("KENT-OLDER-1")
        site.alert("KENT-OLDER-1")
        first.goto(f"{site.address}/board")
        expect(first.locator("[data-row]", has_text="KENT-OLDER-1")).to_be_visible()
        expect(first.locator("[data-live]")).to_have_text("Live")
        route.continue_()

    second.route("**/static/board-*.js", the_first_opens_later)
    loads: list[str] = []
    second.on("load", lambda loaded: loads.append(loaded.url))
    second.goto(f"{site.address}/board")
    expect(second.locator("[data-row]", has_text="KENT-OLDER-1")).to_be_visible()
    expect(second.locator("[data-live]")).to_have_text("Live")
    assert len(loads) == 1


def _after_a_breach(site: Site, first: Page, route: Route) -> None:
    site.breach("KENT-LATE-1")
    site.alert("KENT-LATE-1")
    route.continue_()


def test_who_signs_in_as_another_force_sees_nothing_of_the_stream_before(
    site: Site, context: BrowserContext
) -> None:
    kent = context.new_page()
    sign_in(kent, site)
    # Its stream is opened as Kent's; the next sign-in changes the cookie of the whole browser.
    expect(kent.locator("[data-live]")).to_have_text("Live")
    essex = context.new_page()
    sign_in(essex, site, "22", force="Essex")
    site.order("KENT-OTHER-1")
    site.breach("KENT-OTHER-1")
    expect(kent.locator("[data-row]", has_text="KENT-OTHER-1")).to_be_visible()
    expect(essex.locator("[data-live]")).to_have_text("Live")
    expect(essex.locator("[data-row]", has_text="KENT-OTHER-1")).to_have_count(0)


def test_a_browser_that_was_away_longer_than_is_kept_is_given_the_whole_board(
    own_site: Site, browser: Browser
) -> None:
    """Away while the server was started anew: its position is older than anything that is kept."""
    context = browser.new_context()
    page = context.new_page()
    own_site.order("KENT-AWAY-1")
    own_site.breach("KENT-AWAY-1")
    alert = own_site.alert("KENT-AWAY-1")
    sign_in(page, own_site)
    expect(page.locator("[data-live]")).to_have_text("Live")
    context.set_offline(True)
    own_site.program.kill()
    expect(page.locator("[data-not-live]")).to_be_visible()
    own_site.breach("KENT-AWAY-1")
    own_site.restart()
    context.set_offline(False)
    expect(page.locator("[data-row]", has_text="KENT-AWAY-1")).to_have_count(2)
    expect(page.locator(f"#alert-{alert}")).to_contain_text("2 open alerts on this person")
    expect(page.locator("[data-not-live]")).to_be_hidden()


def told(*changes: Iterable[dict[str, object]]) -> str:
    """A stream of so many messages, which then breaks off for good."""
    messages = (f"event: rows\ndata: {json.dumps(list(each))}\nid: 1\n\n" for each in changes)
    return "retry: 600000\n" + "".join(messages)


def row(number: int, person: str = "", says: str = "") -> dict[str, object]:
    html = f"""<li id="alert-{number}" data-row="{number}" data-order="1-{100 + number}" data-stands="waiting"
        data-of="{person}" data-says="{says or f"new {number}"}"><a href="/you" data-part="open">{number}</a>
        <span data-since="2026-11-22T12:00:00+00:00"></span></li>"""
    return {"id": str(number), "unpainted": False, "html": html}


def test_what_comes_while_a_frame_is_painted_is_put_there_in_one_turn(
    site: Site, page: Page
) -> None:
    flood = [[row(number)] for number in range(40, 28, -1)]
    changed = [row(7, "P"), {"id": "50", "gone": True}], [row(9, says="changed"), row(8, "P")]
    before = told([row(50)], [row(9)], *changed, [{"id": "9", "unpainted": False}])
    body = before + "event: beat\ndata: {}\n\n" + told(*flood)
    # However long the messages take here, they come while that frame is painted.
    page.add_init_script(f"delete window.SharedWorker; performance.now = () => 0; {NO_FRAMES}")
    page.add_init_script(SAYS_WHEN_OVER)
    page.route(
        "**/board/stream*",
        lambda route: route.fulfill(content_type="text/event-stream", body=body),
    )
    sign_in(page, site, force="Cleveland")
    heard = complaints(page)
    rows = page.locator("[data-row]")
    expect(page.locator("html[data-over]")).to_be_attached()
    assert page.locator("[data-announce]").inner_text() == "new 50"
    expect(rows).to_have_count(1)
    page.evaluate(PAINT)
    expect(rows).to_have_count(3 + len(flood))
    said = page.locator("[data-announce]").inner_text().split("; ")
    assert said[:4] == ["new 7", "new 8", "changed", "new 29"]
    assert said[13:] == [f"new alerts besides these: {len(flood) - 10}"]
    shown = [int(each.split()[0]) for each in rows.all_inner_texts()]
    assert shown == [7, 8, 9, *range(29, 41)]
    expect(page.locator("[data-episode] [data-row]")).to_have_count(2)
    assert not heard


def test_a_browser_that_paints_nothing_is_told_all_the_same(site: Site, page: Page) -> None:
    page.add_init_script(NO_FRAMES)
    site.order("DURHAM-1", "Durham")
    sign_in(page, site, force="Durham")
    expect(page.locator("[data-live]")).to_have_text("Live")
    for count in (1, 2, 3):
        site.breach("DURHAM-1")
        expect(page.locator("[data-row]")).to_have_count(count)


def test_what_waits_for_a_frame_is_there_when_the_page_is_looked_at_again(
    site: Site, page: Page
) -> None:
    page.add_init_script(f"delete window.SharedWorker; performance.now = () => 0; {NO_FRAMES}")
    page.add_init_script(SAYS_WHEN_OVER)
    body = told([row(1)], [row(2)])
    page.route(
        "**/board/stream*",
        lambda route: route.fulfill(content_type="text/event-stream", body=body),
    )
    sign_in(page, site, force="Cleveland")
    expect(page.locator("html[data-over]")).to_be_attached()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.evaluate(LOOK)
    expect(page.locator("[data-row]")).to_have_count(2)


def test_what_was_painted_is_told_once_it_is_looked_at_and_again_when_the_server_failed(
    site: Site, page: Page
) -> None:
    site.order("GWENT-1", "Gwent")
    site.breach("GWENT-1")
    alert = site.alert("GWENT-1")
    answers: list[int] = []

    def fails_first(route: Route) -> None:
        answers.append(503 if not answers else 204)
        route.continue_() if answers[1:] else route.fulfill(status=503)

    page.route("**/board/painted", fails_first)
    page.add_init_script(NOT_LOOKED_AT)
    page.clock.install()
    sign_in(page, site, force="Gwent")
    expect(page.locator(f"#alert-{alert}")).to_be_visible()
    page.clock.run_for(1000)
    assert not answers
    with page.expect_response("**/board/painted"):
        page.evaluate(LOOK)
    with page.expect_response("**/board/painted"):
        page.clock.fast_forward(2000)
    assert site.comes(AlertPresented.TOPIC, alert)
    assert answers == [503, 204]


def test_what_was_painted_off_duty_is_told_again_for_who_comes_on(site: Site, page: Page) -> None:
    site.order("GWENT-2", "Gwent")
    site.breach("GWENT-2")
    alert = site.alert("GWENT-2")
    answers: list[int] = []

    def off_duty_first(route: Route) -> None:
        answers.append(403 if not answers else 204)
        route.continue_() if answers[1:] else route.fulfill(status=403)

    page.route("**/board/painted", off_duty_first)
    with page.expect_response("**/board/painted"):
        sign_in(page, site, force="Gwent")
    with page.expect_response("**/board/painted"):
        pass
    assert site.comes(AlertPresented.TOPIC, alert)
    assert answers == [403, 204]
