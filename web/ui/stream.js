// The server's stream, and whether it is alive. A beat comes each second, from the very loop that reads the log.
import { Source } from './source.js'
import { text } from './texts.js'

const SILENCE = 4000
const LOOK = 500
// A link that swallows everything is never broken by itself: after so long without a word another one is opened.
const SWALLOWED = 8000
const CONNECTING = 2000

export class Stream {
  constructor(board, handlers) {
    this.board = board
    this.banner = document.querySelector('[data-not-live]')
    this.silent = document.querySelector('[data-silent]')
    this.live = document.querySelector('[data-live]')
    this.title = document.title
    this.heardAt = { wall: Date.now(), steady: performance.now() }
    this.openedAt = performance.now()
    this.over = document.querySelector('[data-over]')
    this.handlers = handlers
    this.source = new Source(board, (name, data, closed) => this.told(name, data, closed))
    setInterval(() => this.look(), LOOK)
  }

  told(name, data, closed) {
    if (name !== 'error') {
      this.hear()
      this.handlers[name]?.(JSON.parse(data))
      return
    }
    this.broken = true
    this.look()
    if (!closed) return
    this.closed = true
    // A browser gives up for good on any answer but 200, be it "sign in again"; then the page must. One on which
    // somebody may be typing says so, and stays.
    if (this.over) this.over.hidden = false
    else setTimeout(() => location.reload(), 5000)
  }

  anew() {
    this.source.anew()
  }

  again() {
    if (this.closed || performance.now() - this.openedAt < SWALLOWED) return
    this.openedAt = performance.now()
    this.source.again()
  }

  hear() {
    const back = this.broken
    this.heard = true
    this.broken = false
    this.heardAt = { wall: Date.now(), steady: performance.now() }
    this.look()
    if (back) this.handlers.back?.()
  }

  look() {
    // Of two clocks the one that says more: one stands still while the machine sleeps.
    const silence = Math.max(Date.now() - this.heardAt.wall, performance.now() - this.heardAt.steady)
    if (silence > SWALLOWED) this.again()
    if (!this.heard && !this.broken && silence < CONNECTING) return
    const dead = !this.heard || this.broken || silence > SILENCE
    if (dead) this.silent.textContent = String(Math.round(silence / 1000))
    if (dead === this.dead) return
    this.dead = dead
    document.body.classList.toggle('spo-dead', dead)
    this.banner.classList.remove('spo-not-live--waiting')
    this.banner.hidden = !dead
    this.live.textContent = text(dead ? 'notLive' : 'live')
    document.title = dead ? `${text('notLive')}: ${this.title}` : this.title
  }
}
