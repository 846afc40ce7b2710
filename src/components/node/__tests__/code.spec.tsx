import { screen, waitFor, within } from '@testing-library/react';

import { aCell, aVariable } from '../../../__tests__/answers';
import { clipboard } from '../../../__tests__/browser';
import { Server } from '../../../__tests__/server';
import { fill } from '../../../__tests__/shown';
import type { Node } from '../../../api/schema';
import { showPage } from './shown-page';

function show(change: Partial<Node> = {}, server = new Server()) {
  const cell = aCell({ inputs: [aVariable('sides')] });
  return showPage({ cell, ...change }, 'Request', server);
}

/** The code that is shown, in whichever language. */
const code = () =>
  screen.getByRole('textbox', { name: /^(cURL|Python|JavaScript)$/ })
    .textContent ?? '';

const token = { expires_at: 0, folder: 'f', id: 't1', token: 'abc.def' };

describe('Code', () => {
  it('has the request with the example, and a place for the token', async () => {
    await show();
    await waitFor(() => expect(code()).toContain('"input":{"sides":6}'));
    expect(code()).toContain('http://gateway.test/v1/nodes/n1:execute');
    expect(code()).toContain('"folder_id":"f-default"');
    expect(code()).toContain('Authorization: Bearer <TOKEN>');
  });

  it.each([
    ['Python', 'import requests'],
    ['JavaScript', 'await fetch(']
  ])('is there in %s, too', async (language, words) => {
    const { user } = await show();
    await waitFor(() => expect(code()).toContain('sides'));
    await user.click(screen.getByRole('tab', { name: language }));
    expect(code()).toContain(words);
    expect(code()).toContain('http://gateway.test/v1/nodes/n1:execute');
    await user.click(screen.getByRole('button', { name: `Copy: ${language}` }));
    expect(clipboard.text).toContain(words);
  });

  it('is that of a Docker image at its own path, with the headers that find it', async () => {
    const { user } = await show({ type: 'docker', cell: null });
    expect(code()).toContain("curl -X GET 'http://gateway.test/'");
    await user.selectOptions(screen.getByLabelText('Method'), 'POST');
    await fill(user, screen.getByLabelText('Path'), '/items');
    await fill(user, screen.getByLabelText('Headers'), 'X-One: 1');
    await fill(user, screen.getByLabelText('Body'), 'text');
    expect(code()).toContain("curl -X POST 'http://gateway.test/items'");
    expect(code()).toContain('x-node-id: n1');
    expect(code()).toContain('x-folder-id: f-default');
    expect(code()).toContain('X-One: 1');
    expect(code()).toContain("--data-binary 'text'");
  });

  it('goes on while the input is not JSON', async () => {
    const { user } = await show();
    await waitFor(() => expect(code()).toContain('sides'));
    await fill(user, screen.getByLabelText('Input'), '{');
    expect(code()).toContain('"input":{}');
  });
});

describe('Token', () => {
  it('is made for the folder of the node and shown, in the code, too', async () => {
    const server = new Server().on('POST tokens', token);
    const { user } = await show({ folder: 'f-team' }, server);
    const valid = screen.getByLabelText<HTMLSelectElement>('Valid for');
    await user.selectOptions(valid, '1 hour');
    await user.click(screen.getByRole('button', { name: 'Create token' }));
    const part = within(screen.getByRole('region', { name: 'Token' }));
    await part.findByText('abc.def');
    await waitFor(() => expect(code()).toContain('Bearer abc.def'));
    await user.click(part.getByRole('button', { name: 'Copy: Token' }));
    expect(clipboard.text).toBe('abc.def');
    expect(server.changes).toEqual([
      {
        request: 'POST tokens',
        body: { folder: 'f-team', ttl_seconds: 3600, description: '' }
      }
    ]);
  });

  it('says why there is none', async () => {
    const server = new Server().refuse(
      'POST tokens',
      'You are not authorized.'
    );
    const { user } = await show({}, server);
    await user.click(screen.getByRole('button', { name: 'Create token' }));
    await screen.findByText('You are not authorized.');
    expect(code()).toContain('<TOKEN>');
  });
});
