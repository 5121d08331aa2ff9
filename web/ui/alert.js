// The alert's page: countdowns, a word when somebody else has done something meanwhile, and when it is not live.
import { Clocks } from './clocks.js'
import { Stream } from './stream.js'

const AGAIN = 2000
const page = document.querySelector('[data-alert]')
const changed = document.querySelector('[data-changed]')

const told = (version) => {
  if (version > Number(page.dataset.version)) changed.hidden = false
}

// What was missed may have been on other alerts: what is so of this one is asked for, also after each cut.
const ask = async () => {
  try {
    const answer = await fetch(`/alerts/${page.dataset.alert}/version`, { headers: { Accept: 'application/json' } })
    if (answer.status >= 500) setTimeout(ask, AGAIN)
    else if (answer.status === 404) changed.hidden = false
    else if (answer.ok) told((await answer.json()).version)
  } catch {
    setTimeout(ask, AGAIN)
  }
}

const clocks = new Clocks(document, page)
new Stream(page, {
  beat: ({ now }) => clocks.set(now),
  all: ask,
  back: ask,
  changed: ({ id, version }) => {
    if (id === page.dataset.alert) told(version)
  },
})
