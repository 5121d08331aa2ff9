// The open breaches of one person as one entry of a list, with its acts as a timeline: `board_episode.html`.

// The rows of an entry of a list: it is one, or an episode.
export const acts = (entry) => (entry.dataset.row ? [entry] : [...entry.querySelector('ol').children])

export class Episodes {
  constructor(board, lists, clocks) {
    this.board = board
    this.lists = lists
    this.clocks = clocks
    this.form = board.querySelector('[data-episode-form]').content.firstElementChild
    this.touched = new Set()
    this.of = new Map()
  }

  // These rows stand on the page: looked up once for everything that is put there in one turn.
  begin(rows) {
    for (const row of rows) this.known(row.dataset.of).push(row)
  }

  known(person) {
    if (!this.of.has(person)) this.of.set(person, [])
    return this.of.get(person)
  }

  // The list in which the row belongs. A second act of the same person makes an episode of both.
  home(row) {
    const person = row.dataset.of
    if (!person) return this.list(row)
    const rows = this.known(person)
    const other = rows.find((each) => each.id !== row.id && each.isConnected)
    rows.push(row)
    if (!other) return this.list(row)
    const episode = other.closest('[data-episode]') || this.begun(person, other)
    this.touched.add(episode)
    return episode.querySelector('ol')
  }

  list(row) {
    return this.lists.find((list) => list.dataset.list === row.dataset.stands)
  }

  begun(person, act) {
    const episode = this.form.cloneNode(true)
    episode.dataset.episode = person
    // The list is searched by order before this message is done.
    episode.dataset.order = act.dataset.order
    act.replaceWith(episode)
    episode.querySelector('ol').append(act)
    return episode
  }

  // An act of it was taken away, or is about to be.
  leaves(row) {
    const episode = row?.closest('[data-episode]')
    if (episode) this.touched.add(episode)
  }

  // Each episode that was touched: in the right place, with its number; an act that is left alone stands alone.
  settle() {
    for (const episode of this.touched) {
      const rows = acts(episode)
      if (rows.length > 1) {
        this.settled(episode, rows)
      } else {
        episode.remove()
        for (const row of rows) insert(this.list(row), row)
      }
    }
    this.touched.clear()
    this.of.clear()
  }

  settled(episode, rows) {
    const waits = rows.find((row) => row.dataset.stands === 'waiting')
    // What somebody has lifts nothing.
    const counted = waits ? rows.filter((row) => row.dataset.stands === 'waiting') : rows
    const order = counted.map((row) => row.dataset.order).sort()[0]
    const list = this.list(waits || rows[0])
    if (episode.dataset.order !== order || episode.parentElement !== list) {
      episode.dataset.order = order
      episode.remove()
      insert(list, episode)
    }
    episode.querySelector('[data-acts]').textContent = String(rows.length)
    const oldest = rows.reduce((last, row) => (newestFirst(row) > newestFirst(last) ? row : last))
    const first = oldest.querySelector('[data-since]')
    const since = episode.querySelector('h3 [data-since]')
    since.dataset.since = first.dataset.since
    this.clocks.tick(episode.querySelector('h3'))
  }
}

const newestFirst = (act) => act.dataset.order.slice(2)
const inside = (act) => (act.dataset.stands === 'waiting' ? '0' : '1') + newestFirst(act)

// Lists are by urgency, then the newest first; the acts of an episode by whether they wait, then by time.
export function insert(list, entry) {
  const place = list.dataset.list ? (each) => each.dataset.order : inside
  let from = 0
  let to = list.children.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (place(list.children[middle]) < place(entry)) from = middle + 1
    else to = middle
  }
  list.insertBefore(entry, list.children[from] || null)
}
