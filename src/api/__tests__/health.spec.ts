import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';

import { serverProblem } from '../health';

const trans = nullTranslator.load('jupyter_node_deploy');

/**
 * The problem that the user is told when the server gives this answer, and the URLs asked for.
 */
async function ask(
  answer: () => Promise<Response>
): Promise<{ problem: string | null; asked: string[] }> {
  const asked: string[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://lab.test/user/ann/',
    fetch: input => {
      asked.push(new URL((input as Request).url).pathname);
      return answer();
    }
  });
  return { problem: await serverProblem(settings, trans), asked };
}

describe('serverProblem', () => {
  it('is null when the server extension answers', async () => {
    const { problem, asked } = await ask(async () => new Response('{}'));
    expect(problem).toBeNull();
    expect(asked).toEqual(['/user/ann/jupyter-node-deploy/v1/health']);
  });

  it('says how to enable the server extension where it is missing', async () => {
    const { problem } = await ask(
      async () => new Response('<html>Not found</html>', { status: 404 })
    );
    expect(problem).toContain('http://lab.test/user/ann/');
    expect(problem).toContain(
      'jupyter server extension enable jupyter_node_deploy'
    );
  });

  it('passes on the reason of a refusal', async () => {
    const body = { code: 14, message: 'The catalog is locked.', details: [] };
    const { problem } = await ask(
      async () => new Response(JSON.stringify(body), { status: 503 })
    );
    expect(problem).toContain('The catalog is locked.');
  });

  it('tells of a server that is not there', async () => {
    const { problem } = await ask(async () => {
      throw new TypeError('Failed to fetch');
    });
    expect(problem).toContain('Failed to fetch');
  });
});
