/**
 * A request that somebody else is to send to a node.
 */
export interface ICall {
  method: string;
  url: string;
  /** The token, or what stands in for it until there is one. */
  token: string;
  headers: Record<string, string>;
  /** JSON when it is not a text. */
  body?: unknown;
}

export type SnippetLanguage = 'curl' | 'python' | 'javascript';

/**
 * A request to a node, ready to run.
 */
export function snippet(language: SnippetLanguage, call: ICall): string {
  const headers: Record<string, string> = {
    Authorization: `Bearer ${call.token}`,
    ...call.headers
  };
  return { curl, python, javascript }[language](call, headers);
}

function curl(call: ICall, headers: Record<string, string>): string {
  const all = isJson(call.body)
    ? { ...headers, 'Content-Type': 'application/json' }
    : headers;
  const lines = [`curl -X ${call.method} ${quoted(call.url)}`];
  for (const [name, value] of Object.entries(all)) {
    lines.push(`  -H ${quoted(`${name}: ${value}`)}`);
  }
  if (call.body !== undefined && call.body !== '') {
    lines.push(`  --data-binary ${quoted(textOf(call.body))}`);
  }
  return lines.join(' \\\n');
}

function python(call: ICall, headers: Record<string, string>): string {
  const lines = [
    'import requests',
    '',
    'answer = requests.request(',
    `    ${JSON.stringify(call.method)},`,
    `    ${JSON.stringify(call.url)},`,
    `    headers=${literal(headers)},`
  ];
  if (isJson(call.body)) {
    lines.push(`    json=${literal(call.body)},`);
  } else if (call.body) {
    lines.push(`    data=${literal(call.body)}.encode(),`);
  }
  return [...lines, ')', 'print(answer.status_code, answer.text)'].join('\n');
}

function javascript(call: ICall, headers: Record<string, string>): string {
  const all = isJson(call.body)
    ? { ...headers, 'Content-Type': 'application/json' }
    : headers;
  const lines = [
    `const answer = await fetch(${JSON.stringify(call.url)}, {`,
    `  method: ${JSON.stringify(call.method)},`,
    `  headers: ${JSON.stringify(all)},`
  ];
  if (isJson(call.body)) {
    lines.push(`  body: JSON.stringify(${JSON.stringify(call.body)})`);
  } else if (call.body) {
    lines.push(`  body: ${JSON.stringify(call.body)}`);
  }
  return [
    ...lines,
    '});',
    'console.log(answer.status, await answer.text());'
  ].join('\n');
}

function isJson(body: unknown): boolean {
  return body !== undefined && typeof body !== 'string';
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/**
 * JSON as a Python literal.
 */
function literal(value: unknown): string {
  if (value === null || value === undefined) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (Array.isArray(value)) {
    return `[${value.map(literal).join(', ')}]`;
  }
  if (typeof value === 'object') {
    const items = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}: ${literal(item)}`
    );
    return `{${items.join(', ')}}`;
  }
  return JSON.stringify(value);
}
