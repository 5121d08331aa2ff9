// Renders the components we have from the Ministry of Justice's own templates, for tests/web/test_moj.py:
//   npm install --no-save --legacy-peer-deps @ministryofjustice/frontend@11.1.0 nunjucks@3.2.4
//   node moj.mjs > ../../tests/web/moj_rendered.json
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import nunjucks from 'nunjucks'

const here = dirname(fileURLToPath(import.meta.url))
const modules = join(here, 'node_modules')
const places = [join(modules, '@ministryofjustice/frontend'), join(modules, 'govuk-frontend/dist')]
const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(places), { autoescape: true })
// Theirs takes a library to write dates; what is compared is where the date stands.
environment.addFilter('date', (_, said) => said)

const cases = JSON.parse(readFileSync(join(here, '../../tests/web/moj_cases.json'), 'utf8'))
const rendered = cases.map(({ component, macro, params }) => {
  const source = `{% from "moj/components/${component}/macro.njk" import ${macro} %}{{ ${macro}(params) }}`
  return { component, macro, params, html: environment.renderString(source, { params }) }
})
process.stdout.write(JSON.stringify(rendered, null, 2) + '\n')
