import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import * as ts from 'typescript';

const SOURCE = join(__dirname, '..', '..');
const ROOT = join(SOURCE, '..');
const LOCALE = join(ROOT, 'jupyter_node_deploy', 'locale');
const PAGE = join(ROOT, 'docs', 'api', 'errors.md');

/**
 * The texts that the code asks translations of, each with whether it has a plural.
 */
function texts(directory = SOURCE, found = new Map<string, boolean>()) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== '__tests__') {
        texts(path, found);
      }
    } else if (/(?<!schema)\.tsx?$/.test(entry.name)) {
      const code = readFileSync(path, 'utf8');
      collect(
        ts.createSourceFile(path, code, ts.ScriptTarget.Latest, false),
        found
      );
    }
  }
  return found;
}

function collect(node: ts.Node, found: Map<string, boolean>): void {
  if (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    ['__', '_n'].includes(node.expression.name.text)
  ) {
    const text = (node.arguments[0] as ts.StringLiteral).text;
    found.set(text, node.expression.name.text === '_n');
  }
  ts.forEachChild(node, child => collect(child, found));
}

/**
 * The templates of the server's messages, from the page that is written from its code.
 */
function templates(): string[] {
  return readFileSync(PAGE, 'utf8')
    .split('\n')
    .map(line => /^\| `[A-Z\d_]+` \|[^|]*\| (.*) \|$/.exec(line))
    .filter(row => row !== null)
    .flatMap(([, cell]) => cell.split('<br>'))
    .map(code => /^(`+)( ?)(.*)\2\1$/.exec(code)![3].replace(/\\n/g, '\n'));
}

describe.each(readdirSync(LOCALE))('the catalog %s', locale => {
  const { '': head, ...catalog } = JSON.parse(
    readFileSync(
      join(LOCALE, locale, 'LC_MESSAGES', 'jupyter_node_deploy.json'),
      'utf8'
    )
  );
  const wanted = texts();
  for (const template of templates()) {
    wanted.set(template, false);
  }

  it('has each text of the code and of the server, and no other', () => {
    expect(Object.keys(catalog).sort()).toEqual([...wanted.keys()].sort());
  });

  it('has as many forms of each as the language needs', () => {
    const plurals = Number(/nplurals=(\d+)/.exec(head.plural_forms)![1]);
    for (const [text, plural] of wanted) {
      expect([text, catalog[text].length]).toEqual([
        text,
        plural ? plurals : 1
      ]);
    }
  });

  it('keeps the arguments', () => {
    const places = (text: string) => text.match(/%\d|\{\w+\}/g)?.sort() ?? [];
    for (const text of wanted.keys()) {
      for (const translated of catalog[text]) {
        expect([text, places(translated)]).toEqual([text, places(text)]);
      }
    }
  });
});
