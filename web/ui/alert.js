// The alert's page: countdowns, and a word when somebody else has done something meanwhile.
import { Clocks } from './clocks.js'
import { Source } from './source.js'

const page = document.querySelector('[data-alert]')
new Clocks(document)
new Source(page, (name, data) => {
  if (name === 'all') document.querySelector('[data-changed]').hidden = false
  if (name !== 'changed') return
  const { id, version } = JSON.parse(data)
  const later = id === page.dataset.alert && version > Number(page.dataset.version)
  if (later) document.querySelector('[data-changed]').hidden = false
})
