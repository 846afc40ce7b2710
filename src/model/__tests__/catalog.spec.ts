import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import * as ts from 'typescript';

const SOURCE = join(__dirname, '..', '..');
const LOCALE = join(SOURCE, '..', 'jupyter_node_deploy', 'locale');

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

describe.each(readdirSync(LOCALE))('the catalog %s', locale => {
  const { '': head, ...catalog } = JSON.parse(
    readFileSync(
      join(LOCALE, locale, 'LC_MESSAGES', 'jupyter_node_deploy.json'),
      'utf8'
    )
  );
  const wanted = texts();

  it('has each text of the code, and no other', () => {
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
    const numbers = (text: string) => text.match(/%\d/g)?.sort() ?? [];
    for (const text of wanted.keys()) {
      for (const translated of catalog[text]) {
        expect([text, numbers(translated)]).toEqual([text, numbers(text)]);
      }
    }
  });
});
