// Ages and countdowns, by the second. What the server said stands in the element without scripts.
import { text } from './texts.js'

export class Clocks {
  constructor(root) {
    this.root = root
    setInterval(() => this.tick(), 1000)
    this.tick()
  }

  tick(root = this.root) {
    const now = Date.now()
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
