// The arrest board, live: rows as the server renders them, a word when nothing is heard, sound, keys.
import { Stream } from './stream.js'
import { Rows } from './rows.js'
import { Alarm } from './alarm.js'
import { Clocks } from './clocks.js'
import { Keys } from './keys.js'

const board = document.querySelector('[data-board]')
const rows = new Rows(board)
const alarm = new Alarm(board, () => rows.sounding())
const clocks = new Clocks(board)
new Keys(board, rows)
new Stream(board, {
  row: (change) => {
    const news = rows.put(change)
    clocks.tick()
    if (news) alarm.announce(news)
    alarm.look()
  },
  beat: (counts) => rows.tally(counts),
  all: (html) => {
    rows.replaceAll(html)
    clocks.tick()
    alarm.look()
  },
})
rows.painted()
