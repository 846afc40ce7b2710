import { screen, waitFor, within } from '@testing-library/react';
import * as React from 'react';

import { aNode } from '../../../__tests__/answers';
import { clipboard } from '../../../__tests__/browser';
import { Server } from '../../../__tests__/server';
import { shown, told } from '../../../__tests__/shown';
import { NodePage } from '../page';
import { showPage } from './shown-page';

const button = (name: string) =>
  within(screen.getByRole('toolbar')).getByRole<HTMLButtonElement>('button', {
    name
  });

const status = () => screen.getByRole('status').textContent;

/**
 * Presses a button of the page's head, and the one that confirms it.
 */
async function press(
  user: Awaited<ReturnType<typeof showPage>>['user'],
  name: string,
  confirmation: string
) {
  await user.click(button(name));
  const dialog = within(await screen.findByRole('dialog'));
  await user.click(dialog.getByRole('button', { name: confirmation }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
}

describe('NodePage', () => {
  it('says that it is loading, or why it cannot', async () => {
    const server = new Server().refuse('GET nodes/n1', 'There is no node n1.');
    const calls = { onTitle: jest.fn(), onGone: jest.fn() };
    shown(<NodePage id="n1" {...calls} />, server);
    screen.getByText('Loading…');
    await screen.findByText('There is no node n1.');
    expect(calls.onTitle).not.toHaveBeenCalled();
  });

  it('shows name, description, status, reason and address', async () => {
    const { onTitle } = await showPage({
      description: 'Rolls dice',
      status: 'UNHEALTHY',
      reason: 'Healthy instances: 1 of 2.'
    });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('dice');
    screen.getByText('Rolls dice');
    expect(status()).toBe('!UNHEALTHYHealthy instances: 1 of 2.');
    screen.getByText('http://gateway.test/v1/nodes/n1:execute');
    expect(onTitle.mock.calls).toEqual([['dice']]);
  });

  it('copies the address', async () => {
    const { user } = await showPage();
    await user.click(screen.getByRole('button', { name: 'Copy: Execute URL' }));
    expect(clipboard.text).toBe('http://gateway.test/v1/nodes/n1:execute');
    screen.getByRole('button', { name: 'Copied' });
  });

  it('says that the address is not known while the gateway does not run', async () => {
    await showPage({ execute_url: null });
    screen.getByText('Not known while the gateway does not run');
  });

  it('follows the node, and keeps what it had while the server refuses', async () => {
    const { server } = await showPage({ status: 'PREPARING' });
    expect(status()).toBe('PREPARING');
    server.on('GET nodes/n1', aNode());
    server.socket.tell('node', 'changed', 'n1');
    await waitFor(() => expect(status()).toBe('✓HEALTHY'));
    server.refuse('GET nodes/n1', 'Busy.');
    server.socket.tell('node', 'changed', 'n1');
    await screen.findByText('Busy.');
    expect(status()).toBe('✓HEALTHY');
  });

  it('leaves the events of other nodes alone', async () => {
    const { server } = await showPage();
    const before = server.bodies('GET nodes/n1').length;
    server.socket.tell('node', 'changed', 'n2');
    server.socket.tell('checkpoint', 'changed', 'n1');
    await waitFor(() => expect(server.bodies('GET nodes')).toHaveLength(1));
    expect(server.bodies('GET nodes/n1')).toHaveLength(before);
  });

  it('reads the node again when the server is back', async () => {
    const { server } = await showPage({ status: 'PREPARING' });
    server.on('GET nodes/n1', aNode());
    server.socket.open();
    await waitFor(() => expect(status()).toBe('✓HEALTHY'));
  });

  it('goes once the node is deleted', async () => {
    const { onGone, server } = await showPage({ status: 'DELETING' });
    server.socket.tell('node', 'deleted', 'n2');
    server.socket.tell('node', 'changed', 'n1');
    expect(onGone).not.toHaveBeenCalled();
    server.socket.tell('node', 'deleted', 'n1');
    expect(onGone).toHaveBeenCalledTimes(1);
    await waitFor(() => expect(server.bodies('GET nodes')).toHaveLength(2));
  });

  it('opens the form that changes the node', async () => {
    const { ui, user } = await showPage();
    await user.click(button('Edit…'));
    expect(ui.openEditor.mock.calls).toEqual([['n1']]);
  });

  it.each([
    ['Suspend', 'Suspend', 'POST nodes/n1:suspend'],
    ['Restart', 'Restart', 'POST nodes/n1:restart'],
    ['Delete', 'Delete', 'DELETE nodes/n1']
  ])('asks first, then does it: %s', async (name, confirmation, request) => {
    const { server, user } = await showPage();
    server.on(request, aNode());
    await press(user, name, 'Cancel');
    expect(server.changes).toEqual([]);
    await press(user, name, confirmation);
    await waitFor(() =>
      expect(server.changes).toEqual([{ request, body: undefined }])
    );
    expect(told()).toEqual([]);
  });

  it('resumes a suspended node, which can be neither suspended nor restarted', async () => {
    const { server, user } = await showPage({ status: 'SUSPENDED' });
    server.on('POST nodes/n1:resume', aNode());
    expect(screen.queryByRole('button', { name: 'Suspend' })).toBeNull();
    expect(button('Restart').disabled).toBe(true);
    await user.click(button('Resume'));
    expect(server.changes).toEqual([
      { request: 'POST nodes/n1:resume', body: undefined }
    ]);
  });

  it('offers nothing but to edit while the node is being deleted', async () => {
    await showPage({ status: 'DELETING' });
    for (const name of ['Suspend', 'Restart', 'Delete']) {
      expect(button(name).disabled).toBe(true);
    }
  });

  it('tells why something was not done', async () => {
    const { server, user } = await showPage({ status: 'SUSPENDED' });
    server.refuse('POST nodes/n1:resume', 'No room for it.');
    await user.click(button('Resume'));
    await waitFor(() => expect(told()).toEqual(['No room for it.']));
  });

  it('takes a second click only once the first is done', async () => {
    const { server, user } = await showPage({ status: 'SUSPENDED' });
    server.on('POST nodes/n1:resume', aNode());
    const release = server.hold('POST nodes/n1:resume');
    await user.click(button('Resume'));
    expect(button('Resume').disabled).toBe(true);
    await user.click(button('Resume'));
    release();
    await waitFor(() => expect(button('Resume').disabled).toBe(false));
    expect(server.changes).toHaveLength(1);
  });

  it('goes through the tabs with the arrow keys', async () => {
    const { user } = await showPage();
    const tab = (name: string) => screen.getByRole('tab', { name });
    expect(document.activeElement).toBe(tab('Overview'));
    await user.keyboard('{ArrowLeft}');
    expect(document.activeElement).toBe(tab('Revisions'));
    screen.getByRole('tabpanel', { name: 'Revisions' });
    await user.keyboard('{ArrowRight}');
    expect(tab('Overview').getAttribute('aria-selected')).toBe('true');
    screen.getByRole('tabpanel', { name: 'Overview' });
  });
});
