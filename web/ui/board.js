// The arrest board, live: rows as the server renders them, a word when nothing is heard, sound, keys.
import { Stream } from './stream.js'
import { Rows } from './rows.js'
import { Alarm } from './alarm.js'
import { Clocks } from './clocks.js'
import { Keys } from './keys.js'
import { Turns } from './turns.js'

const board = document.querySelector('[data-board]')
const clocks = new Clocks(board, board)
const rows = new Rows(board, clocks)
const alarm = new Alarm(board, () => rows.sounding())
new Keys(board, rows)

const put = (changes) => {
  if (changes.length === 0) return ''
  const news = rows.put(changes)
  alarm.look()
  return news
}
const others = {
  beat: ({ now, ...counts }) => {
    clocks.set(now)
    if (rows.tally(counts)) stream.anew()
  },
  works: (works) => rows.works(works),
  all: (whole) => {
    rows.replaceAll(whole)
    alarm.look()
  },
}
// Milliseconds until everything is asked for anew when a turn could not be put on the page.
const AGAIN = 2000
// Changes that follow one another are put on the page together.
const turns = new Turns((came) => {
  let changes = []
  const news = []
  for (const { name, data } of came) {
    if (name === 'rows') {
      changes.push(...data)
      continue
    }
    news.push(put(changes))
    changes = []
    others[name](data)
  }
  news.push(put(changes))
  const words = news.filter(Boolean)
  if (words.length > 0) alarm.announce(words.join('; '))
}, () => setTimeout(() => stream.anew(), AGAIN))
const later = (name) => (data) => turns.add({ name, data })
const stream = new Stream(board, Object.fromEntries(['rows', ...Object.keys(others)].map((name) => [name, later(name)])))
rows.painted()
document.addEventListener('visibilitychange', () => rows.painted())
