import { execFileSync } from 'child_process';

import type { ICall } from '../snippets';
import { snippet } from '../snippets';

const INPUT = { text: 'it\'s "so" \\ \n $HOME é', list: [1, 2.5, true, null] };
const CALL: ICall = {
  method: 'POST',
  url: 'http://127.0.0.1:1/v1/nodes/n:execute',
  token: 't.t',
  headers: {},
  body: { folder_id: 'f', input: INPUT }
};
const TEXT: ICall = {
  ...CALL,
  method: 'PUT',
  headers: { 'x-node-id': "n'1" },
  body: 'plain "text"'
};

describe('snippet', () => {
  it('survives the shell', () => {
    const echo = snippet('curl', CALL).replace(/^curl/, "printf '%s\\n'");
    const words = execFileSync('bash', ['-c', echo], { encoding: 'utf8' });
    const body = words.slice(words.indexOf('{"folder_id"'));
    expect(JSON.parse(body)).toEqual({ folder_id: 'f', input: INPUT });
    expect(words).toContain('Authorization: Bearer t.t');
    expect(words).toContain('Content-Type: application/json');
  });

  it('has the headers and the text that were typed', () => {
    const echo = snippet('curl', TEXT).replace(/^curl/, "printf '%s\\n'");
    const words = execFileSync('bash', ['-c', echo], { encoding: 'utf8' });
    expect(words.split('\n')).toEqual(
      expect.arrayContaining(["x-node-id: n'1", 'plain "text"'])
    );
    expect(words).not.toContain('Content-Type');
  });

  it('is Python with Python literals', () => {
    expect(snippet('python', CALL)).toContain('[1, 2.5, True, None]');
    for (const call of [CALL, TEXT]) {
      const code = snippet('python', call);
      execFileSync('python3', [
        '-c',
        'import ast, sys; ast.parse(sys.argv[1])',
        code
      ]);
    }
  });

  it('is JavaScript', () => {
    for (const call of [CALL, TEXT]) {
      const code = snippet('javascript', call);
      expect(() => new Function(`return async () => {${code}}`)).not.toThrow();
    }
  });
});
