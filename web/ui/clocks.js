// Ages and countdowns, by the second and the server's clock. What the server said stands in the element without scripts.
import { text } from './texts.js'

// Milliseconds. What a message takes on its way is no fault of a clock.
const ON_ITS_WAY = 2000
const WRONG = 30_000
// Of more clocks than this, only those that can be read are put right each second; the others, each tenth.
const FEW = 40
const ALL_EACH = 10

export class Clocks {
  // `place` says when the server made the page.
  constructor(root, place) {
    this.root = root
    this.line = document.querySelector('[data-clock]')
    this.off = this.ticks = 0
    setInterval(() => this.second(), 1000)
    document.addEventListener('scrollend', () => this.tick())
    this.set(place.dataset.now)
    this.tick()
  }

  // The server's time, as it is said now: this computer's may be wrong, or be put right while the page is open.
  set(now) {
    const off = Date.parse(now) - Date.now()
    if (!(Math.abs(off - this.off) > ON_ITS_WAY)) return
    this.off = off
    const wrong = Math.abs(off) > WRONG
    const time = spoken(Math.abs(off) / 1000)
    say(this.line, wrong ? text(off < 0 ? 'clockAhead' : 'clockBehind', { time }) : '')
    this.tick()
  }

  second() {
    this.ticks += 1
    if (this.ticks % ALL_EACH === 0) this.tick()
    else this.put(readable(this.clocks(this.root)))
  }

  tick(root = this.root) {
    this.put(this.clocks(root))
  }

  clocks(root) {
    return [...root.querySelectorAll('[data-since], [data-until]')]
  }

  put(clocks) {
    const now = Date.now() + this.off
    for (const each of clocks) {
      const { since, until } = each.dataset
      if (since !== undefined) {
        say(each, text('ago', { time: spoken((now - Date.parse(since)) / 1000) }))
        continue
      }
      const left = (Date.parse(until) - now) / 1000
      say(each, text(left > 0 ? 'ahead' : 'overdue', { time: spoken(Math.abs(left)) }))
      each.classList.toggle('spo-countdown--past', left <= 0)
    }
  }
}

// Those on the screen, and on one more before and behind it. They stand on the page in their order.
function readable(clocks) {
  if (clocks.length <= FEW) return clocks
  const from = past(clocks, -innerHeight)
  return clocks.slice(from, past(clocks, 2 * innerHeight, from))
}

// The first at or below that height.
function past(clocks, height, from = 0) {
  let to = clocks.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (clocks[middle].getBoundingClientRect().top < height) from = middle + 1
    else to = middle
  }
  return from
}

// What is written anew is laid out and painted anew.
function say(element, words) {
  if (element.textContent !== words) element.textContent = words
}

function spoken(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const minutes = Math.floor(whole / 60)
  if (whole < 60) return text('seconds', { seconds: whole })
  if (minutes < 60) return text('minutes', { minutes, seconds: String(whole % 60).padStart(2, '0') })
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return text('hours', { hours, minutes: String(minutes % 60).padStart(2, '0') })
  const days = Math.floor(hours / 24)
  return text(days === 2 ? 'twoDays' : 'days', { days })
}
