// Looks at the committed OpenAPI document with Redocly's recommended rules; nothing is fetched.
import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';

const file = process.argv[2];
const config = await createConfig({ extends: ['recommended'] });
const found = await lintFromString({ source: readFileSync(file, 'utf8'), absoluteRef: file, config });
for (const each of found) {
  console.error(`${file} ${each.location[0]?.pointer ?? ''}: ${each.message} (${each.ruleId})`);
}
process.exitCode = found.length ? 1 : 0;
