// What this page may make of a text: rows that the server's own templates escaped, and the worker of its own files.
export const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy('spowatch-rows', {
    createHTML: (html) => html,
    createScriptURL: (address) => {
      if (!address.startsWith('/static/')) throw new TypeError(address)
      return address
    },
  })
  : { createHTML: (html) => html, createScriptURL: (address) => address }
