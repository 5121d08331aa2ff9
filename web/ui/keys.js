// Single keys, which can be switched off (WCAG 2.1.4): j and k move, a takes the alert, o opens it.
import { text } from './texts.js'

const SWITCH = 'spowatch-keys'

const takes = (row) => row?.querySelector('form')

export class Keys {
  constructor(board, rows) {
    this.board = board
    this.rows = rows
    this.taken = new Set()
    this.box = document.querySelector('[data-keys]')
    this.box.checked = localStorage.getItem(SWITCH) !== 'off'
    this.box.addEventListener('change', () => {
      localStorage.setItem(SWITCH, this.box.checked ? 'on' : 'off')
    })
    document.addEventListener('keydown', (event) => this.press(event))
    board.addEventListener('submit', (event) => this.take(event))
    board.addEventListener('focusin', (event) => {
      if (!rows.restoring) this.choose(event.target.closest('[data-row]'))
    })
    // Whoever was quicker than the script had chosen already.
    this.choose(document.activeElement?.closest('[data-row]'))
  }

  press(event) {
    if (!this.box.checked || event.ctrlKey || event.altKey || event.metaKey) return
    if (event.target.closest('input:not([type=checkbox]), textarea, select')) return
    const act = { j: () => this.move(1), k: () => this.move(-1), a: () => this.acknowledge(), o: () => this.open() }
    const chosen = act[event.key]
    if (!chosen) return
    event.preventDefault()
    // A key leant on moves, and does nothing else.
    if (!event.repeat || 'jk'.includes(event.key)) chosen()
  }

  // The row that was chosen; the most urgent one, when none was.
  chosen() {
    return this.rows.chosen() || this.rows.first() || null
  }

  choose(row) {
    if (!row) return
    for (const each of this.rows.all()) each.classList.toggle('spo-row--chosen', each === row)
  }

  move(by) {
    const rows = this.rows.all()
    const at = rows.findIndex((row) => row.classList.contains('spo-row--chosen'))
    const row = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]
    if (!row) return
    this.choose(row)
    row.querySelector('[data-part="open"]').focus()
    row.scrollIntoView({ block: 'nearest' })
  }

  open() {
    // Of some alerts who looks sees the row alone: nothing there leads on.
    const link = this.chosen()?.querySelector('a')
    if (link) location.href = link.href
  }

  // The chosen one; the most urgent, when none was chosen or it was taken here. It stays chosen, so that `o` opens
  // what was taken. One that went to somebody else meanwhile is never another one instead, unread.
  acknowledge() {
    const chosen = this.rows.chosen()
    if (chosen && !takes(chosen) && !this.taken.has(chosen.dataset.row)) {
      chosen.classList.remove('spo-row--chosen')
      this.refused(chosen, text('notToTake'), document.documentElement.lang)
      return
    }
    const row = [chosen, this.rows.first()].find(takes)
    if (!row) return
    this.choose(row)
    takes(row).requestSubmit()
  }

  // The form works without us; with us the board stays where it is, and live.
  async take(event) {
    event.preventDefault()
    const form = event.target
    const row = form.closest('[data-row]')
    form.querySelector('button').setAttribute('aria-disabled', 'true')
    try {
      const answer = await fetch(form.action, {
        method: 'POST',
        body: new URLSearchParams({ csrf: this.board.dataset.csrf }),
        headers: { Accept: 'application/problem+json' },
      })
      if (answer.status === 401) location.reload()
      else if (answer.ok) this.taken.add(row.dataset.row)
      else this.refused(row, (await answer.json()).detail, answer.headers.get('Content-Language') || 'en')
    } catch {
      this.refused(row, text('notSent'), document.documentElement.lang)
    }
  }

  // `language` of the words: the server says in which it answers.
  refused(row, words, language) {
    const now = this.rows.row(row.dataset.row) || row
    const line = now.querySelector('[data-refused]')
    line.lang = language
    line.textContent = words
    line.hidden = false
    now.querySelector('button')?.removeAttribute('aria-disabled')
  }
}
