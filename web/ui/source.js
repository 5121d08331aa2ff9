// The server's stream, by the worker that all tabs share; by one of our own where a browser has no such worker.
import { policy } from './policy.js'

const NAMES = ['begun', 'rows', 'all', 'works', 'beat', 'changed']

export class Source {
  // `hear` is told each event by its name, with its data; `error` with whether the stream is over for good.
  constructor(place, hear) {
    const { stream, worker, csrf } = place.dataset
    const [, address, after] = stream.match(/^(.*[?&])after=(-?\d+)$/)
    this.hear = hear
    this.address = address
    // Another session, or another language, is another stream.
    const key = [address, csrf, document.documentElement.lang].join(' ')
    if (!window.SharedWorker) return this.alone(after)
    const shared = new SharedWorker(policy.createScriptURL(worker))
    shared.addEventListener('error', () => this.alone(after))
    this.port = shared.port
    this.port.addEventListener('message', ({ data: { name, data, closed } }) => hear(name, data, closed))
    this.port.start()
    this.port.postMessage({ act: 'join', key, address, after: Number(after) })
    window.addEventListener('pagehide', () => this.port?.postMessage({ act: 'leave' }))
    window.addEventListener('pageshow', (event) => event.persisted && location.reload())
  }

  alone(after) {
    this.port = null
    this.source?.close()
    const source = this.source = new EventSource(`${this.address}after=${after}`)
    for (const name of NAMES) source.addEventListener(name, (event) => this.hear(name, event.data))
    source.addEventListener('error', () => {
      this.hear('error', null, source.readyState === EventSource.CLOSED)
    })
  }

  // Ask for the whole: no position lies before the first.
  anew() {
    if (this.port) this.port.postMessage({ act: 'anew' })
    else this.alone(-1)
  }

  // The same where nothing is heard any more; of the tabs that share a stream the first does it for all.
  again() {
    if (this.port) this.port.postMessage({ act: 'again' })
    else this.alone(-1)
  }
}
