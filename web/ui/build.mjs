// Builds ../static from the lock: one style sheet, one script for each purpose, licences, MANIFEST.json.
// `--check` compares with what is committed and says what differs.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import * as sass from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const target = join(here, '..', 'static')
const SCRIPTS = ['start', 'board', 'alert', 'shared']
// The font is for gov.uk alone, and so are the crest and the header with the crown.
const NOT_OURS = [/GDS Transport/i, /govuk-crest/, /\.woff2?/, /crown/i]

const { css } = sass.compile(join(here, 'style.scss'), {
  style: 'compressed',
  loadPaths: [join(here, 'node_modules')],
  quietDeps: true,
})
const icon = readFileSync(join(here, 'icon.svg'), 'utf8')
const built = new Map([
  ['style.css', css + '\n'],
  ['icon.svg', icon],
])
for (const name of SCRIPTS) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(here, `${name}.js`)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2020',
    write: false,
    legalComments: 'none',
    nodePaths: [join(here, 'node_modules')],
  })
  built.set(`${name}.js`, outputFiles[0].text)
}
built.set('LICENCE-govuk-frontend.txt', licence('govuk-frontend'))

const manifest = {}
const files = new Map()
for (const [name, text] of built) {
  const taken = NOT_OURS.filter((pattern) => pattern.test(name.startsWith('LICENCE') ? '' : text))
  if (taken.length) throw new Error(`${name} holds what only gov.uk may use: ${taken.join(', ')}`)
  const dot = name.lastIndexOf('.')
  const hashed = name.startsWith('LICENCE')
    ? name
    : `${name.slice(0, dot)}-${digest(text)}${name.slice(dot)}`
  manifest[name] = hashed
  files.set(hashed, text)
}
files.set('MANIFEST.json', JSON.stringify(manifest, null, 2) + '\n')

if (process.argv.includes('--check')) {
  const there = new Set(existsSync(target) ? readdirSync(target) : [])
  const differs = [...files].filter(
    ([name, text]) => !there.has(name) || readFileSync(join(target, name), 'utf8') !== text,
  )
  const names = [...differs.map(([name]) => name), ...[...there].filter((name) => !files.has(name))]
  if (names.length) {
    console.error(`web/static is not what web/ui builds (${names.join(', ')}); run: make assets`)
    process.exit(1)
  }
} else {
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  for (const [name, text] of files) writeFileSync(join(target, name), text)
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

// The npm package carries no licence file; its repository's stands in licences/.
function licence(name) {
  const { version } = JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8'))
  return `${name} ${version}\n\n${readFileSync(join(here, 'licences', `${name}.txt`), 'utf8')}`
}
