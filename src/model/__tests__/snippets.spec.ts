import { execFileSync } from 'child_process';

import { snippet } from '../snippets';

const CALL = {
  url: 'http://127.0.0.1:1/v1/nodes/n:execute',
  folder: 'f',
  token: 't.t',
  input: { text: 'it\'s "so" \\ \n $HOME é', list: [1, 2.5, true, null] }
};

describe('snippet', () => {
  it('survives the shell', () => {
    const echo = snippet('curl', CALL).replace(/^curl/, "printf '%s\\n'");
    const words = execFileSync('bash', ['-c', echo], { encoding: 'utf8' });
    const body = words.slice(words.indexOf('{"folder_id"'));
    expect(JSON.parse(body)).toEqual({ folder_id: 'f', input: CALL.input });
    expect(words).toContain('Authorization: Bearer t.t');
  });

  it('is Python with Python literals', () => {
    const code = snippet('python', CALL);
    expect(code).toContain('[1, 2.5, True, None]');
    execFileSync('python3', [
      '-c',
      `import ast, sys; ast.parse(sys.argv[1])`,
      code
    ]);
  });

  it('is JavaScript', () => {
    const code = snippet('javascript', CALL);
    expect(() => new Function(`return async () => {${code}}`)).not.toThrow();
  });
});
