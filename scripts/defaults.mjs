// Writes src/api/defaults.ts: what the types in schema.ts leave out of docs/api/openapi.json.
// With --check it only compares.

import console from 'node:console';
import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';

import { format, resolveConfig } from 'prettier';

const TARGET = 'src/api/defaults.ts';
/** Those that the form fills in. */
const SCHEMAS = [
  'CellSpec',
  'DockerSpec',
  'Endpoint',
  'Healthcheck',
  'NodeCreate',
  'Telemetry',
  'Variable'
];

const document = JSON.parse(await readFile('docs/api/openapi.json', 'utf8'));
const { schemas } = document.components;

const properties = name => Object.entries(schemas[name].properties);

const record = entries =>
  `{${entries.map(([name, value]) => `${name}: ${value}`).join(',')}}`;

function defaults(name) {
  const found = properties(name).filter(([, field]) => 'default' in field);
  return record(
    found.map(([field, one]) => [field, JSON.stringify(one.default)])
  );
}

/** The fields that are numbers: whether null is one, too, and the unit. */
function numbers(name) {
  const found = [];
  for (const [field, one] of properties(name)) {
    const kinds = one.anyOf ?? [one];
    const number = kinds.find(({ type }) => /^(integer|number)$/.test(type));
    if (number) {
      const optional = kinds.some(({ type }) => type === 'null');
      const bytes = number['x-unit'] === 'bytes';
      found.push([field, JSON.stringify({ optional, bytes })]);
    }
  }
  return record(found);
}

const text = `// Made from docs/api/openapi.json by \`jlpm types\`: do not edit.

import type { ${SCHEMAS.join(', ')} } from './schema';

/**
 * What the server takes where a field is left out.
 */
export const DEFAULTS = ${record(
  SCHEMAS.map(name => [name, `${defaults(name)} satisfies Partial<${name}>`])
)};

/**
 * A cell's fields that are numbers: whether null is one, too, and whether they are sizes in bytes.
 */
export const CELL_NUMBERS = ${numbers('CellSpec')};
`;

const options = await resolveConfig(TARGET);
const wanted = await format(text, { ...options, filepath: TARGET });
if (!process.argv.includes('--check')) {
  await writeFile(TARGET, wanted);
} else if ((await readFile(TARGET, 'utf8')) !== wanted) {
  console.error(`${TARGET} is not current: run jlpm types`);
  process.exitCode = 1;
}
