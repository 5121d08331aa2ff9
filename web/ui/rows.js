// Rows as the server rendered them, each put where its order says, with the focus where it was.
import { policy } from './policy.js'

// More than anybody can look at; the server counts all of them.
const MOST = 1000
const NEW_FOR = 2400

function parsed(html) {
  // The server's own template made this; every word in it was escaped there.
  const template = document.createElement('template')
  template.innerHTML = policy.createHTML(html)
  return template.content
}

function say(element, words) {
  // What is written anew is laid out and painted anew.
  if (element.textContent !== words) element.textContent = words
}

export class Rows {
  constructor(board, clocks) {
    this.board = board
    this.clocks = clocks
    this.lists = [...board.querySelectorAll('[data-list]')]
    this.unpainted = new Set(board.dataset.unpainted.split(' ').filter(Boolean))
    this.telling = false
  }

  list(name) {
    return this.lists.find((list) => list.dataset.list === name)
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

  // Rows as they are now. The words to announce, when there is a new one among them.
  put(changes) {
    const news = changes.map((change) => this.putOne(change)).filter(Boolean)
    for (const list of this.lists) while (list.children.length > MOST) list.lastElementChild.remove()
    this.count()
    this.painted()
    return news.at(-1) || ''
  }

  putOne(change) {
    if (change.unpainted) this.unpainted.add(change.id)
    else this.unpainted.delete(change.id)
    const before = this.row(change.id)
    if (change.gone) this.takeAway(before)
    return change.html ? this.place(before, parsed(change.html).firstElementChild, change.list) : ''
  }

  takeAway(row) {
    if (row?.contains(document.activeElement)) {
      (row.nextElementSibling || row.previousElementSibling)?.querySelector('a')?.focus()
    }
    row?.remove()
  }

  place(before, fresh, name) {
    const focused = before?.contains(document.activeElement)
    const part = focused ? document.activeElement.dataset.part : null
    if (before?.classList.contains('spo-row--chosen')) fresh.classList.add('spo-row--chosen')
    if (before && before.dataset.order === fresh.dataset.order && before.parentElement === this.list(name)) {
      before.replaceWith(fresh)
    } else {
      before?.remove()
      this.insert(this.list(name), fresh)
    }
    this.clocks.tick(fresh)
    if (part) (fresh.querySelector(`[data-part="${part}"]`) || fresh.querySelector('a')).focus()
    if (before?.dataset.says === fresh.dataset.says || fresh.dataset.says === '') return ''
    fresh.classList.add('spo-row--new')
    setTimeout(() => fresh.classList.remove('spo-row--new'), NEW_FOR)
    return fresh.dataset.says
  }

  insert(list, row) {
    let from = 0
    let to = list.children.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (list.children[middle].dataset.order < row.dataset.order) from = middle + 1
      else to = middle
    }
    list.insertBefore(row, list.children[from] || null)
  }

  replaceAll({ html, unpainted }) {
    const fresh = parsed(html)
    for (const list of this.lists) {
      list.replaceChildren(...fresh.querySelector(`[data-list="${list.dataset.list}"]`).children)
    }
    this.unpainted = new Set(unpainted)
    this.clocks.tick()
    this.count()
    this.painted()
  }

  // What keeps alerts from people, in the server's words.
  works({ html }) {
    const place = this.board.querySelector('[data-works]')
    place.replaceChildren(parsed(html))
    this.clocks.tick(place)
  }

  of(kind, list) {
    return this.board.querySelector(`[data-${kind}="${list.dataset.list}"]`)
  }

  // What is here; each beat brings the server's own count, of more than fits on a page.
  count() {
    for (const list of this.lists) {
      if (this.of('more', list).hidden) say(this.of('count', list), String(list.children.length))
      this.of('empty', list).hidden = list.children.length > 0
    }
  }

  // Whether the lists are worth asking for anew: rows were dealt with, and others wait beyond the page.
  tally(counts) {
    let short = false
    for (const list of this.lists) {
      const [all, here] = [counts[list.dataset.list], list.children.length]
      say(this.of('count', list), String(all))
      this.of('more', list).hidden = all <= here
      short ||= here < Math.min(all, MOST / 10)
    }
    for (const each of document.querySelectorAll('[data-tally]')) say(each, String(counts[each.dataset.tally]))
    return short
  }

  // Tells the server which rows nobody had been shown before. Of many boards one or two do: each waits
  // a little, and what another one has told of meanwhile is not unpainted any more.
  painted() {
    if (this.telling || document.hidden || this.unpainted.size === 0) return
    this.telling = true
    requestAnimationFrame(() => setTimeout(() => this.tell(), 500 * Math.random()))
  }

  tell() {
    this.telling = false
    const told = [...this.unpainted].filter((id) => this.row(id)).slice(0, 100)
    if (told.length === 0) return
    const body = new URLSearchParams(told.map((id) => ['alert', id]))
    body.append('csrf', this.board.dataset.csrf)
    for (const id of told) this.unpainted.delete(id)
    fetch(this.board.dataset.painted, { method: 'POST', body })
      .catch(() => { for (const id of told) this.unpainted.add(id) })
      .finally(() => this.painted())
  }
}
