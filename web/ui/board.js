// The arrest board, live: rows as the server renders them, a word when nothing is heard, sound, keys.
import { Stream } from './stream.js'
import { Rows } from './rows.js'
import { Alarm } from './alarm.js'
import { Clocks } from './clocks.js'
import { Keys } from './keys.js'

const board = document.querySelector('[data-board]')
const rows = new Rows(board, new Clocks(board))
const alarm = new Alarm(board, () => rows.sounding())
new Keys(board, rows)
const stream = new Stream(board, {
  rows: (changes) => {
    const news = rows.put(changes)
    if (news) alarm.announce(news)
    alarm.look()
  },
  beat: (counts) => {
    if (rows.tally(counts)) stream.anew()
  },
  works: (works) => rows.works(works),
  all: (whole) => {
    rows.replaceAll(whole)
    alarm.look()
  },
})
rows.painted()
