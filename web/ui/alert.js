// The alert's page: countdowns, and a word when somebody else has done something meanwhile.
import { Clocks } from './clocks.js'

const page = document.querySelector('[data-alert]')
new Clocks(document)
const source = new EventSource(page.dataset.stream)
source.addEventListener('changed', (event) => {
  if (Number(event.data) > Number(page.dataset.version)) document.querySelector('[data-changed]').hidden = false
})
