// What comes alone is put on the page at once; what comes while a frame is being painted, in one turn after it. So a
// page that has much to paint is given more at a time, and not more to paint.
const LONGEST = 1000

export class Turns {
  // `take` is told everything that came since the last turn, in its order.
  constructor(take) {
    this.take = take
    this.came = []
    this.since = -Infinity
    this.painting = false
    this.painted = new MessageChannel()
    this.painted.port1.onmessage = () => this.turn()
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
    // The frame that follows shows this turn: what is posted in it is heard once it is painted.
    if (this.painting) requestAnimationFrame(() => this.painted.port2.postMessage(null))
    this.take(came)
  }
}
