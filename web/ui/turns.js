// What comes alone is put on the page at once; what comes before the next frame, together as that frame begins. So a
// page that has much to paint is given more at a time, and nothing is painted a frame later than it could have been.
const LONGEST = 1000

export class Turns {
  // `take` is told everything that came since the last turn, in its order; `failed`, that it could not.
  constructor(take, failed) {
    this.take = take
    this.failed = failed
    this.came = []
    this.since = -Infinity
    this.painting = false
    document.addEventListener('visibilitychange', () => this.turn())
  }

  // A page that nobody sees has no frames; and a browser that paints nothing keeps nobody waiting for longer.
  add(each) {
    this.came.push(each)
    if (!this.painting || document.hidden || performance.now() - this.since > LONGEST) this.turn()
  }

  turn() {
    const came = this.came.splice(0)
    this.painting = came.length > 0 && !document.hidden
    if (came.length === 0) return
    this.since = performance.now()
    if (this.painting) requestAnimationFrame(() => this.turn())
    try {
      this.take(came)
    } catch (fault) {
      this.failed()
      throw fault
    }
  }
}
