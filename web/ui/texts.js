// The words a script shows, in the language of the page: the server hands them over with it.
const texts = JSON.parse(document.querySelector('[data-texts]').dataset.texts)

export function text(name, values = {}) {
  return texts[name].replace(/%\((\w+)\)s/g, (_, each) => values[each])
}
