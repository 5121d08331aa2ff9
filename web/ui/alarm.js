// Sound until somebody takes the alert, and one spoken line for each new one.
import { text } from './texts.js'

const PAUSE = 2500

export class Alarm {
  constructor(board, sounding) {
    this.sounding = sounding
    this.line = document.querySelector('[data-announce]')
    this.button = document.querySelector('[data-sound]')
    this.context = null
    this.on = false
    this.button.addEventListener('click', () => this.turn(!this.on))
    this.show()
    setInterval(() => this.look(), PAUSE)
  }

  // Browsers let a page sound only after a press.
  turn(on) {
    this.context ||= new AudioContext()
    this.on = on
    if (on) this.context.resume()
    this.show()
    this.look()
  }

  show() {
    this.button.setAttribute('aria-pressed', String(this.on))
    this.button.textContent = text(this.on ? 'soundOn' : 'soundOff')
  }

  announce(words) {
    this.line.textContent = words
  }

  look() {
    if (!this.on || !this.sounding() || this.context.currentTime < (this.quietUntil || 0)) return
    this.quietUntil = this.context.currentTime + (PAUSE - 200) / 1000
    this.tone(880, 0)
    this.tone(660, 0.22)
  }

  tone(pitch, after) {
    const at = this.context.currentTime + after
    const sound = this.context.createOscillator()
    const volume = this.context.createGain()
    sound.frequency.value = pitch
    volume.gain.setValueAtTime(0.25, at)
    volume.gain.exponentialRampToValueAtTime(0.01, at + 0.2)
    sound.connect(volume).connect(this.context.destination)
    sound.start(at)
    sound.stop(at + 0.2)
  }
}
