// One stream for all the tabs of a browser that show the same: on HTTP/1.1 a browser has six connections to a
// server, and with six streams open the seventh page would not even load.
const NAMES = ['begun', 'rows', 'all', 'works', 'beat', 'changed']
const KEPT = 200
const SWALLOWED = 8000
const streams = new Map()

class Shared {
  constructor(key, address, after) {
    this.key = key
    this.address = address
    this.ports = new Set()
    this.open(after)
  }

  // `after` the position from which everything is told; -1 asks for the whole board.
  open(after) {
    this.source?.close()
    this.from = after < 0 ? Infinity : after
    this.recent = []
    this.openedAt = performance.now()
    const source = this.source = new EventSource(`${this.address}after=${after}`)
    for (const name of NAMES) {
      source.addEventListener(name, ({ data, lastEventId }) => this.heard(name, data, Number(lastEventId)))
    }
    source.addEventListener('error', () => this.broken(source.readyState === EventSource.CLOSED))
  }

  again() {
    if (performance.now() - this.openedAt >= SWALLOWED) this.open(-1)
  }

  heard(name, data, position) {
    if (name === 'all') [this.from, this.recent] = [-Infinity, []]
    if (name === 'all' || name === 'rows' || name === 'changed') this.recent.push({ name, data, position })
    if (this.recent.length > KEPT) this.from = this.recent.shift().position + 1
    if (name === 'works') this.works = data
    this.tell({ name, data })
  }

  broken(closed) {
    this.tell({ name: 'error', closed })
    if (closed) this.forget()
  }

  // Tabs that were opened anew meanwhile share another one.
  forget() {
    if (streams.get(this.key) === this) streams.delete(this.key)
  }

  tell(message) {
    for (const port of this.ports) port.postMessage(message)
  }

  // A tab that shows what was so at its own position is told what came since; of that very position too, since a hold
  // that ends by the clock moves none.
  join(port, after) {
    this.ports.add(port)
    if (after < this.from) return this.open(-1)
    for (const each of this.recent) if (each.position >= after) port.postMessage(each)
    if (this.works) port.postMessage({ name: 'works', data: this.works })
  }

  leave(port) {
    this.ports.delete(port)
    if (this.ports.size > 0) return
    this.source.close()
    this.forget()
  }
}

self.addEventListener('connect', ({ ports: [port] }) => {
  let shared = null
  port.addEventListener('message', ({ data: { act, key, address, after } }) => {
    if (act === 'leave') shared?.leave(port)
    if (act === 'anew') shared?.open(-1)
    if (act === 'again') shared?.again()
    if (act !== 'join') return
    shared = streams.get(key)
    if (!shared) streams.set(key, shared = new Shared(key, address, after))
    shared.join(port, after)
  })
  port.start()
})
