// Rows as the server rendered them, each put where its order says, with the focus where it was.
import { Episodes, acts, insert } from './episodes.js'
import { policy } from './policy.js'
import { text } from './texts.js'

// More than anybody can look at; the server counts all of them.
const MOST = 1000
const NEW_FOR = 2000
// Milliseconds until what nobody could be told of is told again.
const AGAIN = 2000
// The same for who is off duty, and may come on.
const OFF_DUTY = 5000
// Beats in a row that count less than is here: then a row stands here that should not.
const STALE = 5
// Rows past which only those in sight are laid out. Of fewer it costs more than it saves: each is laid out twice.
const LONG = 150
// New alerts that are read out one by one; of a flood, the others are a number.
const SAID = 10

function parsed(html) {
  // The server's own template made this; every word in it was escaped there.
  const template = document.createElement('template')
  template.innerHTML = policy.createHTML(html)
  return template.content
}

// Of two changes of one alert: how it is now.
function merged(changes) {
  const now = new Map()
  for (const change of changes) {
    now.set(change.id, change.html || change.gone ? change : { ...now.get(change.id), ...change })
  }
  return [...now.values()]
}

function say(element, words) {
  // What is written anew is laid out and painted anew.
  if (element.textContent !== words) element.textContent = words
}

function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown
}

export class Rows {
  constructor(board, clocks) {
    this.board = board
    this.clocks = clocks
    this.lists = [...board.querySelectorAll('[data-list]')]
    this.episodes = new Episodes(board, this.lists, clocks)
    this.unpainted = new Set(board.dataset.unpainted.split(' ').filter(Boolean))
    this.fresh = []
    this.telling = this.dealt = this.short = this.restoring = false
    this.stale = 0
    this.lengthen()
  }

  row(id) {
    return document.getElementById(`alert-${id}`)
  }

  all() {
    return this.lists.flatMap((list) => this.within(list))
  }

  within(list) {
    return [...list.children].flatMap(acts)
  }

  // The most urgent that can be taken here; the first row, when none can.
  first() {
    const rows = this.all()
    const open = rows.filter((row) => row.querySelector('form'))
    return open.reduce((first, row) => (row.dataset.order < first.dataset.order ? row : first), open[0]) || rows[0]
  }

  chosen() {
    return this.board.querySelector('.spo-row--chosen')
  }

  // Chosen as it was before; one that comes back to wait is a new question.
  choose(row, before) {
    const came = before.dataset.stands !== 'waiting' && row.dataset.stands === 'waiting'
    row.classList.toggle('spo-row--chosen', !came)
  }

  sounding() {
    return this.board.querySelector('[data-sounds]') !== null
  }

  // Rows as they are now, all put there before anything is laid out. The words to announce the new ones among them.
  put(changes) {
    const now = merged(changes)
    for (const { id, unpainted } of now) {
      if (unpainted) this.unpainted.add(id)
      else this.unpainted.delete(id)
    }
    const news = now.some(({ html, gone }) => html || gone) ? this.shown(now) : []
    this.painted()
    return this.said(news)
  }

  shown(now) {
    const focus = this.focused()
    const fresh = parsed(now.map(({ html }) => html || '').join(''))
    this.clocks.tick(fresh)
    this.episodes.begin(this.all())
    for (const { id, gone } of now) if (gone) this.takeAway(this.row(id))
    const news = [...fresh.children].filter((row) => this.place(this.row(row.dataset.row), row))
    for (const list of this.lists) for (const row of this.within(list).slice(MOST)) this.takeAway(row)
    this.episodes.settle()
    this.refocus(focus)
    this.dealt = true
    this.count()
    return this.marked(news)
  }

  marked(news) {
    const until = performance.now() + NEW_FOR
    for (const row of news) row.classList.add('spo-row--new')
    if (news.length) this.fresh.push({ news, until })
    return news
  }

  // With the beats, which change the page anyway: what is painted by itself is painted once more.
  unmark() {
    const now = performance.now()
    while (this.fresh[0]?.until <= now) {
      for (const row of this.fresh.shift().news) row.classList.remove('spo-row--new')
    }
  }

