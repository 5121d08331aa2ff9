// The open breaches of one person as one entry of a list, with its acts as a timeline: `board_episode.html`.
export class Episodes {
  constructor(board, lists, clocks) {
    this.board = board
    this.lists = lists
    this.clocks = clocks
    this.form = board.querySelector('[data-episode-form]').content.firstElementChild
    this.touched = new Set()
  }

  // The list in which the row belongs. A second act of the same person makes an episode of both.
  home(row) {
    const person = row.dataset.of
    if (!person) return this.list(row)
    const others = this.board.querySelectorAll(`[data-row][data-of="${person}"]`)
    const other = [...others].find((each) => each.id !== row.id)
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
      const acts = [...episode.querySelectorAll('[data-row]')]
      if (acts.length > 1) {
        this.settled(episode, acts)
      } else {
        episode.remove()
        for (const act of acts) insert(this.list(act), act)
      }
    }
    this.touched.clear()
  }

  settled(episode, acts) {
    const waits = acts.find((act) => act.dataset.stands === 'waiting')
    // What somebody has lifts nothing.
    const counted = waits ? acts.filter((act) => act.dataset.stands === 'waiting') : acts
    const order = counted.map((act) => act.dataset.order).sort()[0]
    const list = this.list(waits || acts[0])
    if (episode.dataset.order !== order || episode.parentElement !== list) {
      episode.dataset.order = order
      episode.remove()
      insert(list, episode)
    }
    episode.querySelector('[data-acts]').textContent = String(acts.length)
    const oldest = acts.reduce((last, act) => (newestFirst(act) > newestFirst(last) ? act : last))
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
