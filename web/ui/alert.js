// The alert's page: countdowns, a word when somebody else has done something meanwhile, and when it is not live.
import { Clocks } from './clocks.js'
import { Stream } from './stream.js'

const page = document.querySelector('[data-alert]')
const changed = document.querySelector('[data-changed]')
new Clocks(document)
new Stream(page, {
  all: () => { changed.hidden = false },
  changed: ({ id, version }) => {
    if (id === page.dataset.alert && version > Number(page.dataset.version)) changed.hidden = false
  },
})
