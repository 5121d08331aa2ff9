// Rows as the server rendered them, each put where its order says, with the focus where it was.
const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy('spowatch-rows', { createHTML: (html) => html })
  : { createHTML: (html) => html }

function parsed(html) {
  // The server's own template made this; every word in it was escaped there.
  const template = document.createElement('template')
  template.innerHTML = policy.createHTML(html)
  return template.content
}

export class Rows {
  constructor(board) {
    this.board = board
    this.telling = false
  }

  list(name) {
    return this.board.querySelector(`[data-list="${name}"]`)
  }

  row(id) {
    return document.getElementById(`alert-${id}`)
  }

  all() {
    return [...this.board.querySelectorAll('[data-row]')]
  }

  sounding() {
    return this.board.querySelector('[data-sounds]') !== null
  }

  // One row as it is now; without html it is gone. The words to announce, when it is a new one.
  put({ id, list, html }) {
    const before = this.row(id)
    const focused = before && before.contains(document.activeElement)
    const part = focused ? document.activeElement.dataset.part : null
    const fresh = html ? parsed(html).firstElementChild : null
    const known = before && fresh && before.dataset.says === fresh.dataset.says
    if (focused && !fresh) (before.nextElementSibling || before.previousElementSibling)?.querySelector('a')?.focus()
    before?.remove()
    if (fresh) {
      const rows = this.list(list)
      const next = [...rows.children].find((each) => each.dataset.order > fresh.dataset.order)
      rows.insertBefore(fresh, next || null)
      if (before?.classList.contains('spo-row--chosen')) fresh.classList.add('spo-row--chosen')
      if (part) (fresh.querySelector(`[data-part="${part}"]`) || fresh.querySelector('a')).focus()
    }
    this.count()
    this.painted()
    if (!fresh || known || fresh.dataset.says === '') return ''
    fresh.classList.add('spo-row--new')
    return fresh.dataset.says
  }

  replaceAll(html) {
    const fresh = parsed(html)
    for (const list of this.board.querySelectorAll('[data-list]')) {
      const rows = fresh.querySelector(`[data-list="${list.dataset.list}"]`)
      list.replaceChildren(...rows.children)
    }
    this.count()
    this.painted()
  }

  // What is here; each beat brings the server's own count, of more than fits on a page.
  count() {
    for (const list of this.board.querySelectorAll('[data-list]')) {
      const here = list.children.length
      const name = list.dataset.list
      const more = this.board.querySelector(`[data-more="${name}"]`)
      if (more.hidden) this.board.querySelector(`[data-count="${name}"]`).textContent = String(here)
      this.board.querySelector(`[data-empty="${name}"]`).hidden = here > 0
    }
  }

  tally(counts) {
    for (const list of this.board.querySelectorAll('[data-list]')) {
      const name = list.dataset.list
      this.board.querySelector(`[data-count="${name}"]`).textContent = String(counts[name])
      this.board.querySelector(`[data-more="${name}"]`).hidden = counts[name] <= list.children.length
    }
    for (const each of document.querySelectorAll('[data-tally]')) {
      each.textContent = String(counts[each.dataset.tally])
    }
  }

  // Tells the server which rows nobody had been shown before. Of many boards one or two do: each waits
  // a little, and what another one has told of meanwhile comes back as a row that is not unpainted.
  painted() {
    if (this.telling || document.hidden || !this.board.querySelector('[data-unpainted]')) return
    this.telling = true
    requestAnimationFrame(() => setTimeout(() => this.tell(), 500 * Math.random()))
  }

  tell() {
    this.telling = false
    const rows = [...this.board.querySelectorAll('[data-unpainted]')].slice(0, 100)
    if (rows.length === 0) return
    const body = new URLSearchParams(rows.map((row) => ['alert', row.dataset.row]))
    body.append('csrf', this.board.dataset.csrf)
    for (const row of rows) row.removeAttribute('data-unpainted')
    fetch(this.board.dataset.painted, { method: 'POST', body }).catch(() => {
      for (const row of rows) row.setAttribute('data-unpainted', '')
    })
  }
}
