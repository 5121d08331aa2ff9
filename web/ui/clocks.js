// Ages and countdowns, by the second and the server's clock. What the server said stands in the element without scripts.
import { text } from './texts.js'

// Milliseconds. What a message takes on its way is no fault of a clock.
const ON_ITS_WAY = 2000
const WRONG = 30_000

export class Clocks {
  // `place` says when the server made the page.
  constructor(root, place) {
    this.root = root
    this.line = document.querySelector('[data-clock]')
    this.off = 0
    setInterval(() => this.tick(), 1000)
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

  tick(root = this.root) {
    const now = Date.now() + this.off
    for (const each of root.querySelectorAll('[data-since]')) {
      say(each, text('ago', { time: spoken((now - Date.parse(each.dataset.since)) / 1000) }))
    }
    for (const each of root.querySelectorAll('[data-until]')) {
      const left = (Date.parse(each.dataset.until) - now) / 1000
      say(each, text(left > 0 ? 'ahead' : 'overdue', { time: spoken(Math.abs(left)) }))
      each.classList.toggle('spo-countdown--past', left <= 0)
    }
  }
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
