import { act, screen, waitFor, within } from '@testing-library/react';
import * as React from 'react';

import { aSecret } from '../../../__tests__/answers';
import { Server } from '../../../__tests__/server';
import { fill, shown, told } from '../../../__tests__/shown';
import { Search } from '../../../model/search';
import { Secrets } from '../list';

/**
 * The list on a server that has these secrets, each in its folder.
 */
function show(secrets = [aSecret('db-password'), aSecret('key', 'f-team')]) {
  const server = new Server();
  server.on('GET secrets', ({ query }) => ({
    secrets: secrets.filter(one => one.folder === query.get('folder'))
  }));
  const search = new Search();
  return { ...shown(<Secrets search={search} />, server), search, server };
}

const rows = () => screen.findAllByRole('listitem');

describe('Secrets', () => {
  it('says what they are for where there is none', async () => {
    show([]);
    screen.getByText('Loading…');
    await screen.findByText(/^Passwords and keys that nodes need/);
  });

  it('says why they cannot be had', async () => {
    const server = new Server().refuse('GET folders', 'The catalog is locked.');
    shown(<Secrets search={new Search()} />, server);
    await screen.findByText('The catalog is locked.');
  });

  it('shows those of all folders, and the folder where it is not the default one', async () => {
    show();
    const [first, second] = await rows();
    expect(first.textContent).toBe('db-password3 hr. ago');
    await waitFor(() => expect(second.textContent).toBe('keyteam3 hr. ago'));
  });

  it('leaves those that the search matches', async () => {
    const { search } = show();
    await rows();
    act(() => void (search.text = 'KEY'));
    expect(await rows()).toHaveLength(1);
    act(() => void (search.text = 'nothing'));
    screen.getByText('No secret matches the search.');
  });

  it('shows a secret as soon as another one has made it', async () => {
    const secrets = [aSecret('one')];
    const { server } = show(secrets);
    await rows();
    secrets.push(aSecret('another'));
    server.socket.tell('secret', 'created', 'f-default/another');
    await screen.findByText('another');
  });

  it('puts a new value into the folder of the secret', async () => {
    const { server, user } = show();
    server.on('POST secrets', aSecret('key', 'f-team'));
    await user.click(await screen.findByText('key'));
    const dialog = within(await screen.findByRole('dialog'));
    dialog.getByText('New value of key');
    await fill(user, dialog.getByLabelText('Value'), ' s3cret');
    await user.click(dialog.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(told()).toHaveLength(1));
    expect(server.changes).toEqual([
      {
        request: 'POST secrets',
        body: { name: 'key', value: ' s3cret', folder: 'f-team' }
      }
    ]);
  });

  it('asks again, with what was typed, when the server refuses the value', async () => {
    const { server, user } = show();
    server.refuse('POST secrets', 'Too long.');
    await user.click(await screen.findByText('key'));
    await fill(user, await screen.findByLabelText('Value'), 'long');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    const refusal = await screen.findByRole('alert');
    expect(refusal.textContent).toBe('Too long.');
    expect(screen.getByLabelText<HTMLInputElement>('Value').value).toBe('long');
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(server.changes).toHaveLength(1);
  });

  it('deletes one once the user has confirmed', async () => {
    const secrets = [aSecret('db-password'), aSecret('key', 'f-team')];
    const { server, user } = show(secrets);
    server.on('DELETE secrets/key', ({ query }) => {
      expect(query.get('folder')).toBe('f-team');
      secrets.pop();
    });
    await user.click(await screen.findByRole('button', { name: 'Delete key' }));
    expect(server.changes).toEqual([]);
    await user.click(await screen.findByRole('button', { name: 'Delete' }));
    await waitFor(async () => expect(await rows()).toHaveLength(1));
    screen.getByText('db-password');
    expect(server.changes).toEqual([
      { request: 'DELETE secrets/key', body: undefined }
    ]);
  });

  it('deletes nothing when the user thinks better of it', async () => {
    const { server, user } = show();
    await user.click(await screen.findByRole('button', { name: 'Delete key' }));
    await user.click(await screen.findByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(server.changes).toEqual([]);
  });

  it('tells why one is not deleted', async () => {
    const { server, user } = show();
    server.refuse('DELETE secrets/key', 'The node dice uses it.');
    await user.click(await screen.findByRole('button', { name: 'Delete key' }));
    await user.click(await screen.findByRole('button', { name: 'Delete' }));
    await waitFor(() => expect(told()).toEqual(['The node dice uses it.']));
    expect(await rows()).toHaveLength(2);
  });
});
