import { screen, waitFor, within } from '@testing-library/react';

import {
  aCell,
  aDocker,
  aSuggestion,
  aVariable
} from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { fill } from '../../../__tests__/shown';
import type { Node, NodeAnswer } from '../../../api/schema';
import { showPage } from './shown-page';

const REQUEST = 'POST nodes/n1:request';

const ANSWER: NodeAnswer = {
  body: '{"total": 4}',
  encoding: 'text',
  headers: { 'content-type': 'application/json' },
  seconds: 0.0123,
  status: 200
};

function show(change: Partial<Node> = {}, server = new Server()) {
  return showPage(change, 'Request', server.on(REQUEST, ANSWER));
}

const field = (label: string) =>
  screen.getByLabelText<HTMLInputElement>(label, { exact: true });
const execute = () =>
  screen.getByRole<HTMLButtonElement>('button', { name: 'Execute' });

/**
 * The field of a cell's input, once there is an example in it.
 */
async function input(): Promise<HTMLInputElement> {
  await waitFor(() => expect(field('Input').value).not.toBe(''));
  return field('Input');
}

describe('Request to a cell', () => {
  const cell = aCell({
    inputs: [
      aVariable('sides'),
      aVariable('seed', { required: false, default: 3 }),
      aVariable('label')
    ]
  });

  it('begins with the values of the checkpoint, else the defaults', async () => {
    await show({ cell });
    const example = JSON.parse((await input()).value);
    expect(example).toEqual({ sides: 6, seed: 3, label: null });
  });

  it('begins with the names when the checkpoint is gone', async () => {
    const server = new Server().refuse('POST checkpoints/c1:suggest', 'Gone.');
    await show({ cell }, server);
    const example = JSON.parse((await input()).value);
    expect(example).toEqual({ sides: null, seed: 3, label: null });
  });

  it('keeps what was typed before the example came', async () => {
    const server = new Server();
    const release = server.hold('POST checkpoints/c1:suggest');
    const { user } = await show({ cell }, server);
    expect(execute().disabled).toBe(true);
    await fill(user, field('Input'), '{"sides": 20}');
    release();
    await waitFor(() => expect(execute().disabled).toBe(false));
    expect(field('Input').value).toBe('{"sides": 20}');
  });

  it('sends what is typed, digit by digit, and shows the answer', async () => {
    const { server, user } = await show({ cell });
    await fill(user, await input(), '{"sides": 12345678901234567890}');
    await user.click(execute());
    await screen.findByText(/"total": 4/);
    expect(server.changes).toEqual([
      {
        request: REQUEST,
        body: {
          method: 'POST',
          path: '/v1/nodes/n1:execute',
          headers: { 'Content-Type': 'application/json' },
          body: '{"input": {"sides": 12345678901234567890}}'
        }
      }
    ]);
  });

  it('sends no input that is not JSON', async () => {
    const { server, user } = await show({ cell });
    await fill(user, await input(), '{sides}');
    await user.click(execute());
    await screen.findByText(/^Not JSON: /);
    expect(server.changes).toEqual([]);
  });

  it('says why there is no answer, until there is one', async () => {
    const { server, user } = await show({ cell });
    server.refuse(REQUEST, 'The instance is gone. Try again.');
    await input();
    await user.click(execute());
    await screen.findByText('The instance is gone. Try again.');
    server.on(REQUEST, ANSWER);
    await user.click(execute());
    await screen.findByText(/"total": 4/);
    expect(screen.queryByText(/The instance is gone/)).toBeNull();
  });

  it.each(['CREATED', 'PREPARING', 'FAILED', 'SUSPENDED'] as const)(
    'is not sent while the node is %s',
    async status => {
      await show({ cell, status });
      await input();
      expect(execute().disabled).toBe(true);
      expect(execute().title).toBe(`The node is ${status}`);
    }
  );

  it('asks for the suggestion of the checkpoint of the node', async () => {
    const server = new Server();
    server.on('POST checkpoints/c9:suggest', aSuggestion({ input: { a: 1 } }));
    const inputs = [aVariable('a')];
    await show({ cell: aCell({ checkpoint: 'c9', inputs }) }, server);
    expect(JSON.parse((await input()).value)).toEqual({ a: 1 });
  });
});

describe('Request to a Docker image', () => {
  it('sends method, path, headers and body as they are typed', async () => {
    const { server, user } = await show({ type: 'docker' });
    await user.selectOptions(field('Method'), 'PUT');
    await fill(user, field('Path'), '/items/1?a=b');
    await fill(user, field('Headers'), 'X-One: 1\nnonsense\nX-Two:two');
    await fill(user, field('Body'), 'text');
    await user.click(execute());
    await screen.findByText(/"total": 4/);
    expect(server.bodies(REQUEST)).toEqual([
      {
        method: 'PUT',
        path: '/items/1?a=b',
        headers: { 'X-One': '1', 'X-Two': 'two' },
        body: 'text'
      }
    ]);
  });

  it.each(['GET', 'HEAD'])('sends no body with %s', async method => {
    const { server, user } = await show({ type: 'docker' });
    await user.selectOptions(field('Method'), 'POST');
    await fill(user, field('Body'), 'text');
    await user.selectOptions(field('Method'), method);
    expect(screen.queryByLabelText('Body')).toBeNull();
    await user.click(execute());
    await waitFor(() => expect(server.bodies(REQUEST)).toHaveLength(1));
    expect(server.bodies(REQUEST)[0]).toMatchObject({ method, body: '' });
  });

  it.each([
    ['grpc', /^The node speaks gRPC/],
    ['http2', /^The node speaks HTTP\/2/]
  ] as const)('leaves %s to other clients', async (type, words) => {
    const { endpoint } = aDocker();
    const docker = aDocker({ endpoint: { ...endpoint, type } });
    await show({ type: 'docker', docker });
    within(screen.getByRole('tabpanel', { name: 'Request' })).getByText(words);
    expect(screen.queryByRole('button', { name: 'Execute' })).toBeNull();
  });
});
