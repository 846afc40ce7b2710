import { nullTranslator } from '@jupyterlab/translation';
import { readFileSync } from 'fs';
import { join } from 'path';

import { MESSAGES } from '../reasons';

const trans = nullTranslator.load('jupyter_node_deploy');
const DOCUMENT = join(__dirname, '..', '..', '..', 'docs', 'api', 'errors.md');

/** The rows of the table: each reason with the names of its metadata. */
const documented = readFileSync(DOCUMENT, 'utf8')
  .split('\n')
  .map(line => /^\| `([A-Z\d_]+)` \|([^|]*)\|/.exec(line))
  .filter(row => row !== null)
  .map(([, reason, names]): [string, string[]] => [
    reason,
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name)
  ]);

describe('the messages', () => {
  it.each(documented)('have words for %s, of its metadata', (reason, names) => {
    const write = MESSAGES[reason];
    expect(write).toBeDefined();
    const asked: string[] = [];
    write!(trans, name => {
      asked.push(name);
      return '';
    });
    expect(names).toEqual(expect.arrayContaining(asked));
  });
});