  // The most urgent first.
  said(news) {
    const rows = news.sort((one, other) => (one.dataset.order < other.dataset.order ? -1 : 1))
    const words = rows.slice(0, SAID).map((row) => row.dataset.says)
    if (rows.length > SAID) words.push(text('besides', { number: rows.length - SAID }))
    return words.join('; ')
  }

  takeAway(row) {
    this.episodes.leaves(row)
    row?.remove()
  }

  // Whether it has something new to say.
  place(before, fresh) {
    if (before?.classList.contains('spo-row--chosen')) this.choose(fresh, before)
    const home = this.episodes.home(fresh)
    const stays = (key) => before?.dataset[key] === fresh.dataset[key]
    if (stays('order') && stays('stands') && before.parentElement === home) {
      before.replaceWith(fresh)
    } else {
      this.takeAway(before)
      insert(home, fresh)
    }
    return fresh.dataset.says !== '' && before?.dataset.says !== fresh.dataset.says
  }

  // Where the focus is: on which part of which row, and which rows stand beside it.
  focused() {
    const row = document.activeElement?.closest('[data-row]')
    if (!row) return null
    const rows = this.all()
    const at = rows.indexOf(row)
    const near = [rows[at + 1], rows[at - 1]].filter(Boolean).map((each) => each.dataset.row)
    return { id: row.dataset.row, part: document.activeElement.dataset.part, near }
  }

  // Back to where it was, wherever the row went; to the next one, when it went for good.
  refocus(focus) {
    if (!focus) return
    const row = [focus.id, ...focus.near].map((id) => this.row(id)).find(Boolean)
    if (!row || row.contains(document.activeElement)) return
    const part = row.dataset.row === focus.id && row.querySelector(`[data-part="${focus.part}"]`)
    // Nobody chose it: the row beside one that went is not what was read.
    this.restoring = true
    ;(part || row.querySelector('[data-part="open"]')).focus()
    this.restoring = false
  }

  replaceAll({ html, unpainted }) {
    const [focus, chosen] = [this.focused(), this.chosen()]
    const fresh = parsed(html)
    for (const list of this.lists) {
      list.replaceChildren(...fresh.querySelector(`[data-list="${list.dataset.list}"]`).children)
    }
    const again = chosen && this.row(chosen.dataset.row)
    if (again) this.choose(again, chosen)
    this.refocus(focus)
    this.dealt = false
    this.stale = 0
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

  // How many alerts that stand so are on the page, in whichever list the rest of their episode is.
  here(list) {
    return this.board.querySelectorAll(`[data-stands="${list.dataset.list}"]`).length
  }

  say(list, number) {
    say(this.of('count', list), String(number))
    show(this.of('empty', list), number === 0)
  }

  // What is here; each beat brings the server's own count, of more than fits on a page.
  count() {
    for (const list of this.lists) {
      if (this.of('more', list).hidden) this.say(list, this.here(list))
    }
    this.lengthen()
  }

  lengthen() {
    this.board.classList.toggle('spo-board--long', this.board.querySelectorAll('[data-row]').length > LONG)
  }

  // Whether the lists are worth asking for anew: rows were dealt with, and others wait beyond the page, or more are
  // here than the server knows of. One beat may count a row that is still on its way here, two running do not.
  tally(counts) {
    this.unmark()
    let short = false
    let stale = false
    for (const list of this.lists) {
      const [all, here] = [counts[list.dataset.list], this.here(list)]
      this.say(list, all)
      show(this.of('more', list), all > here)
      short ||= this.dealt && here < Math.min(all, MOST / 10)
      stale ||= here > all
    }
    for (const each of document.querySelectorAll('[data-tally]')) say(each, String(counts[each.dataset.tally]))
    const still = short && this.short
    this.short = short
    this.stale = stale ? this.stale + 1 : 0
    return still || this.stale >= STALE
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
      .then(({ status }) => {
        if (status >= 500) throw new Error(`${status}`)
        if (status === 403) this.again(told, OFF_DUTY)
        else this.painted()
      })
      .catch(() => this.again(told, AGAIN))
  }

  // Until then nothing is told: whoever could not be told of these cannot be told of others.
  again(told, wait) {
    for (const id of told) this.unpainted.add(id)
    this.telling = true
    setTimeout(() => {
      this.telling = false
      this.painted()
    }, wait)
  }
}
