"""What a page must be for everybody: no fault that axe knows, read at 200 % and at 320 px, in forced colours."""

from collections.abc import Iterator

from playwright.sync_api import Page, ViewportSize

WIDE = ViewportSize(width=1280, height=900)
ZOOMED = ViewportSize(width=640, height=450)
"""What is left of `WIDE` at a zoom of 200 %, in the page's own pixels (WCAG 2.2 1.4.4)."""
NARROW = ViewportSize(width=320, height=640)
"""WCAG 2.2 1.4.10."""
RUN = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .map((each) => each.id + ': ' + each.nodes.map((node) => node.target.join(' ')).join(', '))"""
_SHOWN = """(each) => {
  const {width, height} = each.getBoundingClientRect()
  if (!each.checkVisibility({visibilityProperty: true}) || width <= 1 || height <= 1) return false
  for (let around = each.parentElement; around; around = around.parentElement) {
    const room = around.getBoundingClientRect()
    if (getComputedStyle(around).overflowX !== 'visible' && (room.width <= 1 || room.height <= 1)) return false
  }
  return true
}"""
_READ = "a[href], button, input:not([type=hidden]), select, textarea, summary, h1, h2, h3, dt, dd, td, li"
_SEEN = f"""() => {{
  const shown = {_SHOWN}
  // A row out of sight is laid out when somebody scrolls to it; here all of them are looked at.
  for (const each of document.querySelectorAll('.spo-row')) each.style.contentVisibility = 'visible'
  for (const each of document.querySelectorAll('{_READ}')) if (shown(each)) each.dataset.seen = ''
}}"""
_LOST = f"""() => {{
  const shown = {_SHOWN}
  const lost = (each) => {{
    const {{left, right}} = each.getBoundingClientRect()
    return !shown(each) || ((left < -1 || right > innerWidth + 1) && !each.closest('.spo-wide'))
  }}
  return [...document.querySelectorAll('[data-seen]')].filter(lost).map((each) => each.outerHTML.slice(0, 120))
}}"""
_BY_COLOUR_ALONE = """() => {
  const looks = (each) => {
    const {fontWeight, textDecorationLine, textDecorationThickness, borderBottomWidth, borderBottomStyle} = getComputedStyle(each)
    return [fontWeight, textDecorationLine, textDecorationThickness, borderBottomWidth, borderBottomStyle].join()
  }
  const told = []
  for (const each of document.querySelectorAll('a[aria-current]')) {
    const other = each.closest('ul, ol')?.querySelector('a:not([aria-current])')
    if (other && looks(each) === looks(other)) told.push('current: ' + each.outerHTML)
  }
  for (const each of [...document.querySelectorAll('a[href], button:not([tabindex="-1"]), select, textarea, input:not([type=hidden])')].slice(0, 80)) {
    each.focus({preventScroll: true})
    if (document.activeElement !== each) continue
    const label = ['radio', 'checkbox'].includes(each.type) && each.labels[0]
    const {outlineStyle, outlineWidth} = label ? getComputedStyle(label, '::before') : getComputedStyle(each)
    if (outlineStyle === 'none' || parseFloat(outlineWidth) < 2) told.push('focus: ' + each.outerHTML.slice(0, 120))
  }
  document.activeElement.blur()
  return told
}"""
"""In forced colours backgrounds and shadows go: what is current, and where the focus is, must show all the same."""


def assert_for_everybody(page: Page, axe_source: str) -> None:
    found = list(_faults(page, axe_source))
    assert not found, found


def _faults(page: Page, axe_source: str) -> Iterator[str]:
    page.wait_for_load_state()
    page.set_viewport_size(WIDE)
    page.evaluate(axe_source)
    yield from page.evaluate(RUN)
    if page.locator("h1").count() != 1:
        yield "the page has not one heading of the first level"
    page.evaluate(_SEEN)
    for size in (ZOOMED, NARROW):
        page.set_viewport_size(size)
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            yield f"it scrolls sideways at {size['width']} px"
        yield from (f"lost at {size['width']} px: {each}" for each in page.evaluate(_LOST))
    page.set_viewport_size(WIDE)
    page.emulate_media(forced_colors="active")
    yield from page.evaluate(_BY_COLOUR_ALONE)
    page.emulate_media(forced_colors="none")
