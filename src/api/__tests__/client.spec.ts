import { ServerConnection } from '@jupyterlab/services';

import { Client } from '../client';
import { ApiError } from '../error';

/**
 * A client of a server that gives one answer, and the requests that it got.
 */
function setUp(body: BodyInit | null, status = 200) {
  const asked: { method: string; url: string; body: string }[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://lab.test/',
    fetch: async input => {
      const request = input as Request;
      asked.push({
        method: request.method,
        url: request.url
          .replace('http://lab.test/jupyter-node-deploy/v1/', '')
          .replace(/[?&]\d+$/, ''), // Lab's own, against caches
        body: await request.text()
      });
      return new Response(body, { status });
    }
  });
  return { asked, client: new Client(settings) };
}

describe('Client', () => {
  it('puts queries, names and bodies where the API has them', async () => {
    const { asked, client } = setUp('{"checkpoints": []}');
    await client.checkpoints.list({ cell_id: 'a b', limit: 1 });
    await client.checkpoints.pin('x/y', 'name');
    expect(asked[0].url).toBe('checkpoints?cell_id=a+b&limit=1');
    expect(asked[1]).toEqual({
      method: 'POST',
      url: 'checkpoints/x%2Fy:pin',
      body: '{"name":"name"}'
    });
  });

  it('takes an empty answer', async () => {
    const { client } = setUp(null, 204);
    await expect(client.checkpoints.delete('a')).resolves.toBeUndefined();
  });

  it('throws a refusal with its details', async () => {
    const details = [{ path: 'name', message: 'taken' }];
    const { client } = setUp(
      JSON.stringify({ code: 6, message: 'Taken.', details }),
      409
    );
    const error = await client.nodes.get('a').catch(failure => failure);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ message: 'Taken.', status: 409, details });
  });
});
