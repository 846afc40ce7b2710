/**
 * What a snippet needs to run as it is.
 */
export interface ICall {
  url: string;
  folder: string;
  /** The token, or what stands in for it until there is one. */
  token: string;
  input: unknown;
}

export type SnippetLanguage = 'curl' | 'python' | 'javascript';

/**
 * A request to a node, ready to run.
 */
export function snippet(language: SnippetLanguage, call: ICall): string {
  const body = { folder_id: call.folder, input: call.input };
  switch (language) {
    case 'curl':
      return [
        `curl -X POST ${quoted(call.url)} \\`,
        `  -H ${quoted(`Authorization: Bearer ${call.token}`)} \\`,
        "  -H 'Content-Type: application/json' \\",
        `  -d ${quoted(JSON.stringify(body))}`
      ].join('\n');
    case 'python':
      return [
        'import requests',
        '',
        'answer = requests.post(',
        `    ${JSON.stringify(call.url)},`,
        `    headers={"Authorization": ${JSON.stringify(`Bearer ${call.token}`)}},`,
        `    json=${python(body)},`,
        ')',
        'answer.raise_for_status()',
        'print(answer.json()["output"])'
      ].join('\n');
    case 'javascript':
      return [
        `const answer = await fetch(${JSON.stringify(call.url)}, {`,
        "  method: 'POST',",
        '  headers: {',
        `    Authorization: ${JSON.stringify(`Bearer ${call.token}`)},`,
        "    'Content-Type': 'application/json'",
        '  },',
        `  body: JSON.stringify(${JSON.stringify(body)})`,
        '});',
        'console.log(await answer.json());'
      ].join('\n');
  }
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/**
 * JSON as a Python literal.
 */
function python(value: unknown): string {
  if (value === null || value === undefined) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (Array.isArray(value)) {
    return `[${value.map(python).join(', ')}]`;
  }
  if (typeof value === 'object') {
    const items = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}: ${python(item)}`
    );
    return `{${items.join(', ')}}`;
  }
  return JSON.stringify(value);
}
